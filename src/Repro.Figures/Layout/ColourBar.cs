namespace Repro.Figures.Layout;

/// <summary>The bar beside a plot that says what continuous colours mean: low values below, high ones above.</summary>
public sealed record ColourBar
{
    private const double Gap = 8, Thickness = 9, TickGap = 4, LineHeight = 10.5, Edge = 5, Tallest = 190;

    /// <summary>The colours' area.</summary>
    public required Box Box { get; init; }

    public required AxisScale Scale { get; init; }

    /// <summary>Left of each text; ticks reach from the bar towards them.</summary>
    public required IReadOnlyList<PlacedText> TickLabels { get; init; }

    /// <summary>Turned, right of the ticks' labels.</summary>
    public required PlacedText Label { get; init; }

    /// <summary>Points from the top of labelled ticks down the bar.</summary>
    public required IReadOnlyList<double> Ticks { get; init; }

    /// <summary>
    /// The colours from below to above. Each piece reaches to the bar's top and the next covers the rest of it: with pieces side by side some
    /// viewers show white seams.
    /// </summary>
    public IReadOnlyList<(Box Box, string Colour)> Pieces()
    {
        const int Count = 64;
        return Enumerable.Range(0, Count).Select(i => (
            Box with { Bottom = Box.Bottom - Box.Height * i / Count }, "#" + Shades.Rgb((i + 0.5) / Count).ToString("X6", System.Globalization.CultureInfo.InvariantCulture))).ToList();
    }

    /// <summary>Points that the bar needs right of the plot; 0 where the figure has no colours.</summary>
    /// <param name="height">Of the plot.</param>
    public static double Width(Figure figure, double height)
    {
        if (figure.Colours is not { } colours) return 0;
        var labels = Labels(figure, Fit(colours, Math.Min(height, Tallest)));
        return Gap + Thickness + TickGap + labels.Max(tick => TextSize.Width(tick.Label, TextSize.Body)) + (colours.Label.Length > 0 ? 3 + LineHeight : 0) + Edge;
    }

    /// <param name="right">The figure's right side.</param>
    public static ColourBar? Place(Figure figure, Box plot, double right)
    {
        if (figure.Colours is not { } colours) return null;
        var height = Math.Min(plot.Height, Tallest);
        var top = plot.Top + (plot.Height - height) / 2;
        var left = right - Width(figure, plot.Height) + Gap;
        var box = new Box(left, top, left + Thickness, top + height);
        var scale = Fit(colours, height);
        var labels = Labels(figure, scale);
        double At(Tick tick) => box.Bottom - Math.Clamp(scale.Fraction(tick.Position), 0, 1) * box.Height;
        var text = TextSize.Shorten(TextSize.Clean(colours.Label), plot.Height + 40, TextSize.Body);
        return new ColourBar
        {
            Box = box,
            Scale = scale,
            Ticks = labels.Select(At).ToList(),
            TickLabels = labels.Select(tick => new PlacedText(tick.Label, box.Right + TickGap, At(tick), TextSize.Body)).ToList(),
            Label = new PlacedText(text, right - Edge - LineHeight / 2, (box.Top + box.Bottom) / 2, TextSize.Body, TextAlign.Centre, Turn: 90),
        };
    }

    private static AxisScale Fit(ColourScale colours, double height)
    {
        var axis = new Axis(colours.Label, colours.Log, colours.Low, colours.High);
        return AxisScale.Fit(axis, colours.Low, colours.High, 0, false, height, 24);
    }

    // A value beyond the scale has the colour of its end, so the end says "and beyond".
    private static List<Tick> Labels(Figure figure, AxisScale scale)
    {
        var colours = figure.Colours!;
        var values = figure.Marks.SelectMany(mark => mark is HeatMap map ? map.Cells.SelectMany(row => row) : mark.Shade is { } shade ? [shade] : []).Where(double.IsFinite).ToList();
        var ticks = scale.Ticks.Where(tick => tick.Label.Length > 0).ToList();
        if (values.Exists(value => value < colours.Low)) End(colours.Low, "≤ ");
        if (values.Exists(value => value > colours.High)) End(colours.High, "≥ ");
        return ticks;

        void End(double at, string sign)
        {
            var label = ticks.Find(tick => Math.Abs(scale.Fraction(tick.Position) - scale.Fraction(at)) < 1e-9).Label ?? at.ToString("G3", System.Globalization.CultureInfo.InvariantCulture);
            ticks.RemoveAll(tick => Math.Abs(scale.Fraction(tick.Position) - scale.Fraction(at)) < 0.08);
            ticks.Add(new Tick(at, sign + label));
        }
    }
}
