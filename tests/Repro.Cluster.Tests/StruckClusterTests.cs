using Repro.Shared;
using Repro.Shared.Cluster;
using Xunit;
using Xunit.Abstractions;

namespace Repro.Cluster.Tests;

public class StruckClusterTests(ITestOutputHelper output)
{
    [SkippableTheory]
    [InlineData("Kill")]
    [InlineData("Freeze")]
    [InlineData("Server")]
    [InlineData("All")]
    [InlineData("AllElsewhere")]
    public void A_sweep_of_two_hundred_trials_loses_and_doubles_nothing_when_the_cluster_is_struck(string blow)
    {
        using var server = new PostgresServer();
        Skip.IfNot(server.Available, PostgresServer.Missing);
        using var cluster = new LiveCluster(server, silos: 3, slots: 4, workers: true);

        var outcome = ClusterRound.Run(cluster, Enum.Parse<ClusterBlow>(blow), seed: 1);

        output.WriteLine($"{string.Join(", ", outcome.Recoveries.Select(s => $"{s:0.0}"))} s; {outcome.Attempts} attempts, {outcome.Continued} from a checkpoint; {outcome.Calls} calls, {outcome.Failed} failed, {outcome.AskedAgain} asked again, longest {outcome.LongestCall:0.0} s");
        output.WriteLine(cluster.Story());
        Assert.Empty(outcome.Wrong);
        Assert.Equal(0, outcome.Failed);
        Assert.True(outcome.Attempts >= ClusterRound.Trials);
    }
}
