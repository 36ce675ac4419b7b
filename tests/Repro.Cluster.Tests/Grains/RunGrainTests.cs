using Orleans;
using Repro.Cluster.Grains;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;

namespace Repro.Cluster.Tests.Grains;

public class RunGrainTests
{
    [Fact]
    public async Task It_stands_on_the_silo_that_trains_the_run_whoever_asks_for_it()
    {
        await using var cluster = await GrainCluster.Start();
        foreach (var (trial, silo) in cluster.Silos.Index())
        {
            var run = new RunAttempt(new RunKey(trial, 0), 1);
            await cluster.Of(silo).GetGrain<IRunGrain>(RunGrainKey.Of("one", run)).Begin(GrainCluster.Host(silo));
            Assert.Same(silo, cluster.Where(cluster.Run("one", run)));
        }
    }

    [Fact]
    public async Task Asked_for_where_nobody_trains_the_run_it_knows_nothing_and_does_not_stay()
    {
        await using var cluster = await GrainCluster.Start();
        var run = new RunAttempt(new RunKey(0, 0), 1);
        var gone = cluster.Run("one", run);
        Assert.Null(await gone.Standing());
        await cluster.Deactivated(gone);
        // So that the silo which then trains it has it.
        await cluster.Of(cluster.Silos[1]).GetGrain<IRunGrain>(RunGrainKey.Of("one", run)).Begin(GrainCluster.Host(cluster.Silos[1]));
        Assert.Same(cluster.Silos[1], cluster.Where(gone));
    }

    [Fact]
    public async Task Asked_for_again_and_again_by_whoever_follows_it_comes_all_the_same_to_the_silo_that_trains_the_run()
    {
        await using var cluster = await GrainCluster.Start();
        foreach (var (trial, silo) in cluster.Silos.Index())
        {
            var run = new RunAttempt(new RunKey(trial, 0), 1);
            // Asked for before its time, through the other silo.
            var elsewhere = cluster.Of(cluster.Silos.Single(other => other != silo)).GetGrain<IRunGrain>(RunGrainKey.Of("one", run));
            Assert.Null(await elsewhere.Standing());
            await GrainCluster.Until(async () =>
            {
                await cluster.Of(silo).GetGrain<IRunGrain>(RunGrainKey.Of("one", run)).Begin(GrainCluster.Host(silo));
                var isThere = cluster.IsOn(silo, elsewhere);
                await elsewhere.Standing();
                return isThere;
            });
        }
    }
}
