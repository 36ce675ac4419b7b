using System.Globalization;
using Repro.Cli.Output;
using Repro.Reports.Claims;
using Repro.Reports.Runs;
using Repro.Results;

namespace Repro.Cli.Running;

/// <summary>What a completed run comes to, in a few lines on the screen: its time, its scores with the numbers to hold them against. The report says more.</summary>
public static class RunSummary
{
    /// <param name="mainMetric">What the run is judged by; it comes first.</param>
    /// <param name="claims">Of the paper's card; those with a number that concern the run stand beside its score.</param>
    /// <param name="best">What is to be expected of a perfect model, by score, where that is known.</param>
    /// <param name="lossUnit">As <see cref="ScoreText.WithUnit"/> takes it.</param>
    public static IEnumerable<string> Lines(RunRecord run, string mainMetric, IReadOnlyList<ClaimReading> claims, IReadOnlyDictionary<string, double> best, string lossUnit)
    {
        yield return Time(run);
        var scores = ScoreText.Ordered(run.Scores, mainMetric).ToList();
        if (scores.Count == 0) yield break;
        var (names, values) = (scores.Max(score => score.Key.Length), scores.Max(score => ScoreText.WithUnit(score.Key, score.Value, lossUnit).Length));
        foreach (var (name, value) in scores)
        {
            var beside = claims.Where(reading => reading.Concerns && reading.Claim.Metric == name && reading.Claim.Value is not null).Select(Paper).ToList();
            if (best.TryGetValue(name, out var possible)) beside.Add($"expected of a perfect model: {ScoreText.WithUnit(name, possible, lossUnit)}");
            yield return $"  {name.PadRight(names)}  {ScoreText.WithUnit(name, value, lossUnit).PadRight(values)}  {string.Join("; ", beside)}".TrimEnd();
        }
    }

    private static string Time(RunRecord run)
    {
        var steps = run.Metrics.Count > 0 ? run.Metrics[^1].Step : 0;
        var rate = run.Trained > TimeSpan.Zero && steps > 0 ? $", {(steps / run.Trained.TotalSeconds).ToString("0.0", CultureInfo.InvariantCulture)} steps/s" : "";
        var waiting = run.WaitingShare is { } share ? $", {(100 * share).ToString("0.0", CultureInfo.InvariantCulture)} % of it waiting for data" : "";
        var attempts = run.Attempts.Count > 1 ? $" and {run.Attempts.Count} attempts" : "";
        return $"Completed {steps.ToString("#,0", CultureInfo.InvariantCulture)} steps in {Words.Duration(run.Trained)}{attempts}{rate}{waiting}.";
    }

    private static string Paper(ClaimReading reading)
    {
        var claim = reading.Claim;
        // The screen has no character for plus or minus, nor for minus alone.
        var spread = claim.PublishedSpread is { } deviation ? $" +- {deviation}" : "";
        return $"published: {claim.Published!.Replace('−', '-')}{spread} {claim.Unit} ({claim.Stands}; {reading.Standing})";
    }
}
