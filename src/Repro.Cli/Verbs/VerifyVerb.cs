using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Cli.Verifying;
using Repro.Figures;
using Repro.Reports.Ledgers;
using Repro.Reports.Verification;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Training;
using Repro.Training.Datasets;

namespace Repro.Cli.Verbs;

/// <summary><c>repro verify</c>: makes committed reports again from the exported runs, and says where they differ.</summary>
internal static class VerifyVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var what = new Argument<string>("PAPER|DIR|all") { Description = "A paper with results under results/; all for every paper and the front page; or a folder: of an exported run or sweep with its report, or with such folders below it" };
        var data = SharedOptions.DataDir();
        var verb = new Verb(
            "verify", "Makes every report, figure and table of a paper's results again from the exported runs, into a temporary folder, and compares: data and text exactly, pictures "
                + "within a tolerance where the same renderer and fonts draw them. Exit code 1 where anything differs. Trains nothing and changes nothing.",
            "./repro verify resnet", "./repro verify all", "./repro verify results/resnet/learning-rate", "./repro verify resnet --json | tail -1") { what, data };
        verb.SetAction(arguments =>
        {
            var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var context = new RunContext { Data = DataFolders.FromEnvironment(arguments.GetValue(data)) };
            return Verify(surroundings, output, arguments.GetRequiredValue(what), context);
        });
        return verb;
    }

    private static int Verify(Surroundings surroundings, CommandOutput output, string what, RunContext context)
    {
        var folder = ExportedReports.Folder(what) ?? throw new BadInputException(Papers.ExperimentOf(what) is not null
            ? $"The paper {what} has no report yet. Make it: ./repro report {what}"
            : $"There is no folder {what}, and no paper of that name has results. Papers with results, nearest first: {ExportedReports.Papers(surroundings, what)}.");
        var shown = ExportedReports.Shown(folder);
        var reports = new ExportedReports(surroundings, output, RunsFolder.FromEnvironment(null), context).In(folder);
        var missing = ExportedReports.Missing(folder, reports).ToList();
        if (reports.Count == 0 && missing.Count == 0) throw new BadInputException($"{shown} has no exported run (run.json) and no exported sweep (sweep/sweep.json), so there is nothing to verify.");
        using var signals = new StopSignals(output, "Stopping; nothing was changed.");
        var renderer = Renderer(surroundings);
        var (differences, compared, json) = (missing.Count, new Compared(0, 0, 0, 0), new JsonArray());
        foreach (var difference in missing) output.Say($"differs: {difference}");
        new WorkBar(output).During(reports.Sum(Pieces), begin =>
        {
            foreach (var report in reports)
            {
                signals.Token.ThrowIfCancellationRequested();
                begin(report.Name);
                var others = reports.Where(other => other != report && other.Folder.StartsWith(report.Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)).Select(other => other.Folder).ToList();
                var verification = ReportVerification.Of(report, renderer, others, figure => begin($"{report.Name}: {figure}"), signals.Token);
                Say(output, report, verification);
                json.Add(Json(report, verification));
                (differences, compared) = (differences + verification.Differences.Count, compared + verification.Compared);
            }
            return 0;
        });
        output.Say($"{(differences == 0 ? "Verified" : "Compared")} {Words.Count(reports.Count, "report")} of {shown}: {Compared(compared)}. {(differences == 0 ? "All the same." : $"{Words.Count(differences, "difference")}.")}");
        output.Result(new JsonObject
        {
            ["folder"] = folder, ["verified"] = differences == 0, ["differences"] = differences,
            ["missing"] = new JsonArray([.. missing.Select(difference => (JsonNode)new JsonObject { ["file"] = difference.File, ["what"] = difference.What })]),
            ["reports"] = json, ["compared"] = Json(compared),
        });
        return differences == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static int Pieces(RepeatableReport report)
    {
        try
        {
            return 1 + (LedgerFile.Read(report.Folder)?.Figures.Count ?? 0) * 2;
        }
        catch (BadInputException)
        {
            // What is wrong with it is said where it is compared.
            return 1;
        }
    }

    // Without one, all but the pictures can be compared.
    private static IFigureRenderer? Renderer(Surroundings surroundings)
    {
        try
        {
            return surroundings.Renderer();
        }
        catch (FigureException)
        {
            return null;
        }
    }

    private static void Say(CommandOutput output, RepeatableReport report, ReportVerification verification)
    {
        output.Say(verification.Differences.Count == 0 ? $"{report.Name}: the same; {Compared(verification.Compared)}" : $"{report.Name}: {Words.Count(verification.Differences.Count, "difference")}");
        foreach (var difference in verification.Differences) output.Say($"  differs: {difference}");
        foreach (var reason in verification.NotCompared) output.Say($"  not compared: {reason}");
        output.Event("report", Json(report, verification));
    }

    private static JsonObject Json(RepeatableReport report, ReportVerification verification) => new()
    {
        ["report"] = report.Name, ["folder"] = report.Folder, ["same"] = verification.Differences.Count == 0,
        ["differences"] = new JsonArray([.. verification.Differences.Select(difference => (JsonNode)new JsonObject { ["file"] = difference.File, ["what"] = difference.What })]),
        ["not_compared"] = new JsonArray([.. verification.NotCompared.Select(reason => (JsonNode)reason)]), ["compared"] = Json(verification.Compared),
    };

    private static JsonObject Json(Compared compared) => new() { ["figures"] = compared.Data, ["tables"] = compared.Tables, ["lines"] = compared.Lines, ["pictures"] = compared.Pictures };

    private static string Compared(Compared compared) =>
        $"the data of {Words.Count(compared.Data, "figure")}, {Words.Count(compared.Tables, "table file")}, {Words.Count(compared.Lines, "line")} of text, {Words.Count(compared.Pictures, "picture")}";
}
