namespace Repro.Figures.Layout;

/// <summary>One entry above the plot: samples of the marks that share a label and colour, then the label.</summary>
/// <param name="X">Left end of the sample, in points.</param>
/// <param name="Y">Middle of the row.</param>
public sealed record LegendEntry(string Label, IReadOnlyList<Mark> Samples, double X, double Y)
{
    /// <summary>Width of the sample in points.</summary>
    public const double SampleWidth = 15;

    /// <summary>Between sample and label.</summary>
    public const double Gap = 4;
}

/// <summary>Places legend entries in rows above the plot, where they cover no data.</summary>
public static class Legend
{
    /// <summary>Height of one row in points.</summary>
    public const double RowHeight = 11.5;

    private const double Between = 13;

    /// <param name="marks">In the order of the legend; those with an empty label are left out.</param>
    /// <param name="left">Where rows begin.</param>
    /// <param name="top">Top of the first row.</param>
    /// <param name="width">Of a row; a longer label ends in an ellipsis.</param>
    public static IReadOnlyList<LegendEntry> Place(IReadOnlyList<Mark> marks, double left, double top, double width)
    {
        var entries = new List<LegendEntry>();
        double x = left, y = top + RowHeight / 2;
        foreach (var group in marks.Where(mark => mark.Label.Length > 0).GroupBy(mark => (mark.Label, mark.Colour, mark.Shade)))
        {
            var room = width - LegendEntry.SampleWidth - LegendEntry.Gap;
            var label = TextSize.Shorten(TextSize.Clean(group.Key.Label), room, TextSize.Body);
            var needed = LegendEntry.SampleWidth + LegendEntry.Gap + TextSize.Width(label, TextSize.Body);
            if (x > left && x + needed > left + width)
            {
                x = left;
                y += RowHeight;
            }
            entries.Add(new LegendEntry(label, Samples(marks, group), x, y));
            x += needed + Between;
        }
        return entries;
    }

    // A band inside a wider one of its colour looks darker in the plot, so it does in the legend.
    private static List<Mark> Samples(IReadOnlyList<Mark> marks, IEnumerable<Mark> group) =>
        group.SelectMany<Mark, Mark>(mark => mark is Band band ? marks.TakeWhile(other => !ReferenceEquals(other, band)).OfType<Band>().Where(other => other.Label != band.Label && Encloses(other, band)).Append(band) : [mark]).ToList();

    private static bool Encloses(Band outer, Band inner) =>
        outer.Colour == inner.Colour && outer.Shade == inner.Shade && outer.X.SequenceEqual(inner.X)
        && Enumerable.Range(0, inner.X.Count).All(i => !(outer.Low[i] > inner.Low[i]) && !(outer.High[i] < inner.High[i]));

    /// <summary>Points from the top of the first row to the bottom of the last.</summary>
    public static double Height(IReadOnlyList<LegendEntry> entries) => entries.Count == 0 ? 0 : entries[^1].Y - entries[0].Y + RowHeight;
}
