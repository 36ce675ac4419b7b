namespace Repro.Figures.Layout;

/// <summary>
/// Where everything of a figure with axes stands, in points from its top left. Renderers only draw; so two of them show the same axes, ticks
/// and labels, and what covers what is decided, and tested, in one place.
/// </summary>
public sealed record FigureLayout
{
    private const double Edge = 5, TitleLine = 12, TickGap = 3, LineHeight = 10.5, Margin = 3;

    public required double Width { get; init; }

    public required double Height { get; init; }

    /// <summary>The area between the axes.</summary>
    public required Box Plot { get; init; }

    public required AxisScale X { get; init; }

    public required AxisScale Y { get; init; }

    /// <summary>Numbers and names along both axes.</summary>
    public required IReadOnlyList<PlacedText> TickTexts { get; init; }

    /// <summary>Degrees by which names of categories on the x axis are turned because they do not fit side by side, ending at their tick; 0 where they fit.</summary>
    public required double XTickTurn { get; init; }

    /// <summary>The words of <see cref="Texts"/> marks.</summary>
    public required IReadOnlyList<PlacedText> Words { get; init; }

    /// <summary>What continuous colours mean; null where the figure has none.</summary>
    public required ColourBar? Bar { get; init; }

    public required IReadOnlyList<PlacedText> Title { get; init; }

    public required IReadOnlyList<LegendEntry> Legend { get; init; }

    public required IReadOnlyList<DirectLabel> DirectLabels { get; init; }

    /// <summary>Labels on reference lines, at places without data. A reference without such a place is in the legend.</summary>
    public required IReadOnlyList<(Reference Reference, PlacedText Text)> ReferenceLabels { get; init; }

    /// <summary>Centre of the axis labels.</summary>
    public required PlacedText XLabel { get; init; }

    public required PlacedText YLabel { get; init; }

    /// <summary>Width of every bar in data units.</summary>
    public required double BarWidth { get; init; }

    /// <summary>From data to points.</summary>
    public (double X, double Y) Map(double x, double y) => (Plot.Left + X.Fraction(x) * Plot.Width, Plot.Bottom - Y.Fraction(y) * Plot.Height);

    /// <exception cref="FigureException">The figure breaks a rule of <see cref="FigureRules"/>, or its labels leave no room for data.</exception>
    public static FigureLayout Of(Figure figure)
    {
        FigureRules.Check(figure);
        var direct = Layout.DirectLabels.Width(figure);
        var first = direct is null ? null : TryPlace(figure, direct, []);
        var layout = first ?? TryPlace(figure, null, [])!;
        var homeless = Homeless(figure, layout);
        return homeless.Count == 0 ? layout : TryPlace(figure, first is null ? null : direct, homeless) ?? TryPlace(figure, null, homeless)!;
    }

    private static List<Reference> Homeless(Figure figure, FigureLayout layout) =>
        figure.Marks.OfType<Reference>().Where(r => r.Label.Length > 0 && !layout.ReferenceLabels.Any(l => ReferenceEquals(l.Reference, r))).ToList();

    private static FigureLayout? TryPlace(Figure figure, double? directWidth, List<Reference> inLegend)
    {
        var (width, height) = (figure.Width, figure.Height);
        var title = TextSize.Wrap(TextSize.Clean(figure.Title), width - 2 * Edge, TextSize.Title, 2, bold: true)
            .Select((line, i) => new PlacedText(line, Edge, Edge + (i + 0.5) * TitleLine, TextSize.Title, Bold: true)).ToList();
        var header = Edge + title.Count * TitleLine + (title.Count > 0 ? 3 : 0);
        var legendMarks = figure.Marks.Where(mark => mark is Reference r ? inLegend.Exists(other => ReferenceEquals(other, r)) : directWidth is null).ToList();
        var legend = Layout.Legend.Place(legendMarks, Edge, header, width - 2 * Edge);
        header += Layout.Legend.Height(legend) + 5;

        var (plot, x, y, below, beside, words) = Fit(figure, header, directWidth);
        var labels = directWidth is null ? [] : Layout.DirectLabels.Place(figure, plot, x, y);
        if (labels is null) return null;
        var (centreX, centreY) = ((plot.Left + plot.Right) / 2, (plot.Top + plot.Bottom) / 2);
        var layout = new FigureLayout
        {
            Width = width,
            Height = height,
            Plot = plot,
            X = below.Labelled(figure.X, x),
            Y = beside.Labelled(figure.Y, y),
            TickTexts = [.. below.PlaceBelow(plot, x), .. beside.PlaceBeside(plot, y)],
            XTickTurn = below.Turn,
            Words = words,
            Bar = ColourBar.Place(figure, plot, width),
            Title = title,
            Legend = legend,
            DirectLabels = labels,
            ReferenceLabels = [],
            XLabel = AxisLabel(figure.X.Label, centreX, height - Edge - LineHeight / 2 + 1, width, width, 0),
            YLabel = AxisLabel(figure.Y.Label, Edge + LineHeight / 2, centreY, height, height, 90),
            BarWidth = BarWidthOf(figure),
        };
        var references = figure.Marks.OfType<Reference>().Where(r => r.Label.Length > 0 && !inLegend.Exists(other => ReferenceEquals(other, r)));
        return layout with { ReferenceLabels = Layout.ReferenceLabels.Place(figure, layout, references) };
    }

    // The plot's margins follow from the labels, and the labels from the plot's size, so the two are fitted in turns until nothing moves.
    private static (Box Plot, AxisScale X, AxisScale Y, TickLabels Below, TickLabels Beside, IReadOnlyList<PlacedText> Words) Fit(Figure figure, double header, double? directWidth)
    {
        const int Turns = 12;
        var (width, height, barWidth) = (figure.Width, figure.Height, BarWidthOf(figure));
        double moreLeft = 0, moreRight = 0, moreTop = 0, moreBottom = 0, extent = TextSize.Body;
        for (var turn = 0; ; turn++)
        {
            var top = header + moreTop;
            var bottom = height - Edge - (figure.X.Label.Length > 0 ? LineHeight + 4 : 0) - extent - TickGap - Layout.TickLabels.TickLength - moreBottom;
            var colours = ColourBar.Width(figure, bottom - top);
            var wordsEnd = width - Margin - Math.Max(0, (directWidth ?? 0) + colours - Margin);
            var right = width - Math.Max(directWidth ?? 0, colours > 0 ? 0 : Edge + 3) - colours - moreRight;
            var y = FitY(figure, bottom - top);
            var beside = Layout.TickLabels.Beside(figure.Y, y, bottom - top, width);
            var left = Edge + (figure.Y.Label.Length > 0 ? LineHeight + 3 : 0) + beside.Extent + TickGap + Layout.TickLabels.TickLength + moreLeft;
            var x = FitX(figure, right - left, barWidth);
            var below = Layout.TickLabels.Below(figure.X, x, Math.Max(1, right - left), height);
            var plot = new Box(left, top, right, bottom);
            if (right - left < 40 || bottom - top < 30)
                throw new FigureException($"Figure '{figure.Name}' of {width} x {height} points has no room left for data beside its labels; enlarge it or shorten them.");
            var words = Layout.Words.Place(figure, (a, b) => (left + x.Fraction(a) * (right - left), bottom - y.Fraction(b) * (bottom - top)), plot, x);
            var ticks = below.PlaceBelow(plot, x).Concat(beside.PlaceBeside(plot, y)).Select(text => text.Bounds).ToList();
            var bounds = words.Select(word => word.Bounds).ToList();
            var over = (
                Left: bounds.Concat(ticks).Select(box => Margin - box.Left).Append(0).Max(),
                Right: Math.Max(bounds.Select(box => box.Right - wordsEnd).Append(0).Max(), ticks.Select(box => box.Right - width + Margin).Append(0).Max()),
                Top: bounds.Select(box => header - 2 - box.Top).Append(0).Max(),
                Bottom: bounds.Select(box => box.Bottom - height + Margin).Append(0).Max());
            var settled = over is { Left: < 0.05, Right: < 0.05, Top: < 0.05, Bottom: < 0.05 } && Math.Abs(extent - below.Extent) < 0.05;
            if (settled || turn == Turns) return (plot, x, y, below, beside, words);
            (moreLeft, moreRight, moreTop, moreBottom, extent) = (moreLeft + over.Left, moreRight + over.Right, moreTop + over.Top, moreBottom + over.Bottom, below.Extent);
        }
    }

    private static PlacedText AxisLabel(string label, double x, double y, double length, double size, double turn)
    {
        var text = TextSize.Shorten(TextSize.Clean(label), length - 2 * Edge, TextSize.Body);
        // Centred on its axis, but moved where a long one would run out of the figure.
        var half = TextSize.Width(text, TextSize.Body) / 2;
        var (low, high) = (Edge + half, Math.Max(Edge + half, size - Edge - half));
        return turn == 0
            ? new PlacedText(text, Math.Clamp(x, low, high), y, TextSize.Body, TextAlign.Centre)
            : new PlacedText(text, x, Math.Clamp(y, low, high), TextSize.Body, TextAlign.Centre, Turn: turn);
    }

    private static AxisScale FitY(Figure figure, double length)
    {
        if (figure.Marks.OfType<HeatMap>().FirstOrDefault() is { } map) return AxisScale.Cells(figure.Y, map.Cells.Count, length, 16, reversed: true);
        var values = figure.Marks.SelectMany(FigureRules.Values).Select(v => v.Y).Where(double.IsFinite).ToList();
        return AxisScale.Fit(figure.Y, values.Min(), values.Max(), 0.05, figure.Marks.Any(m => m is Bars), Math.Max(30, length), 26, downwards: true);
    }

    private static AxisScale FitX(Figure figure, double length, double barWidth)
    {
        if (figure.Marks.OfType<HeatMap>().FirstOrDefault() is { } map) return AxisScale.Cells(figure.X, map.Cells[0].Count, length, 24, reversed: false);
        var values = figure.Marks.SelectMany(FigureRules.Values).Select(v => v.X).Where(double.IsFinite).ToList();
        var (low, high) = (values.Min(), values.Max());
        var hasBars = figure.Marks.Any(m => m is Bars);
        // Bars and points need room at the sides; a line may run to them.
        if (hasBars) (low, high) = (low - barWidth * 0.7, high + barWidth * 0.7);
        var padding = hasBars || !figure.Marks.Any(m => m is Points or Intervals) ? 0 : 0.04;
        return AxisScale.Fit(figure.X, low, high, padding, false, Math.Max(40, length), figure.X.Log ? 27 : 50);
    }

    private static double BarWidthOf(Figure figure)
    {
        var positions = figure.Marks.OfType<Bars>().SelectMany(bars => bars.X).Where(double.IsFinite).Distinct().Order().ToList();
        var gap = positions.Count < 2 ? 1 : positions.Zip(positions.Skip(1), (a, b) => b - a).Min();
        return gap * 0.72;
    }
}
