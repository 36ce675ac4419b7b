using Repro.Figures;
using Repro.Reports.Runs;
using Repro.Studies.Statistics;

namespace Repro.Reports.Figures;

/// <summary>One claim of a value.</summary>
/// <param name="Claim">Its id or a few words.</param>
/// <param name="Tolerance">Half-width of the region that counts as the same, in the claim's unit; above 0.</param>
/// <param name="Runs">Of each of our runs the same metric; empty where none was run.</param>
/// <param name="Interval">The one that the verdict was made from; null where there are too few runs for one.</param>
public sealed record ValueRow(string Claim, PaperValue Paper, double Tolerance, string Unit, IReadOnlyList<double> Runs, Interval? Interval);

/// <summary>
/// Our runs beside the paper's values: one row a claim. Claims differ in their units and sizes, so that every row is drawn in its own tolerances from its own paper's
/// value: what lies within -1 and 1 counts as the same.
/// </summary>
public static class ValueBeside
{
    private const int OursColour = 1, RunColour = 5, InkColour = 6, RegionColour = 2;
    private const double Lane = 0.27, PerRow = 44;

    /// <param name="name">Of the figure's file.</param>
    /// <param name="interval">What the intervals are, after "the": <c>ones that the verdicts were made from</c>.</param>
    /// <returns>Null where no claim has a run.</returns>
    public static Figure? Of(string name, string title, IReadOnlyList<ValueRow> rows, string interval)
    {
        if (rows.All(row => row.Runs.Count == 0)) return null;
        var placed = rows.Select((row, i) => (Row: row, Y: (double)i)).ToList();
        var run = placed.Where(item => item.Row.Runs.Count > 0).Select(item => (item.Row, item.Y, Mean: Scaled(item.Row, item.Row.Runs.Average()))).ToList();
        var intervals = run.Where(item => item.Row.Interval is not null).ToList();

        List<Mark> marks =
        [
            new Band("within the tolerance", RegionColour, [-1, 1], [-0.75, -0.75], [rows.Count - 0.4, rows.Count - 0.4]),
            new Reference("the paper", PaperValue.Colour, 0, Vertical: true),
            new Points("one run", RunColour, [.. run.SelectMany(item => item.Row.Runs.Select(value => Scaled(item.Row, value)))], [.. run.SelectMany(item => item.Row.Runs.Select(_ => item.Y))]),
        ];
        var label = intervals.Count > 0 ? "our mean with interval" : "our mean";
        if (intervals.Count > 0) marks.Add(new Intervals(label, OursColour, [.. intervals.Select(item => item.Y)], [.. intervals.Select(item => Scaled(item.Row, item.Row.Interval!.Low))], [.. intervals.Select(item => Scaled(item.Row, item.Row.Interval!.High))], Horizontal: true));
        marks.Add(new Points(label, OursColour, [.. run.Select(item => item.Mean)], [.. run.Select(item => item.Y)]));

        var all = run.SelectMany(item => item.Row.Runs.Select(value => Scaled(item.Row, value))).Concat(intervals.SelectMany(item => (double[])[Scaled(item.Row, item.Row.Interval!.Low), Scaled(item.Row, item.Row.Interval.High)])).ToList();
        var (low, high) = (Math.Min(-1.6, all.Min()), Math.Max(1.6, all.Max()));
        (low, high) = (low - (0.06 * (high - low)), high + (0.06 * (high - low)));
        marks.AddRange(RowNumbers.Place(InkColour, 0, low, high, [.. run.Select(item => (item.Mean, item.Y - Lane, $"{RowNumbers.Write(item.Row.Runs.Average(), item.Row.Interval)} {item.Row.Unit}".Trim()))]));
        // The paper's number begins at its line.
        marks.Add(new Texts(PaperValue.Colour, [.. placed.Select(_ => 0.0)], [.. placed.Select(item => item.Y + Lane)], [.. placed.Select(item => Paper(item.Row))], TextSide.Right));
        return new Figure(name, title, new Axis("ours − paper's, in tolerances of the claim", Min: low, Max: high), new Axis("", Min: -0.75, Max: rows.Count - 0.4) { Categories = [.. rows.Select(row => row.Claim)] }, marks)
        {
            Height = 92 + (PerRow * rows.Count),
            Caption = $"One row a claim: ours above its line, the paper's value and tolerance below. Intervals are the {interval}. The shaded region is within the tolerance, which was frozen before the first judged run. "
                + $"n: {string.Join("; ", rows.Select(row => $"{row.Claim} {row.Runs.Count}"))}.",
        };
    }

    private static double Scaled(ValueRow row, double value) => (value - row.Paper.Value) / row.Tolerance;

    // Not with a sign of plus or minus, which would read as the paper's own uncertainty.
    private static string Paper(ValueRow row) => $"{row.Paper.WithUnit(row.Unit)}, tolerance {Numbers.Write(row.Tolerance)}{(row.Runs.Count == 0 ? ", no run of ours" : "")}";
}
