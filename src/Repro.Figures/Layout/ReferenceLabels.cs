namespace Repro.Figures.Layout;

/// <summary>Places the labels of reference lines beside their lines, where no data are.</summary>
internal static class ReferenceLabels
{
    private const int Places = 24;
    private const double FromLine = 1.5;

    /// <summary>A label a reference, except for those that find no free place.</summary>
    public static List<(Reference Reference, PlacedText Text)> Place(Figure figure, FigureLayout layout, IEnumerable<Reference> references)
    {
        var placed = new List<(Reference, PlacedText)>();
        var obstacles = new Obstacles(figure, layout.X, layout.Y, layout.Map, layout.BarWidth);
        foreach (var word in layout.Words) obstacles.Add(word.Bounds);
        foreach (var reference in references)
        {
            var text = TextSize.Clean(reference.Label);
            var (w, h) = (TextSize.Width(text, TextSize.Body) + 4, TextSize.Body + 1.5);
            var plot = layout.Plot;
            var boxes = reference.Vertical ? BesideVertical(plot, layout.Map(reference.At, layout.Y.Min).X, w, h) : BesideHorizontal(plot, layout.Map(layout.X.Min, reference.At).Y, w, h);
            // FirstOrDefault of a struct would give an empty box, not null.
            foreach (var box in boxes.Where(box => box.Left >= plot.Left && box.Right <= plot.Right && box.Top >= plot.Top - 1 && box.Bottom <= plot.Bottom && obstacles.Free(box)).Take(1))
            {
                obstacles.Add(box);
                placed.Add((reference, new PlacedText(text, box.Left + 2, (box.Top + box.Bottom) / 2, TextSize.Body)));
            }
        }
        return placed;
    }

    // From the right side on, above the line before below it.
    private static IEnumerable<Box> BesideHorizontal(Box plot, double y, double w, double h) =>
        from i in Enumerable.Range(0, Places + 1)
        let left = plot.Right - w - i * (plot.Width - w) / Places
        from top in (double[])[y - FromLine - h, y + FromLine]
        select new Box(left, top, left + w, top + h);

    // From the top down, right of the line before left of it.
    private static IEnumerable<Box> BesideVertical(Box plot, double x, double w, double h) =>
        from i in Enumerable.Range(0, Places + 1)
        let top = plot.Top + i * (plot.Height - h) / Places
        from left in (double[])[x + FromLine, x - FromLine - w]
        select new Box(left, top, left + w, top + h);
}
