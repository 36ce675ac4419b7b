using Repro.Cli.Tests.Fakes;
using Repro.Cluster;
using Repro.Results.Stores;
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
        var result = _cli.Run("cluster", "withdraw", "lr");
        Assert.Equal((2, "The sweep lr is with no cluster: ./repro resume lr goes on with it here.\n"), (result.Code, result.Error));
    }

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

    private void GiveToCluster()
    {
        using var store = new SqliteStore(Path.Combine(_cli.Runs, "sweeps.db"));
        store.Renew("lr", ClusterSweep.LeaseOf("repro"), TimeSpan.FromDays(1));
    }
}
