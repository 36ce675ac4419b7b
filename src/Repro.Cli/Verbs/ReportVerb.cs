using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Training;
using Repro.Training.Datasets;

namespace Repro.Cli.Verbs;

/// <summary><c>repro report</c>: makes the report of a stored run again, or exports the run without its checkpoints.</summary>
internal static class ReportVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var run = SharedOptions.Run();
        var runs = SharedOptions.Runs();
        var data = SharedOptions.DataDir();
        var folder = new Option<string?>("--output", "-o")
        {
            Description = "Exports the run into DIR: report, figures, options, events, metrics, predictions; no checkpoints. DIR can be reported on again", HelpName = "DIR",
        };
        var verb = new Verb(
            "report", "Makes the report of a run from what is stored: Markdown, one self-contained HTML page, and figures. Trains nothing.",
            "./repro report last", "./repro report resnet-quick --output results/resnet", "./repro report last --json") { run, folder, runs, data };
        verb.SetAction(arguments => Report(
            surroundings, new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json)),
            RunsFolder.FromEnvironment(arguments.GetValue(runs)).Find(arguments.GetRequiredValue(run)), arguments.GetValue(folder) is { } given ? SharedOptions.Folder("--output", given) : null,
            new RunContext { Data = DataFolders.FromEnvironment(arguments.GetValue(data)) },
            arguments.GetValue(runs) is { } named ? $" --runs {Words.Shell(named)}" : ""));
        return verb;
    }

    private static int Report(Surroundings surroundings, CommandOutput output, string path, string? folder, RunContext context, string commandOptions)
    {
        var run = RunFolderReader.Read(path);
        var experiment = ChosenExperiment.Find(surroundings, run.Experiment);
        if (folder is not null) run = RunFolderReader.Read(RunExport.Copy(run, folder));
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
