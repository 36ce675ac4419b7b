using Repro.Cli.Tests.Fakes;
using Repro.Cluster;
using Repro.Results.Stores;
using Repro.Studies.Sweeps;
using Repro.Workers.Silos;

namespace Repro.Cli.Tests.Verbs.Cluster;

/// <summary>A sweep that a cluster works on, as its lease in the store says, where no silo is there.</summary>
public sealed class SweepOfAClusterTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public SweepOfAClusterTests() => FilledSweep.Write(_cli.Runs, "lr", FilledSweep.Search(2), (_, _) => 1);

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_machine_of_its_own_does_not_go_on_with_it_and_is_told_how_it_could()
    {
        GiveToCluster();
        var result = _cli.Run("resume", "lr");
        Assert.Equal(2, result.Code);
        Assert.Contains("./repro resume lr --cluster", result.Error, StringComparison.Ordinal);
        Assert.Contains("./repro cluster withdraw lr", result.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void It_is_taken_back_also_where_no_silo_is_there_and_goes_on_here()
    {
        Skip.IfNot(ClusterPackages.CompiledIn, ClusterPackages.Reason);
        GiveToCluster();
        var withdrawn = _cli.Run("cluster", "withdraw", "last", "--json");
        Assert.Equal((0, "lr", "withdrawn"), (withdrawn.Code, (string)withdrawn.Last["sweep"]!, (string)withdrawn.Last["status"]!));
        Assert.Equal(0, _cli.Run("resume", "lr").Code);
    }

    [SkippableFact]
    public void One_that_is_with_no_cluster_is_not_taken_back()
    {
        Skip.IfNot(ClusterPackages.CompiledIn, ClusterPackages.Reason);
        Extend();
        var result = _cli.Run("cluster", "withdraw", "lr");
        Assert.Equal((2, "The sweep lr is with no cluster: ./repro resume lr goes on with it here.\n"), (result.Code, result.Error));
    }

    [SkippableFact]
    public void One_that_is_completed_is_not_given_to_a_cluster_and_not_taken_back_from_one()
    {
        Skip.IfNot(ClusterPackages.CompiledIn, ClusterPackages.Reason);
        var resumed = _cli.Run("resume", "lr", "--cluster");
        Assert.Equal(0, resumed.Code);
        Assert.StartsWith("lr is completed: the cluster has nothing to do for it.\nlr: completed; 2 completed.\n", resumed.Out, StringComparison.Ordinal);
        using (var store = new SqliteStore(Path.Combine(_cli.Runs, "sweeps.db")))
        {
            Assert.Empty(store.Alive("lr"));
            Assert.DoesNotContain(store.Read("lr").OfType<Tagged>(), tagged => tagged.Tag.StartsWith(SweepTags.Cluster, StringComparison.Ordinal));
        }
        var withdrawn = _cli.Run("cluster", "withdraw", "lr");
        Assert.Equal((0, "lr is completed, and with no cluster: there is nothing to take back.\n", ""), (withdrawn.Code, withdrawn.Out, withdrawn.Error));
    }

    [Fact]
    public void What_is_refused_has_changed_nothing()
    {
        Extend();
        Assert.Equal(0, _cli.Run("cancel", "lr", "--pause").Code);
        GiveToCluster();
        Assert.Equal(2, _cli.Run("resume", "lr").Code);
        Assert.Equal("held", (string)_cli.Run("cancel", "lr", "--pause", "--json").Last["status"]!);
    }

    [Fact]
    public void A_decision_stands_also_where_no_silo_hears_of_it()
    {
        Extend();
        GiveToCluster();
        var more = _cli.Run("sweep", "lr", "--extend", "1", "--json");
        Assert.Equal((0, "running", false), (more.Code, (string)more.Last["status"]!, (bool)more.Last["cluster_told"]!));
        Assert.StartsWith("lr tries 1 more configuration.\nlr: the cluster goes on with it;", more.Error, StringComparison.Ordinal);
        var cancelled = _cli.Run("cancel", "lr", "--json");
        Assert.Equal((0, "cancelled", false), (cancelled.Code, (string)cancelled.Last["status"]!, (bool)cancelled.Last["cluster_told"]!));
    }

    [Fact]
    public void Of_a_sweep_without_a_cluster_no_cluster_is_told() => Assert.False(_cli.Run("cancel", "lr", "--pause", "--json").Last.ContainsKey("cluster_told"));

    [SkippableTheory]
    [InlineData("status")]
    [InlineData("drain", "gpu7")]
    public void Where_no_silo_is_there_that_is_said_at_once(params string[] question)
    {
        Skip.IfNot(ClusterPackages.CompiledIn, ClusterPackages.Reason);
        var result = _cli.Run(["cluster", .. question, "--json"]);
        Assert.Equal((2, "bad_input"), (result.Code, (string)result.Last["status"]!));
        Assert.StartsWith($"No silo of this machine works on {Path.Combine(_cli.Runs, "sweeps.db")}. Start one: ./repro silo", result.Error, StringComparison.Ordinal);
    }

    private void Extend()
    {
        using var store = new SqliteStore(Path.Combine(_cli.Runs, "sweeps.db"));
        new Coordinator(store, "lr", FilledSweep.Search(2), host: null, TimeProvider.System).Decide([decision => decision.Extend(3)]);
    }

    private void GiveToCluster()
    {
        using var store = new SqliteStore(Path.Combine(_cli.Runs, "sweeps.db"));
        store.Renew("lr", ClusterSweep.LeaseOf("repro"), TimeSpan.FromDays(1));
    }
}
