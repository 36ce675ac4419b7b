using System.Text.Json.Nodes;
using Repro.Cli.Running;
using Repro.Cli.Sweeping;
using Repro.Cli.Verbs.Cluster;
using Repro.Cluster;
using Repro.Cluster.Clients;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;

namespace Repro.Cli.Cluster;

/// <summary>What a person asks of a cluster in one word.</summary>
internal static class ClusterRequests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20), TellingPatience = TimeSpan.FromSeconds(2);

    // A silo that has just joined is in the status once its first beat has come.
    private static readonly TimeSpan FirstBeat = TimeSpan.FromSeconds(2);

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Drain(AskedCluster asked, string silo)
    {
        if (Meeting.Folder(asked.Choices) is null) StoredMember.Read(asked.Choices.Store, asked.Choices.Id);
        if (!Drain(isLast: false))
        {
            Task.Delay(FirstBeat, asked.Surroundings.Time).GetAwaiter().GetResult();
            Drain(isLast: true);
        }
        asked.Output.Say($"{silo} drains: its runs write checkpoints and go on elsewhere, and it leaves. ./repro cluster status shows how far it is.");
        asked.Output.Result(new JsonObject { ["silo"] = silo, ["status"] = "draining" });
        return ExitCode.Done;

        bool Drain(bool isLast)
        {
            var isThere = false;
            With(asked, async (client, stop) =>
            {
                var queue = await client.Status(stop);
                isThere = NamedSilo.IsIn(queue, silo);
                if (isThere || isLast) await client.Drain(NamedSilo.Find(queue, silo), stop);
            });
            return isThere;
        }
    }

    /// <param name="force">Also where no silo answers.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Withdraw(AskedCluster asked, string sweep, bool force)
    {
        using var store = SweepStores.Open(asked.Choices.Store);
        var stored = StoredSweep.Find(store, sweep, asked.Runs);
        var summary = SweepSummary.Of(stored.Name, stored.State, stored.Study, hosted: false);
        if (stored.Cluster is null && summary.IsOver)
        {
            asked.Output.Say($"{stored.Name} is {summary.Status}, and with no cluster: there is nothing to take back.");
            asked.Output.Result(new JsonObject { ["sweep"] = stored.Name, ["status"] = summary.Status });
            return ExitCode.Done;
        }
        if (stored.Cluster is not { } cluster) throw new BadInputException($"The sweep {stored.Name} is with no cluster: ./repro resume {stored.Name} goes on with it here.");
        if (cluster != asked.Choices.Id) throw new BadInputException($"The sweep {stored.Name} was given to the cluster '{cluster}': --cluster-id {cluster}");
        try
        {
            With(asked, (client, stop) => client.Withdraw(stored.Name, stop));
        }
        catch (Exception nobody) when (nobody is BadInputException or StorageException)
        {
            // Reaching nobody over a network is no sign that nobody is there; on this machine it is.
            if (nobody.InnerException is not null && !force) throw new BadInputException($"{nobody.Message} Where the cluster is gone for good, take the sweep back all the same: ./repro cluster withdraw {stored.Name} --force", nobody);
            store.Leave(stored.Name, ClusterSweep.LeaseOf(cluster));
        }
        asked.Output.Say($"{stored.Name} is with the cluster no more. {(summary.IsOver ? $"It is {summary.Status}." : $"To go on with it here: ./repro resume {stored.Name}")}");
        asked.Output.Result(new JsonObject { ["sweep"] = stored.Name, ["status"] = "withdrawn" });
        return ExitCode.Done;
    }

    /// <summary>Tells a cluster what a person has decided about a sweep: in a moment, or not at all.</summary>
    /// <param name="ended">Attempts that are their runs' no more.</param>
    /// <returns>Whether it was told.</returns>
    public static bool Tell(Surroundings surroundings, ClusterChoices choices, string sweep, IReadOnlyList<RunAttempt> ended)
    {
        using var limit = new CancellationTokenSource(TellingPatience, surroundings.Time);
        try
        {
            Tell().WaitAsync(limit.Token).GetAwaiter().GetResult();
            return true;
        }
        catch (Exception nobody) when (nobody is BadInputException or StorageException || (nobody is OperationCanceledException && limit.IsCancellationRequested))
        {
            // Whoever works on the sweep reads the decision in the store.
            return false;
        }

        async Task Tell()
        {
            await using var client = await Meeting.Enter(choices, TellingPatience, waits: false, surroundings.Time, limit.Token);
            await client.Look(sweep, ended, limit.Token);
        }
    }

    /// <summary>Asks once.</summary>
    /// <exception cref="BadInputException">No silo answers, or refuses.</exception>
    /// <exception cref="OperationCanceledException">A person waits no more.</exception>
    public static void With(AskedCluster asked, Func<ClusterClient, CancellationToken, Task> ask)
    {
        using var stop = new StopSignals(asked.Output, "No longer waiting for the cluster.");
        Ask(asked, ask, stop.Token).GetAwaiter().GetResult();
    }

    private static async Task Ask(AskedCluster asked, Func<ClusterClient, CancellationToken, Task> ask, CancellationToken stop)
    {
        var waiting = new Waiting(asked.Output, asked.Surroundings.Time);
        await using var client = await Meeting.Enter(asked.Choices, Patience, waits: false, waiting, asked.Surroundings.Time, stop);
        await waiting.For(ask(client, stop), Patience, stop);
    }
}
