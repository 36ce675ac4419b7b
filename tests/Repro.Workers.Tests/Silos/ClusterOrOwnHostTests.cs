using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;

namespace Repro.Workers.Tests.Silos;

/// <summary>A sweep is worked on by one cluster, or by hosts of their own.</summary>
public sealed class ClusterOrOwnHostTests : ClusterSweepFixture
{
    [Fact]
    public async Task A_sweep_that_a_host_of_its_own_works_on_is_refused_and_the_other_way_round()
    {
        Person().Decide([decision => decision.Create(7, null), SiloFixture.Terms().WriteTo]);
        var sweep = Decider();
        using (SweepLock.Take(Store.LockFolderOf("one")))
        {
            Store.Renew("one", "own-host", TimeSpan.FromDays(1));
            Assert.Contains("own-host", (await Assert.ThrowsAsync<BadInputException>(sweep.Submit)).Message, StringComparison.Ordinal);
            Assert.Equal(["own-host"], Store.Alive("one"));
        }
        // Killed: it has left its lease, and no lock.
        await sweep.Submit();
        Assert.Equal([ClusterSweep.LeaseOf("repro")], Store.Alive("one"));
        var settings = new HostSettings { Folder = Path.Combine(Folder, "one"), Slots = [new Slot("a", "cpu", null, 1)], StartWorker = FakeHost.StartWorker, StoreLock = Store.LockFolderOf("one") };
        Assert.Contains("given to the cluster 'repro'", (await Assert.ThrowsAsync<BadInputException>(() => new LocalHost(Store, "one", sweep.Study, settings).Run())).Message, StringComparison.Ordinal);
        Assert.Empty(Log<RunStarted>());
    }

    [Fact]
    public async Task A_sweep_is_one_clusters_and_another_on_the_same_store_is_refused_it()
    {
        await Submitted(trials: 2);
        var other = Open(new ClusterSweep(Store, "one", "elsewhere", _ => Task.CompletedTask, _ => { }, Time));
        Assert.Contains("cluster:repro", (await Assert.ThrowsAsync<BadInputException>(other.Submit)).Message, StringComparison.Ordinal);
        Assert.Equal("repro", ClusterSweep.ClusterOf(Store, "one"));
    }

    [Fact]
    public async Task A_host_of_its_own_that_begins_while_a_cluster_takes_the_sweep_gives_way()
    {
        Person().Decide([decision => decision.Create(7, null), SiloFixture.Terms().WriteTo]);
        // Between its first look and its lease the submission comes.
        var store = new ThrowingStore(Store) { BeforeRenewal = () => Store.Renew("one", ClusterSweep.LeaseOf("repro"), TimeSpan.FromDays(1)) };
        var settings = new HostSettings { Folder = Path.Combine(Folder, "one"), Slots = [new Slot("a", "cpu", null, 1)], StartWorker = FakeHost.StartWorker, StoreLock = Path.Combine(Folder, "lock") };
        await Assert.ThrowsAsync<BadInputException>(() => new LocalHost(store, "one", Decider().Study, settings).Run());
        Assert.Equal([ClusterSweep.LeaseOf("repro")], Store.Alive("one"));
        Assert.Empty(Log<RunStarted>());
    }
}
