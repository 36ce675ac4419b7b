using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Judging;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Cli.Sweeping;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Sweeps;
using Repro.Training;
using Repro.Training.Datasets;

namespace Repro.Cli.Verbs;

/// <summary><c>repro report</c>: makes the report of a paper, a stored run or a sweep again, or exports a run without its checkpoints.</summary>
internal static class ReportVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var run = new Argument<string>("PAPER|RUN|SWEEP") { Description = "A paper, by the name of its card, or all for the front page over all papers; or the id of a run, a beginning that only one run has, the word last, the path of a run's folder, or SWEEP/TRIAL for a run of a sweep; where there is no such run, a sweep, or the folder of an exported one" };
        var runs = SharedOptions.Runs();
        var data = SharedOptions.DataDir();
        var folder = new Option<string?>("--output", "-o")
        {
            Description = "Exports the run into DIR: report, figures, options, events, metrics, predictions; no checkpoints. DIR can be reported on again. Of a sweep: report, figures and study", HelpName = "DIR",
        };
        var test = new Option<bool>("--test") { Description = "Of a sweep, or a run of its confirmation: shows test scores, once every run of the confirmation has ended. Every such reading is counted, and printed in reports" };
        var results = new Option<string?>("--results") { Description = "Of a paper: the folder with one folder a paper, in which exported runs and sweeps lie (default: results/ beside the program)", HelpName = "DIR" };
        var store = SweepStores.Option();
        var objects = SiloRecords.Option();
        var verb = new Verb(
            "report", "Makes the report of a paper, a run or a sweep from what is stored: Markdown, one self-contained HTML page, and figures. Trains nothing.",
            "./repro report resnet", "./repro report all", "./repro report last", "./repro report resnet-quick --output results/resnet", "./repro report resnet-learning-rate --test", "./repro report results/resnet/learning-rate", "./repro report last --json") { run, folder, test, results, store, objects, runs, data };
        verb.SetAction(arguments =>
        {
            var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var (name, place) = (arguments.GetRequiredValue(run), RunsFolder.FromEnvironment(arguments.GetValue(runs)));
            var target = arguments.GetValue(folder) is { } given ? SharedOptions.Folder("--output", given) : null;
            var options = arguments.GetValue(runs) is { } named ? $" --runs {Words.Shell(named)}" : "";
            var papers = new PaperReporting(surroundings, output, arguments.GetValue(results) is { } elsewhere ? SharedOptions.Folder("--results", elsewhere) : PaperFindings.Results);
            if (name == PaperReporting.Every) return papers.WriteFrontPage(target);
            if (PaperReporting.Find(surroundings, name) is { } card)
            {
                if (arguments.GetValue(test)) throw new BadInputException($"--test is for sweeps, whose test scores are sealed; the report of the paper {name} shows what its claims are about.");
                return papers.Write(card, target);
            }
            var records = new SiloRecords(arguments.GetValue(objects), output.Complain);
            var showTest = arguments.GetValue(test);
            var context = new RunContext { Data = DataFolders.FromEnvironment(arguments.GetValue(data)) };
            using var subject = Subject.Find(place, name, arguments.GetValue(store));
            subject.Announce(output, name);
            // A committed report names no folder of runs, which it was not made from.
            if (subject.IsCommitted) (name, options) = (subject.Text, "");
            if (subject is { Sweep: { } parent, Key: { } key })
            {
                if (target is not null) throw new BadInputException($"{name} is a run of a sweep, which is exported as a whole: ./repro export {parent.Name} -o DIR");
                if (parent.Export is { } of) throw new BadInputException($"{name} is a run of an export, which nothing is written to: ./repro import {Words.Shell(of)}, then report on {subject.Name}.");
                if (showTest) ReadTest(parent, key);
                records.Bring(parent, key);
                return Report(surroundings, output, SweepRuns.Record(surroundings, parent, key, showTest), context, options);
            }
            if (subject.RunFolder is { } path)
            {
                if (showTest) throw new BadInputException($"--test is for sweeps, whose test scores are sealed; {name} is a run, and its report shows what it measured.");
                if (RunExport.IsExport(path)) RunExport.RequireWhole(path);
                var record = RunFolderReader.Read(path);
                _ = ChosenExperiment.Find(surroundings, record.Experiment);
                if (target is not null) record = RunFolderReader.Read(RunExport.Copy(record, target));
                return Report(surroundings, output, record, context, options);
            }
            var sweep = subject.Sweep!;
            var reporting = new SweepReporting(surroundings, output, place, options);
            if (sweep.Export is { } export)
            {
                var beside = Path.GetFullPath(name);
                if (showTest) throw new BadInputException($"{name} is an export, in which readings of test are not counted: ./repro import {Words.Shell(name)}, then report on the sweep.");
                if (export == beside && target is null) throw new BadInputException($"{name} holds the sweep alone; name a folder for its report: --output DIR.");
                return reporting.Write(sweep, beside, target);
            }
            records.BringConditions(sweep, _ => true);
            return reporting.Write(sweep, target, showTest);
        });
        return verb;
    }

    private static void ReadTest(StoredSweep sweep, RunKey run)
    {
        sweep.RequireConfirmation(run.Trial);
        if (TestSeal.MayBeOpened(sweep.State) && !sweep.State[run].Scores.Keys.Any(TestSeal.Covers))
            throw new BadInputException($"The run {sweep.Name}/{run} has no test score: it is {Words.State(sweep.State[run].State)}. Leave --test out.");
        sweep.ReadTest($"repro report {sweep.Name}/{run}");
    }

    private static int Report(Surroundings surroundings, CommandOutput output, RunRecord run, RunContext context, string commandOptions)
    {
        var experiment = ChosenExperiment.Find(surroundings, run.Experiment);
        var files = new RunReporting(surroundings, output, commandOptions).Write(run, RunVerb.AsRecorded(experiment, run), context with { Seed = run.Seed }, run.Folder);
        output.Say($"Report: {files.Html}");
        output.Say($"        {files.Markdown}");
        output.Result(new JsonObject
        {
            ["run"] = run.Id,
            ["status"] = run.StateWord,
            ["report"] = files.Markdown,
            ["report_html"] = files.Html,
            ["figures"] = new JsonArray(files.Figures.Select(f => (JsonNode)f).ToArray()),
        });
        return ExitCode.Done;
    }
}
