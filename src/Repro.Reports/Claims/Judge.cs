using System.Globalization;
using Repro.Reports.Runs;
using Repro.Studies.Papers;
using Repro.Studies.Statistics;

namespace Repro.Reports.Claims;

/// <summary>
/// Makes verdicts, by one rule for all kinds of claims: an interval is held against the region that the card allows. Inside: reproduced. Outside: not reproduced.
/// Neither: inconclusive. Each of the wrong words is said with a probability of at most <see cref="Alpha"/>, over all looks and all steps of a trend together.
/// </summary>
/// <remarks>
/// A look may spend alpha_k (<see cref="AlphaSpending"/>). Inside is told by the interval with alpha_k beyond each end: two one-sided tests, as in <see cref="Equivalence"/>. Outside a region
/// of one end is told by the same interval, and outside one of two ends by the interval with alpha_k / 2 beyond each, since a difference may lie on either side. Along a trend every step must
/// be inside (an intersection-union test, Berger 1982, which needs no correction), and for one that lies outside alpha_k is divided by the steps.
/// </remarks>
public static class Judge
{
    public const double Alpha = 0.05;

    public static Judgement Of(ClaimEvidence evidence)
    {
        var (claim, n) = (evidence.Claim, evidence.Count);
        var all = Scores(claim, evidence, int.MaxValue);
        var open = new Judgement(claim, evidence) { Verdict = Verdict.Inconclusive, Settings = all };
        if (claim.Uncertain is { } uncertain) return open with { Verdict = Verdict.NotJudged, Reason = $"The paper's value is shown and not judged: {uncertain.TrimEnd('.')}." };
        if (evidence.Settings.All(runs => runs.Count == 0) && evidence.NotFrozen.Count == 0 && evidence.OtherScale.Count > 0 && !claim.Transfer) return open with { Verdict = Verdict.NotComparable, Reason = OtherScale(evidence), Deciding = ByRuns(null) };
        if (n == 0) return open with { Reason = NoRuns(claim, evidence), Deciding = ByRuns(null) };
        var spending = new AlphaSpending(claim.Looks, Alpha);
        if (n < 2 || spending.At(n) is not { } look)
            return open with { Reason = n == 1 ? "n = 1, and one run decides nothing." : $"n = {n}, and the card looks first at {claim.Looks[0]} runs.", Deciding = ByRuns(Deviation(claim, evidence, n)) };

        if (Scores(claim, evidence, look.Runs).Find(score => score.Values.Distinct().Count() == 1) is not null)
            return open with { Look = look, Runs = look.Runs, Settings = Scores(claim, evidence, look.Runs), Reason = $"All {look.Runs} runs of a setting ended with the very same value: they are no draws of their own, and say nothing of how far another would differ." };
        if (Mixed(evidence, look.Runs) is { } mixed) return open with { Look = look, Runs = look.Runs, Settings = Scores(claim, evidence, look.Runs), Reason = $"The judged runs read different data, or were measured with different things, under the name {mixed}, so that their values are not of one setting." };
        if (claim.OverWindows && Incomparable(claim, evidence, look) is { } lacking) return open with { Look = look, Runs = look.Runs, Settings = Scores(claim, evidence, look.Runs), Reason = lacking };
        var (test, comparisons) = Compare(claim, evidence, look);
        var judged = open with { Look = look, Runs = look.Runs, Settings = Scores(claim, evidence, look.Runs), Test = test, Comparisons = comparisons };
        var numbers = string.Join("; ", comparisons.Select(comparison => Sentence(claim, comparison)));
        if (comparisons.Any(comparison => comparison.IsOutside)) return judged with { Verdict = Verdict.NotReproduced, Reason = numbers + Ends(claim, evidence, look) };
        if (!comparisons.All(comparison => comparison.IsInside))
            return judged with { Reason = numbers + Ends(claim, evidence, look), Deciding = ByRuns(Deviation(claim, evidence, look.Runs)) };
        // Those that failed would most likely have been the worst.
        if (evidence.Diverged.Count > 0) return judged with { Reason = $"{numbers}{Ends(claim, evidence, look)} But {evidence.Diverged.Count} further {(evidence.Diverged.Count == 1 ? "run" : "runs")} of this setting diverged and {(evidence.Diverged.Count == 1 ? "has" : "have")} no value, so the mean is not that of the setting." };
        return judged with { Verdict = Verdict.Reproduced, Reason = numbers + Ends(claim, evidence, look) };

        // More seeds bring no more windows: what they would decide cannot be told from how far the seeds scatter.
        Lazy<StillNeeded>? ByRuns(double? deviation) => claim.OverWindows ? null : new(() => RunsToDecide.From(claim, evidence, deviation, n));
    }

    private static (string Test, List<TestedDifference> Comparisons) Compare(Claim claim, ClaimEvidence evidence, Look look)
    {
        if (claim.OverWindows)
        {
            var (first, second) = (Windows(claim, evidence.Settings[0], look), Windows(claim, evidence.Settings[1], look));
            var difference = DieboldMariano.Between(first[0].Starts, [.. first.Select(run => run.Losses)], [.. second.Select(run => run.Losses)], first[0].Horizon);
            return ($"losses of the same {first[0].Starts.Count} windows, by Diebold and Mariano's test{(claim.Kind == ClaimKind.Equivalence ? " (two one-sided tests)" : "")}", [Against(claim, $"({claim.Settings[1]}) − ({claim.Settings[0]})", difference, look, 1)]);
        }
        var values = Scores(claim, evidence, look.Runs).Select(score => score.Values).ToList();
        if (claim.Settings.Count == 0)
        {
            var (test, what, estimate) = claim.Kind == ClaimKind.Value ? BesidePaper(claim, values[0])
                : ("one-sample interval by Student's t", $"ours − {claim.Published}", StudentT.MeanOf([.. values[0].Select(value => value - claim.Value!.Value)]));
            return (test, [Against(claim, what, estimate, look, 1)]);
        }
        var steps = claim.Settings.Count - 1;
        var comparisons = Enumerable.Range(0, steps).Select(i =>
        {
            var estimate = evidence.Paired ? StudentT.MeanOf([.. values[i + 1].Zip(values[i], (later, earlier) => later - earlier)]) : StudentT.WelchOf(Sample.Of(values[i + 1]), Sample.Of(values[i]));
            return Against(claim, $"({claim.Settings[i + 1]}) − ({claim.Settings[i]})", estimate, look, steps);
        }).ToList();
        return ($"{(evidence.Paired ? "pairs of equal seeds, interval by Student's t" : "independent runs, interval by Welch's t")}{(claim.Kind == ClaimKind.Equivalence ? " (two one-sided tests)" : "")}", comparisons);
    }

    private static List<WindowLosses> Windows(Claim claim, IReadOnlyList<EvidenceRun> runs, Look look) => [.. runs.Take(look.Runs).Select(run => run.Windows(claim.Metric)!)];

    private static string? Incomparable(Claim claim, ClaimEvidence evidence, Look look)
    {
        var runs = evidence.Settings.SelectMany(setting => setting.Take(look.Runs)).ToList();
        if (runs.Find(run => run.Windows(claim.Metric) is null) is { } without) return $"{without.Run.Id} kept no {claim.Metric} of each window, by which this claim is judged.";
        var windows = runs[0].Windows(claim.Metric)!;
        if (runs.Find(run => run.Windows(claim.Metric) is var its && (its!.Horizon != windows.Horizon || !its.Starts.SequenceEqual(windows.Starts))) is { } other) return $"{runs[0].Run.Id} and {other.Run.Id} forecast other windows, so that their losses cannot be compared one by one.";
        return windows.Starts.Count > 0 && windows.Starts[^1] - windows.Starts[0] >= 2 * windows.Horizon ? null
            : $"No two of the {windows.Starts.Count} windows begin {2 * windows.Horizon} rows apart: how far their losses scatter cannot be told.";
    }

    // A paper's number is no constant: it is one draw, or the mean of a few, as uncertain as ours.
    private static (string Test, string What, Estimate Estimate) BesidePaper(Claim claim, IReadOnlyList<double> values) => claim is { Spread: { } spread, PaperRuns: > 1 }
        ? ($"Welch's interval beside the paper's {claim.PaperRuns} runs (two one-sided tests)", "ours − the paper's", StudentT.WelchOf(Sample.Of(values), new Sample(claim.Value!.Value, spread, claim.PaperRuns)))
        : ($"prediction interval for the paper's {(claim.PaperRuns == 1 ? "single run" : $"mean of {claim.PaperRuns} runs")} (two one-sided tests)", "ours − the paper's", StudentT.FromDrawOf(values, claim.Value!.Value, claim.PaperRuns));

    private static TestedDifference Against(Claim claim, string what, Estimate estimate, Look look, int steps)
    {
        var (low, high) = claim.Direction switch
        {
            ClaimDirection.Rises or ClaimDirection.Above => (0, double.PositiveInfinity),
            ClaimDirection.Falls or ClaimDirection.Below => (double.NegativeInfinity, 0),
            _ => (-claim.Tolerance!.Value, claim.Tolerance.Value),
        };
        return new TestedDifference(what, estimate, estimate.WithTails(look.Level), estimate.WithTails(look.Level / (double.IsInfinity(low) || double.IsInfinity(high) ? steps : 2 * steps)), low, high);
    }

    private static List<SettingScore> Scores(Claim claim, ClaimEvidence evidence, int runs) =>
        [.. evidence.Settings.Select((setting, i) => new SettingScore(claim.Settings.Count > 0 ? claim.Settings[i].ToString() : "", [.. setting.Take(runs).Select(run => run.Score(claim.Metric)!.Value)]))];

    /// <summary>The deviation of one run, or of one pair's difference where runs are paired; null where fewer than two are at hand.</summary>
    private static double? Deviation(Claim claim, ClaimEvidence evidence, int runs)
    {
        if (runs < 2) return null;
        var scores = Scores(claim, evidence, runs).Select(score => score.Values).ToList();
        return evidence.Paired ? Enumerable.Range(0, scores.Count - 1).Max(i => Sample.Of([.. scores[i + 1].Zip(scores[i], (later, earlier) => later - earlier)]).Deviation)
            : scores.Max(values => Sample.Of(values).Deviation);
    }

    private static string Sentence(Claim claim, TestedDifference comparison)
    {
        var region = double.IsInfinity(comparison.High) ? "above 0" : double.IsInfinity(comparison.Low) ? "below 0" : $"within ±{Numbers.Write(comparison.High)}";
        return $"{comparison.What} = {JudgementText.Difference(claim, comparison.Difference.Value, comparison.IsOutside ? comparison.Wide : comparison.Interval)}: "
            + $"{(comparison.IsInside ? "all of it" : comparison.IsOutside ? "none of it" : "only part of it")} is {region}";
    }

    private static string Ends(Claim claim, ClaimEvidence evidence, Look look) => $" (n = {look.Runs}{(claim.Looks.Count > 1 ? $", look {look.Number} of {claim.Looks.Count}" : "")}).{(evidence.Unfinished.Count == 0 ? ""
        : $" {evidence.Unfinished.Count} further {(evidence.Unfinished.Count == 1 ? "run" : "runs")} of this setting did not complete, or {(evidence.Unfinished.Count == 1 ? "lacks" : "lack")} the metric.")}";

    private static string? Mixed(ClaimEvidence evidence, int runs) => evidence.Settings.SelectMany(setting => setting.Take(runs)).SelectMany(run => run.Run.Attempts).SelectMany(attempt => attempt.Environment.DataSets)
        .GroupBy(set => set.Name).FirstOrDefault(set => set.Select(one => one.Identity).Distinct().Count() > 1)?.Key;

    private static string OtherScale(ClaimEvidence evidence)
    {
        var differences = evidence.OtherScale.SelectMany(other => other.Differences).GroupBy(difference => (difference.Name, difference.Paper))
            .Select(group => $"{group.Key.Name} = {string.Join(" or ", group.Select(difference => difference.Ours).Distinct())} (asked: {group.Key.Paper})").ToList();
        return $"{evidence.OtherScale.Count} {(evidence.OtherScale.Count == 1 ? "run is" : "runs are")} about it, at another setting: {string.Join(", ", differences)}.";
    }

    private static string NoRuns(Claim claim, ClaimEvidence evidence)
    {
        var missing = claim.Settings.Where((_, i) => evidence.Settings[i].Count == 0).ToList();
        var none = missing.Count > 0 && missing.Count < claim.Settings.Count ? $"No run yet of {string.Join("; ", missing.Select(setting => setting.ToString().Replace(",", ", ", StringComparison.Ordinal)))}." : "No run tests it yet.";
        if (evidence.NotFrozen.Count == 0) return none;
        var count = evidence.NotFrozen.Count;
        return $"{none} {count} {(count == 1 ? "run is" : "runs are")} not judged: {string.Join("; ", evidence.NotFrozen.GroupBy(run => run.Freeze.Sentence.TrimEnd('.')).Select(why => why.Count() == count ? why.Key : $"{why.Count()} because {why.Key}"))}.";
    }
}
