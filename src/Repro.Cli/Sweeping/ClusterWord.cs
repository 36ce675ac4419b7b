using Repro.Studies.Runs;
using Repro.Workers.Hosts;

namespace Repro.Cli.Sweeping;

/// <summary>What a person has decided about a sweep, told at once to the cluster that works on it; by itself that looks at the store every two seconds.</summary>
internal static class ClusterWord
{
    /// <param name="before">The sweep before the decision.</param>
    /// <param name="now">And after it.</param>
    /// <param name="address">Of its store.</param>
    /// <returns>Whether a silo has heard; null where no cluster works on the sweep. Nobody needs to hear: the store has it.</returns>
    public static bool? Tell(Surroundings surroundings, StoredSweep before, StoredSweep now, string address)
    {
        if (now.Cluster is not { } cluster) return null;
        var ended = before.State.Running.Where(run => now.State[run].State != RunState.Running).Select(run => new RunAttempt(run, before.State[run].Attempt)).ToList();
        return Tell(surroundings, now.Name, ended, address, cluster);
    }

#if ORLEANS
    private static bool Tell(Surroundings surroundings, string sweep, List<RunAttempt> ended, string address, string cluster) =>
        Repro.Cli.Cluster.ClusterRequests.Tell(surroundings, new Verbs.Cluster.ClusterChoices(address, cluster, null, "", null), sweep, ended);
#else
    private static bool Tell(Surroundings surroundings, string sweep, List<RunAttempt> ended, string address, string cluster) => false;
#endif
}
