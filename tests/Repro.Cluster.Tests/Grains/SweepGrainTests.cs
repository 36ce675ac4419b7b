using Repro.Cluster.Grains;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;

namespace Repro.Cluster.Tests.Grains;

public class SweepGrainTests
{
    private static readonly Wire<SlotClaim> Slot = new SlotClaim("cpu-0", 0);

    [Fact]
    public async Task It_is_rebuilt_from_the_store_and_answers_a_question_that_was_asked_before_as_before()
    {
        await using var cluster = await GrainCluster.Start();
        await cluster.Submit("one");
        var host = GrainCluster.Host(cluster.Silos[0]);
        var first = (await cluster.Sweep("one").Claim(host, Slot)).Value.Run!;
        await cluster.Forget(cluster.Sweep("one"));
        var again = (await cluster.Sweep("one").Claim(host, Slot)).Value.Run!;
        Assert.Equal((first.Run, first.Attempt, first.Seed), (again.Run, again.Attempt, again.Seed));

        Wire<RunReport> report = new RunReport(first.Run, first.Attempt, [], []);
        Wire<WorkerMessage> completed = new CompletedMessage(10, new Dictionary<string, double> { ["loss"] = 0.5 });
        var next = (await cluster.Sweep("one").End(host, report, completed, Slot)).Value.Next.Run!;
        await cluster.Forget(cluster.Sweep("one"));
        Assert.Equal((next.Run, next.Attempt), (await cluster.Sweep("one").End(host, report, completed, Slot)).Value.Next.Run is { } same ? (same.Run, same.Attempt) : default);
        Assert.Single(cluster.Store.Read("one").OfType<RunCompleted>());
    }

    [Fact]
    public async Task It_goes_on_elsewhere_when_its_silo_is_killed_and_gives_that_silos_runs_to_others()
    {
        await using var cluster = await GrainCluster.Start();
        await cluster.Submit("one", trials: 2);
        var killed = cluster.Where(cluster.Sweep("one"));
        var left = cluster.Silos.Single(silo => silo != killed);
        var lost = (await cluster.Sweep("one").Claim(GrainCluster.Host(killed), Slot)).Value.Run!;
        var kept = (await cluster.Sweep("one").Claim(GrainCluster.Host(left), Slot)).Value.Run!;
        var saved = new CheckpointRecorded(lost.Run, 1, 4, "0-0/attempt-1/step-4", "00", 1) { At = DateTimeOffset.UtcNow };
        await cluster.Sweep("one").Report(GrainCluster.Host(killed), new RunReport(lost.Run, 1, [], [saved]));
        await cluster.Kill(killed);

        Assert.False(await cluster.Sweep("one").Look());
        Assert.Same(left, cluster.Where(cluster.Sweep("one")));
        var again = (await cluster.Sweep("one").Claim(GrainCluster.Host(left), new SlotClaim("cpu-1", 0))).Value.Run!;
        Assert.Equal((lost.Run, 2, 4L), (again.Run, again.Attempt, Assert.Single(again.Checkpoints).Step));
        // Who lives keeps what it has; who is dead is refused.
        Assert.Equal((kept.Run, 1), (await cluster.Sweep("one").Claim(GrainCluster.Host(left), Slot)).Value.Run is { } same ? (same.Run, same.Attempt) : default);
        Assert.Equal(Directive.End, (await cluster.Sweep("one").Report(GrainCluster.Host(killed), new RunReport(lost.Run, 1, [], []))).Value.Directive);
    }

    [Fact]
    public async Task A_finished_sweep_leaves_the_queue_and_its_grain_goes()
    {
        await using var cluster = await GrainCluster.Start();
        await cluster.Submit("one", trials: 1);
        var host = GrainCluster.Host(cluster.Silos[0]);
        var run = (await cluster.Sweep("one").Claim(host, Slot)).Value.Run!;
        var end = (await cluster.Sweep("one").End(host, new RunReport(run.Run, run.Attempt, [], []), new CompletedMessage(10, new Dictionary<string, double> { ["loss"] = 0.5 }), Slot)).Value;
        Assert.Null(end.Next.Run);
        // The queue asks each sweep every other second, and takes out whom it finds finished.
        await cluster.Deactivated(cluster.Sweep("one"));
        await GrainCluster.Until(async () => (await cluster.Queue.Status()).Value.Sweeps.Count == 0);
        Assert.Empty(cluster.Store.Alive("one"));
    }
}
