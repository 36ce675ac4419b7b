using System.Globalization;
using Repro.Reports.Claims;
using Repro.Reports.Documents;
using Repro.Reports.Ledgers;
using Repro.Reports.Runs;
using Repro.Studies.Papers;

namespace Repro.Reports.Papers;

/// <summary>One claim of a paper's report: what it says, what was found, by which rule, from which runs, and the command for each.</summary>
internal static class ClaimSection
{
    public static Subsection Of(Judgement judged, PaperReportInput input)
    {
        var claim = judged.Claim;
        var blocks = new List<Block>
        {
            new Paragraph(Words.Strong(claim.Statement) + $" {claim.Stands}. {(claim.Transfer ? "A transfer claim; in the paper: " : "In the paper: ")}{claim.Scale.TrimEnd('.')}."),
            new Paragraph(VerdictWords.Badge(judged.Verdict) + $" {judged.Reason}"),
        };
        if (judged.Needed is { } needed) blocks.Add(new Paragraph(Words.Strong("What would decide:") + $" {needed.Sentence}"));
        if (judged.Shown.Any()) blocks.Add(Scores(judged, input));
        if (judged.Evidence.Count > 0) blocks.Add(Rule(judged, input));
        else if (claim.Looks.Count > 0) blocks.Add(new Paragraph($"Fixed for its runs: {claim.Metric} on {claim.Split}; {Tolerance(claim)}; looks at {Looks(claim)} runs{(claim.Settings.Count > 0 ? " of each setting" : "")}."));
        if (Runs(judged, input) is { } runs) blocks.Add(runs);
        if (judged.Evidence.OtherScale.Count > 0) blocks.Add(Elsewhere(judged, input));
        if (judged.Evidence.NotFrozen.Count > 0) blocks.Add(Earlier(judged, input));
        // What is not judged no run can decide.
        if (judged.Verdict != Verdict.NotJudged)
        {
            blocks.Add(new Paragraph("What tests it:"));
            blocks.Add(new CodeBlock(string.Join('\n', ClaimCommand.Of(claim, input.Card.Experiment, input.Searches))));
        }
        return new Subsection($"claim-{claim.Id}", claim.Id, blocks);
    }

    private static Ledger Of(PaperReportInput input, IEnumerable<EvidenceRun> runs) => LedgerBook.Of(input.Command, [.. runs.Select(run => run.Origin)]);

    private static Table Scores(Judgement judged, PaperReportInput input)
    {
        var unit = judged.Claim.Unit;
        var rows = judged.Settings.Select(setting => (IReadOnlyList<Words>)[
            setting.Name.Length > 0 ? Words.Code(setting.Name) : "ours", setting.Values.Count.ToString(CultureInfo.InvariantCulture), JudgementText.Score(setting, unit), setting.Values.Count > 0 ? string.Join(", ", setting.Values.Select(Numbers.Write)) : "–",
        ]).ToList();
        if (judged.Claim is { Kind: ClaimKind.Value, Value: not null }) rows.Insert(0, ["the paper", judged.Claim.PaperRuns.ToString(CultureInfo.InvariantCulture), JudgementText.Paper(judged.Claim), "–"]);
        if (input.FloorOf(judged.Claim.Metric) is { } floor && judged.Shown.Select(run => run.Score(floor)).OfType<double>().ToList() is { Count: > 0 } floors)
        {
            var of = new SettingScore("as many real examples", floors.Distinct().Count() == 1 ? [floors[0]] : floors);
            rows.Add([of.Name, of.Values.Count.ToString(CultureInfo.InvariantCulture), JudgementText.Score(of, unit), string.Join(", ", of.Values.Select(Numbers.Write))]);
        }
        return new Table($"{judged.Claim.Metric} of the {(judged.Runs > 0 ? "judged runs" : "runs at hand")}", ["", "n", "mean [95 % interval]", "each run"], rows)
        {
            Name = $"claim-{judged.Claim.Id}", Ledger = Of(input, judged.Shown),
        };
    }

    private static Details Rule(Judgement judged, PaperReportInput input)
    {
        var claim = judged.Claim;
        var rows = new List<IReadOnlyList<Words>>();
        Add("metric", $"{claim.Metric} ({claim.Split} split)");
        Add("tolerance", Tolerance(claim));
        Add("largest n, and looks", claim.Looks.Count > 0 ? $"{claim.LargestN}; at {Looks(claim)}" : "none");
        Add("test", judged.Test.Length > 0 ? judged.Test : "none was made");
        if (judged.Look is { } look) Add("level of this look", $"{Numbers.Write(look.Level)} of {Judge.Alpha.ToString(CultureInfo.InvariantCulture)} (O'Brien and Fleming's shape){(judged.Comparisons.Count > 0 ? $"; the interval has {Numbers.Write((1 - judged.Comparisons[0].Interval.Level) / 2)} beyond each end" : "")}");
        foreach (var comparison in judged.Comparisons)
            Add(comparison.What, $"{Numbers.Write(comparison.Difference.Value)} ± {Numbers.Write(comparison.Difference.StandardError)} (standard error, {Numbers.Write(comparison.Difference.Degrees)} degrees of freedom); region {Region(comparison)}");
        Add("frozen beforehand", $"{judged.Freeze.State.ToString().ToLowerInvariant()}: {judged.Freeze.Sentence}");
        if (judged.Evidence.Diverged.Count > 0) Add("diverged", $"{judged.Evidence.Diverged.Count}: {string.Join(", ", judged.Evidence.Diverged.Select(run => run.Run.Id))}");
        if (judged.Evidence.Again.Count > 0) Add("seeds that were run again, and count once", string.Join(", ", judged.Evidence.Again.Select(run => $"{run.Run.Id} ({Numbers.Write(run.Score(claim.Metric)!.Value)})")));
        if (judged.Evidence.Unfinished.Count > 0) Add("not completed, or without the metric", $"{judged.Evidence.Unfinished.Count}: {string.Join(", ", judged.Evidence.Unfinished.Select(run => run.Run.Id))}");
        return new Details("The rule and its numbers", [
            new Paragraph("Reproduced: the interval lies inside the region. Not reproduced: it lies outside. Otherwise inconclusive. Fixed on the card before the runs; exactly the first runs of a look are judged, in the order in which they began."),
            new Table($"How the verdict on {claim.Id} was made", ["what", "value"], rows) { Ledger = Of(input, judged.Shown) },
        ]);

        void Add(string name, string value) => rows.Add([name, value]);
    }

    private static Details? Runs(Judgement judged, PaperReportInput input)
    {
        var rows = judged.Evidence.Settings.SelectMany((runs, i) => runs.Select((run, n) => (IReadOnlyList<Words>)[
            Words.Code(run.Run.Id), judged.Settings[i].Name.Length > 0 ? Words.Code(judged.Settings[i].Name) : "–", Numbers.Write(run.Score(judged.Claim.Metric)!.Value), Judged(n),
            Words.Link(run.Folder, PaperSections.Anchor(run.Folder)), Words.Code(run.Run.Command),
        ])).ToList();
        return rows.Count == 0 ? null : new Details($"{rows.Count} {(rows.Count == 1 ? "run" : "runs")}, each with its command", [new Table($"Runs that speak to {judged.Claim.Id}", ["run", "setting", judged.Claim.Metric, "judged", "folder", "the command"], rows) { Ledger = Of(input, judged.Evidence.Settings.SelectMany(runs => runs)) }]);

        // Of settings with different numbers of runs, those beyond the fewest have none to be compared with.
        string Judged(int n) => n < judged.Runs ? "yes" : judged.Runs > 0 ? "after the look" : n >= judged.Evidence.Count ? "waits for the other settings" : "before the first look";
    }

    private static Details Elsewhere(Judgement judged, PaperReportInput input) => new($"{judged.Evidence.OtherScale.Count} {(judged.Evidence.OtherScale.Count == 1 ? "run" : "runs")} at another setting, not judged", [
        new Table($"Runs about {judged.Claim.Id} at another setting", ["folder", "n", judged.Claim.Metric, "what differs (asked)"], [.. judged.Evidence.OtherScale
            .GroupBy(other => (other.Run.Folder, Differences: string.Join(", ", other.Differences.Select(difference => $"{difference.Name} = {difference.Ours} ({difference.Paper})")), Setting: string.Join(", ", judged.Claim.Settings.SelectMany(setting => setting.Settings).Select(s => s.Key).Distinct().Select(name => $"{name} = {other.Run.Run.Options.First(option => option.Key == name).Value}"))))
            .Select(group => (IReadOnlyList<Words>)[
                Words.Link(group.Key.Folder, PaperSections.Anchor(group.Key.Folder)) + (group.Key.Setting.Length > 0 ? $" ({group.Key.Setting})" : ""), group.Count().ToString(CultureInfo.InvariantCulture),
                JudgementText.Score(new SettingScore("", [.. group.Select(other => other.Run.Score(judged.Claim.Metric)!.Value)]), judged.Claim.Unit), group.Key.Differences,
            ])]) { Ledger = Of(input, judged.Evidence.OtherScale.Select(other => other.Run)) },
    ]);

    private static Details Earlier(Judgement judged, PaperReportInput input) => new($"{judged.Evidence.NotFrozen.Count} {(judged.Evidence.NotFrozen.Count == 1 ? "run" : "runs")} not judged, with the reason", [
        new Table($"Runs that are not judged by {judged.Claim.Id}", ["run", judged.Claim.Metric, "why it is not judged"], [.. judged.Evidence.NotFrozen.Select(earlier => (IReadOnlyList<Words>)[
            Words.Code(earlier.Run.Run.Id), earlier.Run.Score(judged.Claim.Metric) is { } score ? Numbers.Write(score) : "–", earlier.Freeze.Sentence,
        ])]) { Ledger = Of(input, judged.Evidence.NotFrozen.Select(earlier => earlier.Run)) },
    ]);

    // In an order it moves no region: it is the difference that the largest n is to find.
    private static string Tolerance(Claim claim) => claim.Tolerance is not { } tolerance ? "no tolerance"
        : $"a difference of {(claim.Direction is null ? "up to " : "")}{$"{Numbers.Write(tolerance)} {(claim.Unit == "%" ? "percentage points" : claim.Unit)}".Trim()} {(claim.Direction is null ? "counts as none" : "is what the largest n is to find; the region begins at 0")}";

    private static string Region(TestedDifference comparison) => double.IsInfinity(comparison.High) ? "above 0" : double.IsInfinity(comparison.Low) ? "below 0" : $"−{Numbers.Write(comparison.High)} to {Numbers.Write(comparison.High)}";

    private static string Looks(Claim claim) => claim.Looks.Count > 0 ? string.Join(", ", claim.Looks) : "several";
}
