using Repro.Cluster.Grains;
using Repro.Workers.Silos;

namespace Repro.Cluster.Tests.Grains;

public class QueueGrainTests
{
    [Fact]
    public async Task It_has_what_the_store_and_the_beats_say_also_when_it_begins_anew()
    {
        await using var cluster = await GrainCluster.Start();
        var silo = cluster.Silos[0];
        await cluster.Submit("one");
        await cluster.Submit("two");
        await cluster.Submit("back");
        await cluster.Queue.Withdraw("back");
        // Of another cluster, and of none.
        cluster.Create("theirs");
        cluster.Store.Renew("theirs", ClusterSweep.LeaseOf("elsewhere"), TimeSpan.FromDays(1));
        cluster.Create("own");
        await cluster.Beat(silo);
        Assert.Equal("one", (await cluster.Queue.Next(GrainCluster.Host(silo), "cpu-0", null, 0))!.Value.Value.Sweep);

        await cluster.Forget(cluster.Queue);
        await cluster.Beat(silo, serves: "one");
        // Its first looks take up what the store has.
        await GrainCluster.Until(async () => (await cluster.Queue.Status()).Value.Sweeps.Count == 2);
        Assert.Equal("two", (await cluster.Queue.Next(GrainCluster.Host(silo), "cpu-0", "one", long.MaxValue))!.Value.Value.Sweep);
        await cluster.Beat(silo, serves: "two");
        var status = (await cluster.Queue.Status()).Value;
        Assert.Equal([("one", 0), ("two", 1)], status.Sweeps.Select(place => (place.Sweep.Name, place.LentSlots)).Order());
        Assert.Equal((GrainCluster.Host(silo), "two"), (status.Silos.Single().Name, status.Silos.Single().Slots.Single().Serves));
    }

    [Fact]
    public async Task It_goes_on_elsewhere_when_its_silo_is_killed_and_counts_that_silo_as_dead()
    {
        await using var cluster = await GrainCluster.Start();
        await cluster.Submit("one");
        foreach (var silo in cluster.Silos) await cluster.Beat(silo);
        var killed = cluster.Where(cluster.Queue);
        var left = cluster.Silos.Single(silo => silo != killed);
        await cluster.Kill(killed);

        await cluster.Beat(left, serves: "one");
        Assert.Same(left, cluster.Where(cluster.Queue));
        var status = (await cluster.Queue.Status()).Value;
        Assert.Equal(GrainCluster.Host(left), Assert.Single(status.Silos).Name);
        Assert.Equal(GrainCluster.Host(killed), Assert.Single(status.Dead).Name);
        // What it had sent before it died comes late.
        Assert.False((await cluster.Beat(killed)).Accepted);
    }

    [Fact]
    public async Task A_silo_that_leaves_with_the_queue_on_it_is_known_as_gone_by_the_next_queue()
    {
        await using var cluster = await GrainCluster.Start();
        foreach (var silo in cluster.Silos) await cluster.Beat(silo);
        var leaves = cluster.Where(cluster.Queue);
        await cluster.Stop(leaves);
        await GrainCluster.Until(async () => (await cluster.Queue.Status()).Value.Dead.Any(dead => dead.Name == GrainCluster.Host(leaves)));
    }

    [Fact]
    public async Task A_silo_that_drains_goes_on_draining_when_the_queue_begins_anew_for_its_beats_say_so()
    {
        await using var cluster = await GrainCluster.Start();
        var silo = cluster.Silos[0];
        await cluster.Beat(silo);
        var drained = cluster.Queue.Drain(GrainCluster.Host(silo));
        await GrainCluster.Until(async () => (await cluster.Beat(silo)).Drained);
        await cluster.Beat(silo, drained: true);
        Assert.Null(await drained);
        await cluster.Forget(cluster.Queue);
        Assert.True((await cluster.Beat(silo, drained: true)).Drained);
    }

    [Fact]
    public async Task Only_a_silo_that_there_is_can_be_drained()
    {
        await using var cluster = await GrainCluster.Start();
        Assert.Equal("There is no silo 'gpu7'. None has joined.", await cluster.Queue.Drain("gpu7"));
    }

    [Fact]
    public async Task A_sweep_that_cannot_be_taken_on_is_refused_with_the_reason_whichever_silo_decides_for_it()
    {
        await using var cluster = await GrainCluster.Start();
        // Grains come to be on silos by chance: of so many some are on the other one than the queue.
        for (var i = 0; i < 8; i++)
        {
            Assert.StartsWith($"There is no sweep 'none-{i}' in ", await cluster.Queue.Submit($"none-{i}"), StringComparison.Ordinal);
            cluster.Create($"own-{i}");
            cluster.Store.Renew($"own-{i}", "own-host", TimeSpan.FromDays(1));
            Assert.Contains("is being worked on by own-host, outside of the cluster", await cluster.Queue.Submit($"own-{i}"), StringComparison.Ordinal);
        }
    }
}
