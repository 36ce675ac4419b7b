namespace Repro.Figures.Layout;

/// <summary>
/// Where everything of a figure with axes stands, in points from its top left. Renderers only draw; so two of them show the same axes, ticks
/// and labels, and what covers what is decided, and tested, in one place.
/// </summary>
public sealed record FigureLayout
{
    private const double Edge = 5, TitleLine = 12, TickLength = 3, TickGap = 3, LineHeight = 10.5;

    public required double Width { get; init; }

    public required double Height { get; init; }

    /// <summary>The area between the axes.</summary>
    public required Box Plot { get; init; }

    public required AxisScale X { get; init; }

    public required AxisScale Y { get; init; }

    /// <summary>Names of categories do not fit side by side and are turned by 40 degrees, ending at their tick.</summary>
    public required bool TurnXTicks { get; init; }

    public required IReadOnlyList<PlacedText> Title { get; init; }

    public required IReadOnlyList<LegendEntry> Legend { get; init; }

    public required IReadOnlyList<DirectLabel> DirectLabels { get; init; }

    /// <summary>Labels on reference lines, at places without data. A reference without such a place is in the legend.</summary>
    public required IReadOnlyList<(Reference Reference, PlacedText Text)> ReferenceLabels { get; init; }

    /// <summary>Centre of the axis labels; the y label is turned by 90 degrees.</summary>
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
        var top = Edge + title.Count * TitleLine + (title.Count > 0 ? 3 : 0);
        var legendMarks = figure.Marks.Where(mark => mark is Reference r ? inLegend.Exists(other => ReferenceEquals(other, r)) : directWidth is null);
        var legend = Layout.Legend.Place(legendMarks, Edge, top, width - 2 * Edge);
        top += Layout.Legend.Height(legend) + 5;

        var barWidth = BarWidthOf(figure);
        var xLabel = TextSize.Clean(figure.X.Label);
        var bottom = height - Edge - (xLabel.Length > 0 ? LineHeight + 4 : 0) - TextSize.Body - TickGap - TickLength;
        var right = width - (directWidth ?? Edge + 3);
        var y = FitY(figure, bottom - top);
        var left = LeftMargin(figure, y);
        var x = FitX(figure, right - left, barWidth);
        var turn = figure.X.Categories.Count > 0 && x.Ticks.Max(t => TextSize.Width(t.Label, TextSize.Body)) + 5 > (right - left) / (x.Max - x.Min);
        if (turn)
        {
            var longest = x.Ticks.Max(t => TextSize.Width(t.Label, TextSize.Body));
            bottom -= Math.Min(longest * Math.Sin(40 * Math.PI / 180), height * 0.4);
            y = FitY(figure, bottom - top);
            // The first name reaches to the left of its tick.
            left = Math.Max(LeftMargin(figure, y), longest * Math.Cos(40 * Math.PI / 180) - (right - left) / (x.Max - x.Min) * 0.6 + Edge);
        }
        else if (x.Ticks.LastOrDefault(t => t.Label.Length > 0) is { Label: not null } last)
        {
            // The last label is centred on its tick and must not run out of the figure.
            var over = left + x.Fraction(last.Position) * (right - left) + TextSize.Width(last.Label, TextSize.Body) / 2 - (width - 2);
            if (over > 0) right -= over;
        }
        if (right - left < 40 || bottom - top < 30)
            throw new FigureException($"Figure '{figure.Name}' of {width} x {height} points has no room left for data beside its labels; enlarge it or shorten them.");

        var plot = new Box(left, top, right, bottom);
        var labels = directWidth is null ? [] : Layout.DirectLabels.Place(figure, plot, x, y);
        if (labels is null) return null;
        var layout = new FigureLayout
        {
            Width = width,
            Height = height,
            Plot = plot,
            X = x,
            Y = y,
            TurnXTicks = turn,
            Title = title,
            Legend = legend,
            DirectLabels = labels,
            ReferenceLabels = [],
            XLabel = new PlacedText(TextSize.Shorten(xLabel, width - 2 * Edge, TextSize.Body), (left + right) / 2, height - Edge - LineHeight / 2 + 1, TextSize.Body, TextAlign.Centre),
            YLabel = new PlacedText(TextSize.Shorten(TextSize.Clean(figure.Y.Label), height - 2 * Edge, TextSize.Body), Edge + LineHeight / 2, (top + bottom) / 2, TextSize.Body, TextAlign.Centre),
            BarWidth = barWidth,
        };
        return layout with { ReferenceLabels = PlaceReferences(figure, layout, inLegend) };
    }

    private static double LeftMargin(Figure figure, AxisScale y) =>
        Edge + (figure.Y.Label.Length > 0 ? LineHeight + 3 : 0) + y.Ticks.Max(t => TextSize.Width(t.Label, TextSize.Body)) + TickGap + TickLength;

    private static AxisScale FitY(Figure figure, double length)
    {
        var values = figure.Marks.SelectMany(FigureRules.Values).Select(v => v.Y).Where(double.IsFinite).ToList();
        return AxisScale.Fit(figure.Y, values.Min(), values.Max(), 0.05, figure.Marks.Any(m => m is Bars), Math.Max(30, length), 26);
    }

    private static AxisScale FitX(Figure figure, double length, double barWidth)
    {
        var values = figure.Marks.SelectMany(FigureRules.Values).Select(v => v.X).Where(double.IsFinite).ToList();
        var (low, high) = (values.Min(), values.Max());
        var hasBars = figure.Marks.Any(m => m is Bars);
        // Bars and points need room at the sides; a line may run to them.
        if (hasBars) (low, high) = (low - barWidth * 0.7, high + barWidth * 0.7);
        var padding = hasBars || !figure.Marks.Any(m => m is Points) ? 0 : 0.04;
        return AxisScale.Fit(figure.X, low, high, padding, false, Math.Max(40, length), figure.X.Log ? 27 : 50);
    }

    private static double BarWidthOf(Figure figure)
    {
        var positions = figure.Marks.OfType<Bars>().SelectMany(bars => bars.X).Where(double.IsFinite).Distinct().Order().ToList();
        var gap = positions.Count < 2 ? 1 : positions.Zip(positions.Skip(1), (a, b) => b - a).Min();
        return gap * 0.72;
    }

    private static List<(Reference, PlacedText)> PlaceReferences(Figure figure, FigureLayout layout, List<Reference> inLegend)
    {
        const int Places = 24;
        var placed = new List<(Reference, PlacedText)>();
        var obstacles = new Obstacles(figure, layout.X, layout.Map, layout.BarWidth);
        foreach (var reference in figure.Marks.OfType<Reference>().Where(r => r.Label.Length > 0 && !inLegend.Exists(other => ReferenceEquals(other, r))))
        {
            var text = TextSize.Clean(reference.Label);
            var (w, h) = (TextSize.Width(text, TextSize.Body) + 4, TextSize.Body + 1.5);
            var y = layout.Map(layout.X.Min, reference.At).Y;
            var boxes =
                from i in Enumerable.Range(0, Places + 1)
                let left = layout.Plot.Right - w - i * (layout.Plot.Width - w) / Places
                from boxTop in (double[])[y - 1.5 - h, y + 1.5]
                select new Box(left, boxTop, left + w, boxTop + h);
            // FirstOrDefault of a struct would give an empty box, not null.
            foreach (var box in boxes.Where(box => box.Left >= layout.Plot.Left && box.Top >= layout.Plot.Top - 1 && box.Bottom <= layout.Plot.Bottom && obstacles.Free(box)).Take(1))
            {
                obstacles.Add(box);
                placed.Add((reference, new PlacedText(text, box.Left + 2, (box.Top + box.Bottom) / 2, TextSize.Body)));
            }
        }
        return placed;
    }
}
