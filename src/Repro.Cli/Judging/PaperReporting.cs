using System.Text;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Cli.Verbs;
using Repro.Reports.Claims;
using Repro.Reports.Ledgers;
using Repro.Reports.Papers;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.Papers;
using Repro.Studies.Sweeps;
using Repro.Training.Datasets;

namespace Repro.Cli.Judging;

/// <summary>Makes the report of a paper from its card and what is exported of it.</summary>
/// <param name="results">The folder with one folder a paper.</param>
internal sealed class PaperReporting(Surroundings surroundings, CommandOutput output, string results)
{
    /// <summary>A person's own words, beside the report.</summary>
    public const string Notes = "notes.md";

    /// <summary>The page over all papers, in the folder of results.</summary>
    public const string FrontPage = "README.md";

    /// <summary>The word that means all papers.</summary>
    public const string Every = "all";

    /// <summary>The paper of a name, as <c>repro report</c> was given it; null where there is none, or this build has not its experiment.</summary>
    public static PaperCard? Find(Surroundings surroundings, string name) => name.AsSpan().ContainsAny("/\\.") ? null : Papers.OfKnown(surroundings, name);

    /// <param name="folder">Null is the paper's own, <c>results/PAPER</c>.</param>
    public int Write(PaperCard card, string? folder)
    {
        if (folder is not null) RequireOwn(card, folder);
        var input = Input(card, name => output.Event("reading", new JsonObject { ["folder"] = name }));
        var files = PaperReport.Write(input, Running.TellingRenderer.Of(surroundings, output), folder ?? Path.Combine(results, card.Name));
        foreach (var group in input.Judgements.GroupBy(judged => judged.Verdict).OrderBy(group => group.Key)) output.Say($"{group.Count(),3} {VerdictWords.Of(group.Key)}: {string.Join(", ", group.Select(judged => judged.Claim.Id))}");
        output.Say($"Report: {files.Html}");
        output.Say($"        {files.Markdown}");
        output.Result(new JsonObject
        {
            ["paper"] = card.Name, ["report"] = files.Markdown, ["report_html"] = files.Html, ["figures"] = new JsonArray([.. files.Figures.Select(file => (JsonNode)file)]),
            ["claims"] = new JsonArray([.. input.Judgements.Select(judged => (JsonNode)new JsonObject { ["claim"] = judged.Claim.Id, ["verdict"] = VerdictWords.Key(judged.Verdict), ["n"] = judged.Count })]),
        });
        return ExitCode.Done;
    }

    // A report has its figures, its ledger and its tables in one folder, where those of another would be lost.
    private static void RequireOwn(PaperCard card, string folder)
    {
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any()) return;
        if (LedgerFile.Read(folder)?.Report != card.Name) throw new BadInputException($"{folder} holds something that is no report of {card.Name}; name a new or an empty folder: --output DIR.");
    }

    /// <summary>The front page over all papers: <c>results/README.md</c>.</summary>
    /// <param name="folder">Null is the folder of results.</param>
    public int WriteFrontPage(string? folder)
    {
        var file = Path.GetFullPath(Path.Combine(folder ?? results, FrontPage));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        if (folder is not null && Path.Exists(file)) throw new BadInputException($"{file} is there already; name a new folder for the front page: --output DIR.");
        DurableFile.Write(file, Encoding.UTF8.GetBytes(FrontPageText()));
        output.Say($"Front page: {file}");
        output.Result(new JsonObject { ["report"] = file });
        return ExitCode.Done;
    }

    public string FrontPageText() => Reports.Papers.FrontPage.Write([.. Papers.All(surroundings).Select(card => Input(card, _ => { }))]);

    public PaperReportInput Input(PaperCard card, Action<string> reading)
    {
        var findings = PaperFindings.Of(surroundings, card, results, reading);
        var folder = findings.Evidence.Folder;
        var notes = Path.Combine(folder, Notes);
        var experiment = ChosenExperiment.Find(surroundings, card.Experiment);
        return new PaperReportInput(card)
        {
            ExperimentTitle = experiment.Title, Judgements = findings.Judgements, Runs = findings.Evidence.Runs, FloorOf = experiment.FloorOf, Registered = Registered,
            Searches = [.. experiment.Studies.Select(study => $"{card.Experiment}/{study.Name}")], Folders = [.. Folders(findings.Evidence)], Notes = File.Exists(notes) ? File.ReadAllText(notes) : "",
        };
    }

    private static IReadOnlyList<(string Split, int Examples)>? Registered(string name) =>
        DatasetRegistry.Entries.FirstOrDefault(entry => entry.Name == name) is { } entry ? [.. entry.Splits.Select(split => (split.Name, split.Records))] : null;

    private IEnumerable<EvidenceFolder> Folders(PaperEvidence evidence)
    {
        var sweeps = evidence.Sweeps.ToDictionary(sweep => evidence.FolderOf[sweep.Name]);
        foreach (var runs in evidence.Runs.GroupBy(run => run.Folder))
        {
            var hasReport = File.Exists(Path.Combine(evidence.Folder, runs.Key, "report.md"));
            if (sweeps.TryGetValue(runs.Key, out var sweep)) yield return OfSweep(sweep, runs.Key, runs.Count()) with { HasReport = hasReport };
            else if (runs.First().Run is var run)
            {
                var checks = string.Join(", ", run.Checks.GroupBy(check => check.Verdict).Select(group => $"{group.Count()} {group.Key.Replace('_', ' ')}"));
                yield return new EvidenceFolder(runs.Key, $"one run, profile {run.Profile}, {run.StateWord}", run.Command, checks, TestReadings: null) { HasReport = hasReport };
            }
        }
    }

    private EvidenceFolder OfSweep(StoredSweep sweep, string folder, int runs)
    {
        var declared = DeclaredStudy.Of(surroundings, sweep.Study, DeclaredStudy.AskTheSame);
        var ablation = sweep.Study.Arms.Count > 0;
        var command = $"./repro {(ablation ? "ablate" : "sweep")} {declared?.Words ?? $"results/{Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(sweep.Folder)))}"}{(ablation ? $" --seeds {sweep.Study.Seeds}" : "")} --seed {sweep.State.Created!.Seed} --name {sweep.Name}";
        var what = $"{(ablation ? $"ablation, {sweep.Study.Arms.Count} {(sweep.Study.Arms.Count == 1 ? "arm" : "arms")} beside the baseline" : $"search, {Output.Words.Count(sweep.State.Trials.Count(trial => trial.IsSearched), "trial")}")}, {Output.Words.Count(runs, "run")}";
        return new EvidenceFolder(folder, what, command, sweep.State.Tags.GetValueOrDefault(SweepTags.Checks, ""), sweep.State.TestReadings) { Question = declared?.Question ?? sweep.Study.Notes, Study = sweep.Study.Text, ReadsTest = TestSeal.ComparisonIsOver(sweep.State) };
    }
}
