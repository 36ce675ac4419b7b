using System.Globalization;
using Repro.Reports.Runs;
using Repro.Studies.Papers;
using Repro.Studies.Statistics;

namespace Repro.Reports.Claims;

/// <summary>
/// How many further runs are likely to decide: up to the first look at which the test has a power of 0.8 at the card's tolerance, never at the difference that was seen.
/// </summary>
internal static class RunsToDecide
{
    private const double Power = 0.8;

    /// <param name="deviation">Of one run, or of one pair's difference; null where fewer than two were made.</param>
    /// <param name="runs">Of the setting that has fewest.</param>
    public static StillNeeded From(Claim claim, ClaimEvidence evidence, double? deviation, int runs)
    {
        var ahead = claim.Looks.Where(look => look > runs).ToList();
        if (ahead.Count == 0) return new StillNeeded(null, null, null, null, $"The largest n, {claim.LargestN}, is reached: it stays inconclusive.");
        if (claim.Tolerance is not { } delta) return Next($"the card states no difference that matters, so that nothing tells how many decide");
        // A pair's difference varies otherwise than the paper's single runs do.
        if ((deviation ?? (claim.Settings.Count == 0 ? claim.Spread : null)) is not { } sigma) return Next("how far runs differ is not known yet, and with it how many decide");
        var spending = new AlphaSpending(claim.Looks, Judge.Alpha);
        RunsNeeded? last = null;
        foreach (var look in ahead)
        {
            last = Search(claim, evidence.Paired || deviation is null, sigma, delta, look, spending.At(look)!.Level);
            if (last.Runs is not null) return To(look, $"{(deviation is null ? "by the paper's own deviation" : "by the deviation so far")}, {Numbers.Write(sigma)}, {look} {Each(claim)} have a power of at least {Power} at the tolerance, {Numbers.Write(delta)}");
        }
        // The tolerance is frozen: what is left are the looks, however little they promise.
        var later = ahead.Count > 1 ? $"; the last, at {ahead[^1]}, takes {Further(ahead[^1]).Text}" : "";
        return new StillNeeded(null, ahead[0], null, null, $"The next look, at {ahead[0]} {Each(claim)}, takes {Further(ahead[0]).Text}{later}. They are not likely to decide: {last!.Sentence}");

        StillNeeded Next(string why) => new(null, ahead[0], null, null, $"One looks {(runs == 0 ? "first" : "next")} at {ahead[0]} {Each(claim)}; {why}.");

        StillNeeded To(int look, string why)
        {
            var (further, hours, gpu, text) = Further(look);
            return new StillNeeded(further, look, hours, gpu, $"{text}: {why}.");
        }

        (int Runs, double? Hours, double? GpuHours, string Text) Further(int look)
        {
            var further = evidence.Settings.Sum(setting => Math.Max(0, look - setting.Count));
            var made = evidence.Settings.SelectMany(setting => setting).ToList();
            double? hours = made.Count > 0 ? further * made.Average(run => run.Hours) : null, gpu = made.Count > 0 ? further * made.Average(run => run.GpuHours) : null;
            var cost = hours is { } known ? string.Create(CultureInfo.InvariantCulture, $", some {Numbers.Write(known)} {(Numbers.Write(known) == "1" ? "hour" : "hours")}{(gpu > 0 ? $" ({Numbers.Write(gpu.Value)} GPU hours)" : "")} at the pace of those made") : "";
            return (further, hours, gpu, $"{further} more {(further == 1 ? "run" : "runs")}{cost}");
        }
    }

    private static RunsNeeded Search(Claim claim, bool paired, double sigma, double delta, int largest, double alpha) => claim.Kind switch
    {
        ClaimKind.Value => RunsNeeded.ForEquivalence(new RunsDesign.AgainstDraw(claim.PaperRuns), sigma, delta, largest, alpha, Power),
        ClaimKind.Equivalence => RunsNeeded.ForEquivalence(Design(paired), sigma, delta, largest, alpha, Power),
        _ => RunsNeeded.ForDifference(Design(claim.Settings.Count == 0 || paired), sigma, delta, largest, alpha, Power),
    };

    private static RunsDesign Design(bool paired) => paired ? new RunsDesign.Paired() : new RunsDesign.Independent();

    private static string Each(Claim claim) => claim.Settings.Count > 0 ? "runs a setting" : "runs";
}
