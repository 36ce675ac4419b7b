namespace Repro.Figures.Layout;

/// <summary>A line's name written to the right of its end.</summary>
/// <param name="Colour">Of the line, <c>#RRGGBB</c>.</param>
/// <param name="FromX">The line's end, in points.</param>
/// <param name="Text">Where and what; a thin leader in the line's colour joins the two.</param>
public sealed record DirectLabel(string Colour, double FromX, double FromY, PlacedText Text);

/// <summary>Names lines at their ends instead of in a legend, where that is clearer.</summary>
public static class DirectLabels
{
    /// <summary>From the plot's right side to the text.</summary>
    public const double Leader = 13;

    private const double Spacing = 10, FarthestShift = 26, WidestShare = 0.26;

    /// <summary>Points that the labels need right of the plot, or null where a legend serves better: marks other than lines, long names, many lines.</summary>
    public static double? Width(Figure figure)
    {
        var labelled = figure.Marks.Where(mark => mark.Label.Length > 0 && mark is not Reference).ToList();
        var lines = labelled.OfType<Line>().ToList();
        if (lines.Count is 0 or > 8 || lines.DistinctBy(line => line.Label).Count() != lines.Count) return null;
        if (!labelled.TrueForAll(mark => mark is Line || (mark is Band && lines.Exists(line => line.Label == mark.Label && line.Colour == mark.Colour)))) return null;
        var width = lines.Max(line => TextSize.Width(TextSize.Clean(line.Label), TextSize.Body)) + Leader + 5;
        return width <= WidestShare * figure.Width ? width : null;
    }

    /// <summary>The labels, moved apart where line ends are close; null where a line ends far from the right side or labels would stand far from their lines.</summary>
    public static IReadOnlyList<DirectLabel>? Place(Figure figure, Box plot, AxisScale x, AxisScale y)
    {
        var ends = new List<(Line Line, double X, double Y)>();
        foreach (var line in figure.Marks.OfType<Line>().Where(line => line.Label.Length > 0))
        {
            var runs = Polylines.Split(line.X, line.Y);
            if (runs.Count == 0) return null;
            var end = runs[^1][^1];
            var (fx, fy) = (x.Fraction(end[0]), y.Fraction(end[1]));
            if (fx is < 0.97 or > 1.001 || fy is < 0 or > 1) return null;
            ends.Add((line, plot.Left + fx * plot.Width, plot.Bottom - fy * plot.Height));
        }
        ends = ends.OrderBy(end => end.Y).ToList();
        if (ends.Count * Spacing > plot.Height) return null;
        var placed = Spread(ends.Select(end => end.Y).ToList(), plot.Top, plot.Bottom);
        if (ends.Zip(placed).Any(pair => Math.Abs(pair.First.Y - pair.Second) > FarthestShift)) return null;
        return ends.Zip(placed, (end, at) => new DirectLabel(
            Shades.Hex(figure, end.Line), end.X, end.Y, new PlacedText(TextSize.Clean(end.Line.Label), plot.Right + Leader, at, TextSize.Body))).ToList();
    }

    /// <summary>Positions at least <see cref="Spacing"/> apart with the least squared shift (pool adjacent violators), kept between the two ends.</summary>
    /// <param name="wanted">Ascending.</param>
    internal static IReadOnlyList<double> Spread(IReadOnlyList<double> wanted, double top, double bottom)
    {
        var pools = new List<(double Sum, int Count)>();
        for (var i = 0; i < wanted.Count; i++)
        {
            pools.Add((wanted[i] - i * Spacing, 1));
            while (pools.Count > 1 && pools[^2].Sum / pools[^2].Count > pools[^1].Sum / pools[^1].Count)
            {
                pools[^2] = (pools[^2].Sum + pools[^1].Sum, pools[^2].Count + pools[^1].Count);
                pools.RemoveAt(pools.Count - 1);
            }
        }
        var lowest = bottom - (wanted.Count - 1) * Spacing;
        return pools.SelectMany(pool => Enumerable.Repeat(Math.Clamp(pool.Sum / pool.Count, top, Math.Max(top, lowest)), pool.Count))
            .Select((position, i) => position + i * Spacing).ToList();
    }
}
