using Repro.Shared.Cluster;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;

namespace Repro.Cluster.Tests;

/// <summary>A cluster without a database: SQLite, and a membership that is the first silo's. Real processes.</summary>
public class OneMachineClusterTests
{
    private const string Sweep = "here";

    private const int Trials = 12, Steps = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public void One_silo_trains_a_sweep()
    {
        using var cluster = new LiveCluster(server: null, silos: 1, slots: 2, workers: true);
        Submit(cluster);
        cluster.WaitForCompleted(Sweep, Trials, Patience);
        Assert.Empty(cluster.Wrong(Sweep, Trials, Steps));
        // A sweep that is done is out of the queue.
        cluster.WaitForStatus(status => status.Sweeps.Count == 0);
    }

    [Fact]
    public void Two_silos_share_a_sweep_and_the_first_goes_on_alone_when_the_second_is_killed()
    {
        using var cluster = new LiveCluster(server: null, silos: 2, slots: 2, workers: true);
        var (first, second) = (cluster.Silos.First(), cluster.Silos.Last());
        Submit(cluster);
        cluster.WaitForCheckpoint(Sweep, second.Host!, latest: Steps / 2, Patience);
        second.Kill();
        cluster.WaitForCompleted(Sweep, Trials, Patience);
        Assert.Empty(cluster.Wrong(Sweep, Trials, Steps));
        var lost = cluster.Events(Sweep).OfType<RunFailed>().ToList();
        Assert.NotEmpty(lost);
        Assert.All(cluster.Events(Sweep).OfType<RunStarted>().Where(started => lost.Any(failed => failed.Run == started.Run && failed.Attempt < started.Attempt)), again => Assert.Equal(first.Host, again.Host));
        Assert.Equal(second.Host, Assert.Single(cluster.WaitForStatus(status => status.Dead.Count > 0).Dead).Name);
    }

    private static void Submit(LiveCluster cluster) => cluster.Submit(Sweep, FakeHost.Study($"steps={Steps},step_ms=50,checkpoint_every=5,marks=1", trials: Trials));
}
