using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Cluster;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;

namespace Repro.Cli.Verbs.Cluster;

/// <summary><c>repro cluster</c>: what a person asks of a cluster.</summary>
internal static class ClusterVerb
{
    public static Command Create(Surroundings surroundings) => new Verb(
        "cluster", "Shows a cluster of silos, drains one, takes a sweep back, and prepares its database.",
        "./repro cluster status", "./repro cluster drain gpu7", "./repro cluster withdraw resnet-learning-rate", "./repro cluster init-db --store postgres://repro@db.local/repro")
    {
        Status(surroundings), Drain(surroundings), Withdraw(surroundings), Prepare(surroundings),
    };

    private static Verb Status(Surroundings surroundings) => Asking(
        surroundings, "status", "Silos, their slots and memory, who runs what, the queue and why it waits, and which silos died.", argument: null,
        ["./repro cluster status", "./repro cluster status --json"],
#if ORLEANS
        (asked, _, _) => new Repro.Cli.Cluster.ClusterStatus(asked).Show());
#else
        NotThere);
#endif

    private static Verb Drain(Surroundings surroundings) => Asking(
        surroundings, "drain", "Has a silo write checkpoints of what it trains, hand it over to the others, and leave.", new Argument<string>("SILO") { Description = "Its name, as ./repro cluster status shows it" },
        ["./repro cluster drain gpu7"],
#if ORLEANS
        (asked, silo, _) => Repro.Cli.Cluster.ClusterRequests.Drain(asked, silo));
#else
        NotThere);
#endif

    private static Verb Withdraw(Surroundings surroundings) => Asking(
        surroundings, "withdraw", "Takes a sweep back from the cluster, so that a machine of its own can go on with it; runs in flight go on there from their checkpoints.",
        new Argument<string>("SWEEP") { Description = "Name of a sweep, a beginning that only one has, or the word last" }, ["./repro cluster withdraw resnet-learning-rate"],
#if ORLEANS
        (asked, sweep, force) => Repro.Cli.Cluster.ClusterRequests.Withdraw(asked, sweep, force),
#else
        NotThere,
#endif
        new Option<bool>("--force") { Description = "Also where no silo answers: for a cluster that is gone for good" });

    private static Verb Prepare(Surroundings surroundings)
    {
        var store = SweepStores.Option();
        var cluster = new ClusterOptions();
        var verb = new Verb(
            "init-db", "Makes or upgrades the tables of sweeps and of the cluster's membership in PostgreSQL. Does nothing where they are the newest.",
            "./repro cluster init-db --store postgres://repro@db.local/repro") { store };
        cluster.AddTo(verb);
        verb.SetAction(arguments =>
        {
            var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var choices = cluster.Read(arguments, arguments.GetValue(store), RunsFolder.FromEnvironment(null));
            if (!SweepStores.IsPostgres(choices.Store)) throw new BadInputException($"init-db prepares a PostgreSQL database; the store is {choices.Store}. Name one: --store postgres://user@host/database. A cluster of one machine needs none.");
            using (SweepStores.OpenOrMake(choices.Store)) { }
            var change = MembershipSchema.Apply(choices.Store);
            output.Say(change.Scripts.Count == 0 ? $"The tables are there and the newest, in the schema {change.Schema}." : $"The tables are ready, in the schema {change.Schema}: {string.Join(", ", change.Scripts)} were applied.");
            output.Result(new JsonObject { ["schema"] = change.Schema, ["scripts"] = new JsonArray([.. change.Scripts.Select(script => (JsonNode)script)]) });
            return ExitCode.Done;
        });
        return verb;
    }

    private static Verb Asking(Surroundings surroundings, string name, string description, Argument<string>? argument, string[] examples, Func<AskedCluster, string, bool, int> act, Option<bool>? force = null)
    {
        var (store, runs, cluster) = (SweepStores.Option(), SharedOptions.Runs(), new ClusterOptions());
        var verb = new Verb(name, description, examples);
        if (argument is not null) verb.Add(argument);
        if (force is not null) verb.Add(force);
        verb.Add(store);
        cluster.AddTo(verb);
        verb.Add(runs);
        verb.SetAction(arguments =>
        {
            var folder = RunsFolder.FromEnvironment(arguments.GetValue(runs));
            var choices = cluster.Read(arguments, arguments.GetValue(store), folder);
            ClusterPackages.Require();
            return act(new AskedCluster(surroundings, new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json)), choices, folder), argument is null ? "" : arguments.GetRequiredValue(argument), force is not null && arguments.GetValue(force));
        });
        return verb;
    }

#if !ORLEANS
    private static int NotThere(AskedCluster asked, string what, bool force) => throw new InvalidOperationException($"{what} {force}: this build has no cluster, at {asked.Choices.Store}.");
#endif
}

/// <summary>A cluster that a person asks something of.</summary>
internal sealed record AskedCluster(Surroundings Surroundings, CommandOutput Output, ClusterChoices Choices, RunsFolder Runs);
