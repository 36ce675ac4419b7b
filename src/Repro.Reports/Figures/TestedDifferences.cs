using Repro.Figures;
using Repro.Reports.Runs;
using Repro.Studies.Statistics;

namespace Repro.Reports.Figures;

/// <summary>One comparison of two settings.</summary>
/// <param name="Claim">Its id or a few words.</param>
/// <param name="Interval">The one that the verdict was made from, around <paramref name="Difference"/>.</param>
/// <param name="Region">What the claim allows; an end that it does not have is infinite.</param>
public sealed record DifferenceRow(string Claim, double Difference, Interval Interval, (double Low, double High) Region);

/// <summary>Differences between settings that were compared place by place (windows of a series), with the intervals that judged them: one row a claim, all in one unit.</summary>
public static class TestedDifferences
{
    private const int DifferenceColour = 1, RegionColour = 2, InkColour = 6;
    private const double Lane = 0.27, PerRow = 36;

    /// <param name="metric">What differs.</param>
    /// <param name="test">The test's name, as a caption says it.</param>
    /// <returns>Null where there is no row.</returns>
    public static Figure? Of(string name, string title, string metric, string unit, string test, IReadOnlyList<DifferenceRow> rows)
    {
        if (rows.Count == 0) return null;
        double[] all = [0, .. rows.SelectMany(row => (double[])[row.Interval.Low, row.Interval.High, row.Region.Low, row.Region.High]).Where(double.IsFinite)];
        var pad = 0.06 * Math.Max(all.Max() - all.Min(), 1e-9);
        var (low, high) = (all.Min() - pad, all.Max() + pad);
        double[] places = [.. rows.Select((_, i) => (double)i)];

        List<Mark> marks = [new Reference("no difference", InkColour, 0, Vertical: true)];
        // Each claim has a region of its own: a bar across its row.
        foreach (var (row, at) in rows.Zip(places))
            marks.Add(new Band("what the claim allows", RegionColour, [Math.Max(low, row.Region.Low), Math.Min(high, row.Region.High)], [at - 0.4, at - 0.4], [at + 0.4, at + 0.4]));
        marks.Add(new Intervals("difference with interval", DifferenceColour, places, [.. rows.Select(row => row.Interval.Low)], [.. rows.Select(row => row.Interval.High)], Horizontal: true));
        marks.Add(new Points("difference with interval", DifferenceColour, [.. rows.Select(row => row.Difference)], places));
        marks.AddRange(RowNumbers.Place(InkColour, 0, low, high, [.. rows.Zip(places, (row, at) => (row.Difference, at - Lane, RowNumbers.Write(row.Difference, row.Interval, signed: true)))]));
        return new Figure(name, title, new Axis($"difference in {metric}{(unit.Length > 0 ? $" ({unit})" : "")}", Min: low, Max: high), new Axis("", Min: -0.75, Max: rows.Count - 0.4) { Categories = [.. rows.Select(row => row.Claim)] }, marks)
        {
            Height = 92 + (PerRow * rows.Count),
            Caption = $"One row a claim, the second setting minus the first: {test}. The intervals are the ones that the verdicts were made from; the shaded region is what the claim allows, frozen before the first judged run.",
        };
    }
}
