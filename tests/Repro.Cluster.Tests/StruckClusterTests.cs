using Repro.Shared;
using Repro.Shared.Cluster;
using Xunit;
using Xunit.Abstractions;

namespace Repro.Cluster.Tests;

/// <summary>Real silos, real processes, real PostgreSQL; <c>./bench cluster-chaos</c> does more of it, and measures.</summary>
public class StruckClusterTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void A_killed_silo_costs_no_trial_and_no_call() => Strike(ClusterBlow.Kill);

    [SkippableFact]
    public void A_frozen_silo_comes_back_as_another_and_writes_nothing_of_its_old_runs() => Strike(ClusterBlow.Freeze);

    [SkippableFact]
    public void A_silo_that_is_cut_off_from_its_peers_and_the_database_loses_its_runs_to_the_others()
    {
        Skip.If(IsolatedNetwork.Missing is not null, IsolatedNetwork.Missing);
        Strike(ClusterBlow.Cut);
    }

    [SkippableFact]
    public void A_killed_database_server_is_waited_for() => Strike(ClusterBlow.Server);

    [SkippableFact]
    public void A_cluster_that_was_killed_as_a_whole_goes_on_from_its_checkpoints() => Strike(ClusterBlow.All);

    [SkippableFact]
    public void A_cluster_that_was_killed_as_a_whole_goes_on_at_other_addresses_and_with_a_machine_less() => Strike(ClusterBlow.AllElsewhere);

    [SkippableFact]
    public void A_sweep_goes_on_when_the_client_that_submitted_it_is_killed() => Strike(ClusterBlow.Client);

    private void Strike(ClusterBlow blow)
    {
        var outcome = ClusterRound.OnNewCluster(blow, seed: 1, out var story);
        Skip.If(outcome is null, PostgresServer.Missing);

        output.WriteLine($"{string.Join(", ", outcome.Resumed.Select(run => $"{run.Run} {run.Seconds:0.0}"))} s; {outcome.Attempts} attempts, {outcome.Continued} from a checkpoint; {outcome.Calls} calls, {outcome.Failed} failed, {outcome.AskedAgain} asked again, longest {outcome.LongestCall:0.0} s");
        output.WriteLine(story);
        Assert.Empty(outcome.Wrong);
        Assert.Equal(0, outcome.Failed);
        // Workers train on without the database, or without the client.
        if (blow is ClusterBlow.Server or ClusterBlow.Client) return;
        Assert.True(outcome.Continued > 0, "The blow hit no run that had a checkpoint.");
        Assert.All(outcome.Resumed, run => Assert.Equal(run.Recorded, run.From));
        Assert.All(outcome.Resumed, run => Assert.NotEqual(run.Before, run.After));
    }
}
