namespace Repro.Figures.Layout;

/// <summary>A labelled or (with an empty label) minor position on an axis.</summary>
public readonly record struct Tick(double Position, string Label);

/// <summary>Where an axis begins and ends and what is written along it. Computed once, so that every renderer draws the same axes.</summary>
/// <param name="Reversed">Values grow to the left or downwards: rows and categories of a y axis are read from the top.</param>
public sealed record AxisScale(double Min, double Max, bool Log, IReadOnlyList<Tick> Ticks, bool Reversed = false)
{
    /// <summary>Position along the axis: 0 at its left or lower end, 1 at the other; outside of that where the value is outside.</summary>
    public double Fraction(double value)
    {
        var fraction = Log ? Math.Log10(value / Min) / Math.Log10(Max / Min) : (value - Min) / (Max - Min);
        return Reversed ? 1 - fraction : fraction;
    }

    /// <summary>The value at a position along the axis; the inverse of <see cref="Fraction"/>.</summary>
    public double At(double fraction)
    {
        if (Reversed) fraction = 1 - fraction;
        return Log ? Min * Math.Pow(Max / Min, fraction) : Min + fraction * (Max - Min);
    }

    /// <summary>An axis of <paramref name="count"/> cells, each one unit wide and centred on a whole number: columns from the left, rows from the top.</summary>
    public static AxisScale Cells(Axis axis, int count, double length, double spacing, bool reversed)
    {
        const double Half = 0.5;
        IReadOnlyList<Tick> ticks = axis.Categories.Count > 0
            ? Names(axis)
            : [.. LinearTicks.Between(0, Math.Max(1, count - 1), Math.Max(2, (int)(length / spacing))).Where(tick => tick.Position < count && tick.Position == Math.Round(tick.Position))
                .Select(tick => tick with { Label = ((int)tick.Position).ToString(System.Globalization.CultureInfo.InvariantCulture) })];
        return new AxisScale(-Half, count - Half, false, ticks, reversed);
    }

    /// <param name="low">Smallest value of the data.</param>
    /// <param name="high">Largest value of the data.</param>
    /// <param name="padding">Share of the range that is left free at an end that the axis itself does not fix.</param>
    /// <param name="anchoredAtZero">Something in the figure stands on zero (bars), so zero is shown and gets no padding.</param>
    /// <param name="length">In points: decides how many ticks there is room for.</param>
    /// <param name="spacing">Points that one tick label needs along the axis.</param>
    /// <param name="downwards">Categories run downwards: the first is the highest. Numbers never do.</param>
    public static AxisScale Fit(Axis axis, double low, double high, double padding, bool anchoredAtZero, double length, double spacing, bool downwards = false)
    {
        if (axis.Categories.Count > 0) return new AxisScale(axis.Min ?? -0.6, axis.Max ?? axis.Categories.Count - 0.4, false, Names(axis), downwards);
        if (anchoredAtZero) (low, high) = (Math.Min(0, low), Math.Max(0, high));
        var (min, max) = axis.Log ? PadLog(low, high, padding) : Pad(low, high, padding, anchoredAtZero);
        min = axis.Min ?? min;
        max = axis.Max ?? max;
        // One end was given and the data lie wholly beyond it.
        if (min >= max) (min, max) = axis.Min is not null ? (min, axis.Log ? min * 10 : min + 1) : (axis.Log ? max / 10 : max - 1, max);
        var count = Math.Max(2, (int)(length / spacing));
        return new AxisScale(min, max, axis.Log, axis.Log ? LogTicks.Between(min, max, count) : Legible(min, max, count, length));
    }

    // One or two numbers hardly make an axis: where the ticks for the usual spacing are so few, closer ones are taken if their labels fit side by side.
    private static IReadOnlyList<Tick> Legible(double min, double max, int count, double length)
    {
        const int Enough = 3, Closest = 7;
        const double Gap = 9;
        var ticks = LinearTicks.Between(min, max, count);
        for (var more = count + 1; ticks.Count < Enough && more <= Closest; more++)
        {
            var closer = LinearTicks.Between(min, max, more);
            if (closer.Count < 2) continue;
            if (closer.Max(tick => TextSize.Width(tick.Label, TextSize.Body)) + Gap > length * (closer[1].Position - closer[0].Position) / (max - min)) break;
            ticks = closer;
        }
        return ticks;
    }

    private static List<Tick> Names(Axis axis) => axis.Categories.Select((name, i) => new Tick(i, TextSize.Clean(name))).ToList();

    private static (double Min, double Max) Pad(double low, double high, double padding, bool anchoredAtZero)
    {
        if (low == high)
        {
            var half = low == 0 ? 1 : Math.Abs(low) * 0.1;
            return (low - half, high + half);
        }
        var pad = (high - low) * padding;
        // Quantities that cannot be negative are not given negative room.
        var min = anchoredAtZero && low == 0 ? 0 : low >= 0 ? Math.Max(0, low - pad) : low - pad;
        var max = anchoredAtZero && high == 0 ? 0 : high + pad;
        return (min, max);
    }

    private static (double Min, double Max) PadLog(double low, double high, double padding)
    {
        if (low == high) return (low / 2, high * 2);
        var pad = Math.Pow(high / low, padding);
        return (low / pad, high * pad);
    }
}
