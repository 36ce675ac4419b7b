using Repro.Figures;
using Repro.Reports.Runs;
using Repro.Studies.Statistics;

namespace Repro.Reports.Figures;

/// <summary>One arm of an ablation.</summary>
/// <param name="Differences">Arm minus baseline, one a pair of runs with the same seed; finite.</param>
/// <param name="Differs">Whether the test over all arms together calls it different from the baseline; a star says so.</param>
/// <param name="Paper">The difference that the paper reports for the same change; null where it reports none.</param>
public sealed record ForestRow(string Name, IReadOnlyList<double> Differences, bool Differs = false, double? Paper = null);

/// <summary>Paired differences between the arms of an ablation and its baseline, with intervals.</summary>
public static class ForestPlot
{
    private const int MeanColour = 1, PairColour = 5, ZeroColour = 6;
    private const double Level = 0.95, Lane = 0.27, PerRow = 36;

    // Of pairs, within a row; and how near to each other, as a share of the plot's width, two points of one lane overlap.
    private static readonly double[] Lanes = [0.22, 0.34, 0.46];
    private const double Overlap = 0.03;

    /// <param name="metric">The objective.</param>
    /// <param name="rows">In the study's order; one without pairs keeps its row and has nothing in it.</param>
    /// <returns>Null where no arm has a pair.</returns>
    public static Figure? Of(string metric, IReadOnlyList<ForestRow> rows, bool lowerIsBetter = true)
    {
        if (rows.All(row => row.Differences.Count == 0)) return null;
        var words = MetricWords.Of(metric);
        var means = rows.Select((row, i) => (Row: row, Y: (double)i)).Where(item => item.Row.Differences.Count > 0)
            .Select(item => (item.Row, item.Y, Mean: item.Row.Differences.Average(), Interval: item.Row.Differences.Count > 1 ? StudentT.Paired(item.Row.Differences, Level) : null)).ToList();
        var intervals = means.Where(item => item.Interval is not null).ToList();
        var papers = means.Where(item => item.Row.Paper is not null).ToList();

        var all = means.SelectMany(item => (double[])[0, item.Mean, .. item.Row.Differences, item.Interval?.Low ?? item.Mean, item.Interval?.High ?? item.Mean, item.Row.Paper ?? 0]).ToList();
        var (low, high) = Room(all.Min(), all.Max());

        List<Mark> marks = [new Reference("no difference", ZeroColour, 0, Vertical: true)];
        marks.Add(new Points("one pair", PairColour, [.. means.SelectMany(item => item.Row.Differences)], [.. means.SelectMany(item => Apart(item.Row.Differences, Overlap * (high - low)).Select(lane => item.Y + lane))]));
        if (intervals.Count > 0) marks.Add(new Intervals("mean with 95 % interval", MeanColour, [.. intervals.Select(item => item.Y)], [.. intervals.Select(item => item.Interval!.Low)], [.. intervals.Select(item => item.Interval!.High)], Horizontal: true));
        marks.Add(new Points(intervals.Count > 0 ? "mean with 95 % interval" : "mean", MeanColour, [.. means.Select(item => item.Mean)], [.. means.Select(item => item.Y)]));
        if (papers.Count > 0) marks.Add(new Points("the paper's difference", PaperValue.Colour, [.. papers.Select(item => item.Row.Paper!.Value)], [.. papers.Select(item => item.Y)]));

        marks.AddRange(RowNumbers.Place(ZeroColour, 0, low, high, [.. means.Select(item => (item.Mean, item.Y - Lane, RowNumbers.Write(item.Mean, item.Interval, signed: true) + (item.Row.Differs ? " *" : "")))]));
        var star = means.Exists(item => item.Row.Differs) ? " * differs from the baseline with all arms tested together." : "";
        return new Figure("forest", $"{words.Sentence}, arm minus baseline", new Axis(words.DifferenceUnit.Length > 0 ? $"difference ({words.DifferenceUnit})" : "difference", Min: low, Max: high),
            new Axis("", Min: -0.75, Max: rows.Count - 0.4) { Categories = [.. rows.Select(row => row.Name)] }, marks)
        {
            Height = 92 + (PerRow * rows.Count),
            Caption = $"Above 0 the arm is {(lowerIsBetter ? "worse" : "better")} than the baseline. Runs are paired by seed ({Pairs(means.Select(item => item.Row.Differences.Count).ToList())}); "
                + $"small points are the pairs (lower ones are moved there to be seen), the interval is the 95 % Student-t interval of their mean, for each arm by itself.{star}",
        };
    }

    /// <summary>For each value the first lane whose last point it does not touch; where all are taken, the one whose point is farthest.</summary>
    private static double[] Apart(IReadOnlyList<double> values, double distance)
    {
        var last = Lanes.Select(_ => double.NegativeInfinity).ToArray();
        var placed = new double[values.Count];
        foreach (var i in Enumerable.Range(0, values.Count).OrderBy(i => values[i]))
        {
            var lane = Array.FindIndex(last, place => values[i] - place >= distance);
            if (lane < 0) lane = Array.IndexOf(last, last.Min());
            (placed[i], last[lane]) = (Lanes[lane], values[i]);
        }
        return placed;
    }

    private static string Pairs(List<int> counts) => counts.Distinct().Count() == 1 ? $"n = {counts[0]} {(counts[0] == 1 ? "pair" : "pairs")} each" : $"n = {counts.Min()} to {counts.Max()} pairs";

    private static (double Low, double High) Room(double low, double high)
    {
        if (low == high) return (low - 1, high + 1);
        var pad = 0.06 * (high - low);
        return (low - pad, high + pad);
    }
}
