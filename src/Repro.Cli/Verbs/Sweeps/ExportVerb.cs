using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;

namespace Repro.Cli.Verbs.Sweeps;

/// <summary><c>repro export</c> and <c>repro import</c>: a sweep, or a run, as one portable folder, for backups and reviews.</summary>
internal static class ExportVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var sweep = new Argument<string>("SWEEP") { Description = "Name of a sweep, a beginning that only one has, or the word last; or a run's id" };
        var output = new Option<string>("--output", "-o") { Description = "Folder for it: new, empty, or an earlier export of the same sweep", HelpName = "DIR", Required = true };
        var store = SweepStores.Option();
        var objects = SiloRecords.Option();
        var runs = SharedOptions.Runs();
        var verb = new Verb(
            "export", "Writes a sweep into one folder: its log, everything that its runs measured, what they were run under, and what confirmed runs and arms said of examples. Checkpoints are left out.",
            "./repro export last --output results/resnet/learning-rate", "./repro export my-sweep -o backup --store postgres://host/repro", "./repro export resnet-quick-20260102-0304 -o one-run") { sweep, output, store, objects, runs };
        verb.SetAction(arguments =>
        {
            var said = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var folder = RunsFolder.FromEnvironment(arguments.GetValue(runs));
            var stored = SweepOrRun.Open(surroundings, arguments.GetValue(store), folder, arguments.GetRequiredValue(sweep));
            using var opened = stored.Store;
            var target = SharedOptions.Folder("--output", arguments.GetRequiredValue(output));
            new SiloRecords(arguments.GetValue(objects), said.Complain).BringForExport(stored);
            var (events, metrics) = SweepFolder.Export(opened, stored.Name, stored.Folder, target);
            var (files, bytes) = SweepFolder.Evidence(target);
            said.Say($"Exported {stored.Name} to {target}: {events} events, {metrics} measured values{(files > 0 ? $", {files} {(files == 1 ? "file" : "files")} of predictions and samples ({Words.Bytes(bytes)})" : "")}.");
            said.Result(new JsonObject { ["sweep"] = stored.Name, ["folder"] = target, ["events"] = events, ["metrics"] = metrics, ["evidence_files"] = files, ["evidence_bytes"] = bytes });
            return ExitCode.Done;
        });
        return verb;
    }

    public static Command CreateImport(Surroundings surroundings)
    {
        var folder = new Argument<string>("DIR") { Description = "An exported sweep, or a folder that has one in sweep/" };
        var name = new Option<string?>("--name") { Description = "Its name in the store (default: its own)", HelpName = "NAME" };
        var store = SweepStores.Option();
        var runs = SharedOptions.Runs();
        var verb = new Verb(
            "import", "Puts an exported sweep into a store; nothing of it is believed whose digest differs.",
            "./repro import results/resnet/learning-rate", "./repro import backup --name resnet-again --store sqlite:other.db") { folder, name, store, runs };
        verb.SetAction(arguments =>
        {
            var said = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var runsFolder = RunsFolder.FromEnvironment(arguments.GetValue(runs));
            using var opened = SweepStores.OpenOrMake(SweepStores.Address(arguments.GetValue(store), runsFolder));
            var given = arguments.GetValue(name);
            if (given is not null) SweepNames.Require(given);
            var taken = runsFolder.Ids();
            var sweep = SweepFolder.Import(opened, SweepFolder.Find(arguments.GetRequiredValue(folder)) ?? arguments.GetRequiredValue(folder), given, own => taken.Contains(own)
                ? throw new BadInputException($"There is a run {own} in {runsFolder.Path}, whose folder the sweep would have. Import it under another name: --name NAME.") : StoredSweep.FolderOf(runsFolder, own));
            var stored = StoredSweep.Open(opened, sweep, runsFolder);
            var summary = SweepSummary.Of(sweep, stored.State, stored.Study, stored.IsHosted);
            said.Say($"Imported {sweep} into {opened.Description}: {summary.Counts}.");
            said.Result(summary.ToJson(stored.Study));
            return ExitCode.Done;
        });
        return verb;
    }
}
