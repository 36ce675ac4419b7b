using Repro.Shared;
using Repro.Shared.Cluster;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;

namespace Repro.Cluster.Tests;

/// <summary>Silos that a person drains in the middle of a sweep: real processes, real PostgreSQL.</summary>
public class DrainedClusterTests
{
    private const string Sweep = "drained";

    private const int Trials = 24, Steps = 30;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [SkippableFact]
    public async Task A_silo_that_is_drained_hands_its_runs_over_from_their_checkpoints_and_leaves_and_nothing_is_lost()
    {
        using var server = new PostgresServer();
        Skip.IfNot(server.Available, PostgresServer.Missing);
        using var cluster = new LiveCluster(server, silos: 2, slots: 2, workers: true);
        var (drained, stays) = (cluster.Silos.First(), cluster.Silos.Last());
        Submit(cluster);
        cluster.WaitForCheckpoint(Sweep, drained.Host!, latest: Steps / 3, Patience);
        await cluster.Client.Drain(drained.Host!, CancellationToken.None);
        HasLeft(cluster, drained);

        var status = cluster.WaitForStatus(status => status.Dead.Any(dead => dead.Name == drained.Host));
        Assert.Contains("left", Assert.Single(status.Dead).Why, StringComparison.Ordinal);
        Assert.Equal(stays.Host, Assert.Single(status.Silos).Name);
        cluster.WaitForCompleted(Sweep, Trials, Patience);
        Assert.NotEmpty(HandedOver(cluster));
        Assert.All(HandedOver(cluster), pair => Assert.Equal((drained.Host, stays.Host), (pair.Before, pair.After)));
    }

    [SkippableFact]
    public async Task A_cluster_that_was_drained_as_a_whole_keeps_its_sweep_for_the_first_silo_that_comes()
    {
        using var server = new PostgresServer();
        Skip.IfNot(server.Available, PostgresServer.Missing);
        using var cluster = new LiveCluster(server, silos: 2, slots: 2, workers: true);
        var all = cluster.Silos.ToList();
        Submit(cluster);
        cluster.WaitForCheckpoint(Sweep, all[0].Host!, latest: Steps / 3, Patience);
        foreach (var silo in all) await cluster.Client.Drain(silo.Host!, CancellationToken.None);
        foreach (var silo in all) HasLeft(cluster, silo);
        var state = new SweepState();
        foreach (var happened in cluster.Events(Sweep)) state.Apply(happened);
        Assert.Empty(state.Running);

        var next = cluster.Start("silo-2");
        next.WaitForJoin(Patience);
        cluster.WaitForCompleted(Sweep, Trials, Patience);
        Assert.NotEmpty(HandedOver(cluster));
        // What the first had may have gone to the second, until that was drained too.
        Assert.All(HandedOver(cluster), pair => Assert.True(pair.After == next.Host || (pair.Before, pair.After) == (all[0].Host, all[1].Host), $"{pair.Before} handed over to {pair.After}"));
        Assert.Contains(HandedOver(cluster), pair => pair.After == next.Host);
    }

    private static void Submit(LiveCluster cluster) => cluster.Submit(Sweep, FakeHost.Study($"steps={Steps},step_ms=100,checkpoint_every=3,marks=1", trials: Trials));

    private static void HasLeft(LiveCluster cluster, FakeSiloProcess silo)
    {
        Assert.True(silo.WaitForEnd(Patience), cluster.Story());
        Assert.Equal(0, silo.ExitCode);
        Assert.Equal("Left", silo.Lines[^1]);
    }

    // Of a finished sweep in which nothing went wrong: who had a run that was paused, and who went on with it from there.
    private static List<(string Before, string After)> HandedOver(LiveCluster cluster)
    {
        Assert.Empty(cluster.Wrong(Sweep, Trials, Steps));
        var events = cluster.Events(Sweep);
        // Whoever drains says how its runs stand: none is lost, and found later.
        Assert.Empty(events.OfType<RunFailed>());
        var starts = events.OfType<RunStarted>().ToDictionary(started => (started.Run, started.Attempt));
        return events.OfType<RunPaused>().Select(paused =>
        {
            var next = starts[(paused.Run, paused.Attempt + 1)];
            Assert.Equal(paused.Step, next.From ?? 0);
            return (starts[(paused.Run, paused.Attempt)].Host, next.Host);
        }).ToList();
    }
}
