using System.Text.Json.Nodes;
using Repro.Cli.Sweeping;
using Repro.Cli.Verbs.Cluster;
using Repro.Cluster;
using Repro.Cluster.Clients;
using Repro.Studies;
using Repro.Workers.Silos;

namespace Repro.Cli.Cluster;

/// <summary>What a person asks of a cluster in one word.</summary>
internal static class ClusterRequests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Drain(AskedCluster asked, string silo)
    {
        With(asked, client => client.Drain(silo, CancellationToken.None));
        asked.Output.Say($"{silo} drains: its runs write checkpoints and go on elsewhere, and it leaves. ./repro cluster status shows how far it is.");
        asked.Output.Result(new JsonObject { ["silo"] = silo, ["status"] = "draining" });
        return ExitCode.Done;
    }

    /// <param name="force">Also where no silo answers.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Withdraw(AskedCluster asked, string sweep, bool force)
    {
        using var store = SweepStores.Open(asked.Choices.Store);
        var stored = StoredSweep.Find(store, sweep, asked.Runs);
        if (stored.Cluster is not { } cluster) throw new BadInputException($"The sweep {stored.Name} is with no cluster: ./repro resume {stored.Name} goes on with it here.");
        if (cluster != asked.Choices.Id) throw new BadInputException($"The sweep {stored.Name} was given to the cluster '{cluster}': --cluster-id {cluster}");
        try
        {
            With(asked, client => client.Withdraw(stored.Name, CancellationToken.None));
        }
        catch (BadInputException nobody)
        {
            // Reaching nobody over a network is no sign that nobody is there; on this machine it is.
            if (nobody.InnerException is not null && !force) throw new BadInputException($"{nobody.Message} Where the cluster is gone for good, take the sweep back all the same: ./repro cluster withdraw {stored.Name} --force", nobody);
            store.Leave(stored.Name, ClusterSweep.LeaseOf(cluster));
        }
        asked.Output.Say($"{stored.Name} is with the cluster no more. To go on with it here: ./repro resume {stored.Name}");
        asked.Output.Result(new JsonObject { ["sweep"] = stored.Name, ["status"] = "withdrawn" });
        return ExitCode.Done;
    }

    /// <summary>Asks once.</summary>
    public static void With(AskedCluster asked, Func<ClusterClient, Task> ask) => Ask(asked, ask).GetAwaiter().GetResult();

    private static async Task Ask(AskedCluster asked, Func<ClusterClient, Task> ask)
    {
        await using var client = await Meeting.Enter(asked.Choices, Patience, waits: false, asked.Surroundings.Time, CancellationToken.None);
        await ask(client);
    }
}
