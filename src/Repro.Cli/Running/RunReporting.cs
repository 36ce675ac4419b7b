using System.Globalization;
using Repro.Cli.Output;
using Repro.Cli.Verbs;
using Repro.Figures;
using Repro.Reports.Ledgers;
using Repro.Reports.Runs;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Training;

namespace Repro.Cli.Running;

/// <summary>Makes the report of a stored run: gathers what the run, its experiment and the cards of its papers say. Nothing is trained.</summary>
/// <param name="commandOptions">What commands need beside the run's name to find it: <c> --runs DIR</c>; empty for nothing.</param>
internal sealed class RunReporting(Surroundings surroundings, CommandOutput output, string commandOptions)
{
    private const int ExamplesShown = 12;

    /// <param name="context">Finds the data set whose examples are shown.</param>
    /// <param name="folder">Where the report goes; usually the run's own folder.</param>
    public RunReportFiles Write(RunRecord run, ChosenExperiment chosen, RunContext context, string folder)
    {
        var changed = ChangedByHand(run).ToList();
        var files = RunReport.Write(Input(run, chosen, context, why => output.Complain($"The report shows no examples: {why}")), TellingRenderer.Of(surroundings, output), folder);
        foreach (var file in changed)
            output.Complain($"{Path.Combine(run.Folder, file)} is not what the last report was made from, and the run has not gone on since: it was changed by hand, or damaged. The report now says what it says.");
        return files;
    }

    private static IEnumerable<string> ChangedByHand(RunRecord run)
    {
        LedgerFile? last;
        try { last = LedgerFile.Read(run.Folder); }
        catch (BadInputException) { return []; }                       // a damaged ledger tells nothing, and is written anew
        if (last is null) return [];
        var now = RunExport.Digests(run.Folder);
        bool Same(string file) => !last.Sources.TryGetValue(file, out var before) || !now.TryGetValue(file, out var digest) || digest == before;
        // Of a log of events nobody tells by its digest whether it was changed or went on: what it says last is then later than that report.
        var wentOn = !Same("events.jsonl") && RunHistory.Read(run.Folder) is [.., var end] && end.At.UtcDateTime > File.GetLastWriteTimeUtc(Path.Combine(run.Folder, LedgerFile.Name));
        return wentOn ? [] : last.Sources.Keys.Where(file => !Same(file));
    }

    /// <summary>What the report of a run is made from.</summary>
    /// <param name="withoutExamples">Told why there are no examples, where the run has predictions and their images are not to be had here.</param>
    public RunReportInput Input(RunRecord run, ChosenExperiment chosen, RunContext context, Action<string> withoutExamples)
    {
        var samples = SampleFiles.Read(run.PredictionFolder).Where(set => Shown(run, set.Split)).ToList();
        return new RunReportInput(run)
        {
            ExperimentTitle = chosen.Experiment.Title,
            ProfileDescription = chosen.Profile.Description,
            MainMetric = chosen.Experiment.MainMetric,
            BestPossible = chosen.Experiment.BestPossible(chosen.Options),
            Floor = chosen.Experiment.Floor,
            Papers = [.. Papers.OfEach(surroundings, run.Experiment, output.Complain).Select(paper => paper.Card)],
            Subject = chosen.Experiment.Subject,
            Warnings = StoredEvidence.Warnings(run, samples, chosen, context, output.Complain).ToList(),
            Examples = Examples(run, chosen, context, withoutExamples),
            ReportCommand = Command(run),
            Figures = [.. SampleFiles.Figures(samples)],
            Texts = [.. from set in samples from texts in set.Texts select new TextGroup(texts.Title, texts.Caption, [.. texts.Items.Select(item => (item.Prompt, item.Text, item.Reference ?? ""))])],
        };
    }

    /// <summary>The report at the end of a run, or why it could not be made, which is said, and never costs the run.</summary>
    public (RunReportFiles? Files, string? Failure) TryWrite(RunRecord run, ChosenExperiment chosen, RunContext context)
    {
        try
        {
            return (Write(run, chosen, context, run.Folder), null);
        }
        catch (Exception e)
        {
            // The run is stored and whole; whatever keeps its report from being made can be mended later.
            var failure = Failures.Sentence(e);
            output.Complain($"The report could not be made: {failure} The run is kept; once that is mended: {Command(run)}");
            return (null, failure);
        }
    }

    private string Command(RunRecord run) => $"./repro report {run.Id}{commandOptions}";

    /// <summary>A completed run in a few lines for the screen.</summary>
    public IEnumerable<string> Summary(RunRecord run, ChosenExperiment chosen)
    {
        IReadOnlyList<ClaimReading> claims = [];
        try
        {
            var subject = chosen.Experiment.Subject;
            claims = ClaimReading.ByNearness(Papers.OfEach(surroundings, run.Experiment, output.Complain).SelectMany(paper => paper.Card.Claims).Select(claim => ClaimReading.Read(claim, run, subject)));
        }
        catch (BadInputException e)
        {
            // The run is done and its numbers are known; a card that breaks a rule takes the published numbers away, nothing else.
            output.Complain($"The published numbers are missing: {e.Message}");
        }
        return RunSummary.Lines(run, chosen.Experiment.MainMetric, claims, chosen.Experiment.BestPossible(chosen.Options), chosen.Experiment.LossUnit);
    }

    private static bool Shown(RunRecord run, string split) => !run.TestIsSealed || split != Splits.Test;

    private static List<ExampleGroup> Examples(RunRecord run, ChosenExperiment chosen, RunContext context, Action<string> without)
    {
        var splits = StoredPredictions.Splits(run.PredictionFolder).Where(split => Shown(run, split)).ToList();
        if (splits.Count == 0) return [];
        var split = splits.Contains(Splits.Test) ? Splits.Test : splits[0];
        try
        {
            var predictions = StoredPredictions.Read(run.PredictionFolder, split);
            var classes = predictions.Classes.Count;
            var losses = predictions.Labels.Select((label, i) => -(double)predictions.LogProbabilities[i * classes + label]).ToList();
            ExampleRule[] rules = [ExampleRule.HighestLoss(losses, ExamplesShown, split), ExampleRule.Drawn(losses.Count, ExamplesShown, run.Seed, split)];
            var positions = rules.SelectMany(rule => rule.Positions).ToList();
            var images = chosen.Experiment.ExampleImages(chosen.Options, context, split, positions.Select(p => predictions.Examples[p]).ToList());
            if (images.Count == 0) return [];
            var shown = images.Zip(positions.Select(p => Caption(predictions, p))).ToList();
            return rules.Select((rule, i) => new ExampleGroup(rule.Name, rule.Sentence, shown.Skip(rules[..i].Sum(r => r.Positions.Count)).Take(rule.Positions.Count).ToList())).ToList();
        }
        catch (Exception e) when (e is MissingComponentException or BadInputException)
        {
            without(e.Message);
            return [];
        }
    }

    /// <summary>What the example is, and what the run said: <c>cat: dog 98%</c>.</summary>
    private static string Caption(StoredPredictions predictions, int position)
    {
        var classes = predictions.Classes.Count;
        var row = predictions.LogProbabilities.AsSpan(position * classes, classes);
        var said = 0;
        for (var c = 1; c < classes; c++)
        {
            if (row[c] > row[said]) said = c;
        }
        return $"{predictions.Classes[predictions.Labels[position]]}: {predictions.Classes[said]} {(100 * Math.Exp(row[said])).ToString("0", CultureInfo.InvariantCulture)}%";
    }
}
