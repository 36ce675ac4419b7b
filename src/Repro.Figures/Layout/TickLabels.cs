namespace Repro.Figures.Layout;

/// <summary>What is written along an axis, fitted to the room there is: names of categories are broken into lines, turned, or shortened in this order.</summary>
/// <param name="Labels">Labelled ticks with the lines of each.</param>
/// <param name="Extent">Points from the axis's ticks to the far end of the labels.</param>
/// <param name="Turn">Degrees against the clock.</param>
public sealed record TickLabels(IReadOnlyList<(double Position, IReadOnlyList<string> Lines)> Labels, double Extent, double Turn)
{
    /// <summary>Of the ticks' outer ends from the axis.</summary>
    public const double TickLength = 3;

    private const double Gap = 3, Line = 9, LongestShare = 0.42, TallestShare = 0.4;
    private const int MostLines = 3;

    /// <summary>Below the plot.</summary>
    /// <param name="length">Of the axis in points.</param>
    /// <param name="height">Of the figure.</param>
    public static TickLabels Below(Axis axis, AxisScale scale, double length, double height)
    {
        var ticks = scale.Ticks.Where(tick => tick.Label.Length > 0).ToList();
        var pitch = length / Math.Abs(scale.Max - scale.Min);
        if (axis.Categories.Count == 0 || Widest(ticks) + 5 <= pitch) return new(Single(ticks), ticks.Count > 0 ? TextSize.Body : 0, 0);
        var broken = ticks.Select(tick => (tick.Position, Lines: TextSize.Wrap(tick.Label, pitch - 4, TextSize.Body, MostLines))).ToList();
        if (broken.Zip(ticks).All(pair => string.Join(' ', pair.First.Lines) == pair.Second.Label))
            return new(broken, TextSize.Body + (broken.Max(tick => tick.Lines.Count) - 1) * Line, 0);
        // Slanted lines of text are apart by pitch x sin 40; steeper ones by the pitch itself.
        var turn = pitch >= 13 ? 40.0 : 90.0;
        ticks = Sparse(ticks, pitch);
        var sin = Math.Sin(turn * Math.PI / 180);
        var longest = height * TallestShare / sin;
        var shortened = ticks.Select(tick => tick with { Label = TextSize.Shorten(tick.Label, longest, TextSize.Body) }).ToList();
        return new(Single(shortened), Widest(shortened) * sin + TextSize.Body * Math.Cos(turn * Math.PI / 180) / 2, turn);
    }

    /// <summary>Left of the plot.</summary>
    /// <param name="length">Of the axis in points.</param>
    /// <param name="width">Of the figure.</param>
    public static TickLabels Beside(Axis axis, AxisScale scale, double length, double width)
    {
        var ticks = scale.Ticks.Where(tick => tick.Label.Length > 0).ToList();
        if (axis.Categories.Count == 0) return new(Single(ticks), Widest(ticks), 0);
        var pitch = length / Math.Abs(scale.Max - scale.Min);
        ticks = Sparse(ticks, pitch);
        var longest = width * LongestShare;
        var lines = Math.Clamp((int)((pitch - 0.5) / Line), 1, MostLines);
        var wrapped = ticks.Select(tick => (tick.Position, Lines: TextSize.Wrap(tick.Label, longest, TextSize.Body, lines))).ToList();
        // An axis whose names are empty has none to place.
        return new(wrapped, wrapped.SelectMany(tick => tick.Lines).Select(line => TextSize.Width(line, TextSize.Body)).Append(0).Max(), 0);
    }

    /// <summary>The scale without the ticks of categories whose names were left out for want of room.</summary>
    public AxisScale Labelled(Axis axis, AxisScale scale) =>
        axis.Categories.Count == 0 ? scale : scale with { Ticks = scale.Ticks.Where(tick => Labels.Any(label => label.Position == tick.Position)).ToList() };

    public IReadOnlyList<PlacedText> PlaceBelow(Box plot, AxisScale scale) => [..
        from label in Labels
        let x = plot.Left + scale.Fraction(label.Position) * plot.Width
        from i in Enumerable.Range(0, label.Lines.Count)
        let y = plot.Bottom + TickLength + Gap
        select Turn == 0
            ? new PlacedText(label.Lines[i], x, y + TextSize.Body / 2 + i * Line, TextSize.Body, TextAlign.Centre)
            : new PlacedText(label.Lines[i], x, y, TextSize.Body, TextAlign.Right, Turn: Turn)];

    public IReadOnlyList<PlacedText> PlaceBeside(Box plot, AxisScale scale) => [..
        from label in Labels
        let y = plot.Bottom - scale.Fraction(label.Position) * plot.Height
        from i in Enumerable.Range(0, label.Lines.Count)
        select new PlacedText(label.Lines[i], plot.Left - TickLength - Gap, y + (i - (label.Lines.Count - 1) / 2.0) * Line, TextSize.Body, TextAlign.Right)];

    private static List<(double, IReadOnlyList<string>)> Single(List<Tick> ticks) => ticks.Select(tick => (tick.Position, (IReadOnlyList<string>)[tick.Label])).ToList();

    private static double Widest(List<Tick> ticks) => ticks.Count == 0 ? 0 : ticks.Max(tick => TextSize.Width(tick.Label, TextSize.Body));

    // Where even lines of text would overlap, every second, third ... name is written.
    private static List<Tick> Sparse(List<Tick> ticks, double pitch)
    {
        var every = Math.Max(1, (int)Math.Ceiling((Line - 0.5) / pitch));
        return ticks.Where((_, i) => i % every == 0).ToList();
    }
}
