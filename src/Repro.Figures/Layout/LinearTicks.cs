namespace Repro.Figures.Layout;

/// <summary>Round numbers along a linear axis.</summary>
public static class LinearTicks
{
    /// <summary>At most about <paramref name="count"/> multiples of 1, 2, 2.5 or 5 times a power of ten.</summary>
    public static IReadOnlyList<Tick> Between(double min, double max, int count)
    {
        var step = Step(min, max, count);
        var first = Math.Ceiling(min / step - 1e-9);
        var last = Math.Floor(max / step + 1e-9);
        var positions = new List<double>();
        // An axis of huge values and tiny range has no representable round numbers inside; then its ends have to do.
        if (!(last - first is >= 0 and <= 1000) || min + step == min) positions.AddRange([min, max]);
        else for (var i = first; i <= last; i++) positions.Add(i * step);
        var (divisor, suffix) = Unit(Math.Max(Math.Abs(min), Math.Abs(max)), step);
        var decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(step / divisor) - 1e-9), 0, 15);
        if (decimals < 15 && !IsMultiple(step / divisor, decimals)) decimals++;
        return positions.Select(p => new Tick(p, Label(p / divisor, decimals, suffix))).ToList();
    }

    private static double Step(double min, double max, int count)
    {
        var rough = (max - min) / Math.Max(1, count);
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        foreach (var factor in (ReadOnlySpan<double>)[1, 2, 2.5, 5])
        {
            if (factor * power >= rough * (1 - 1e-9)) return factor * power;
        }
        return 10 * power;
    }

    // Thousands and millions are written with k and M where every tick is such a number; beyond that, and for tiny numbers, a power of ten.
    private static (double Divisor, string Suffix) Unit(double largest, double step)
    {
        if (largest >= 1e9 || largest < 1e-3)
        {
            var exponent = (int)Math.Floor(Math.Log10(largest));
            return (Math.Pow(10, exponent), "×10" + LogTicks.Superscript(exponent));
        }
        if (largest >= 2e6 && step >= 1e5) return (1e6, "M");
        return largest >= 5e3 && step >= 100 ? (1e3, "k") : (1, "");
    }

    private static bool IsMultiple(double step, int decimals)
    {
        var scaled = step * Math.Pow(10, decimals);
        return Math.Abs(scaled - Math.Round(scaled)) < 1e-6;
    }

    private static string Label(double value, int decimals, string suffix)
    {
        if (Math.Abs(value) < 1e-12) return "0";
        // A true minus sign is as wide as a digit and cannot be taken for a hyphen.
        return value.ToString("F" + decimals, System.Globalization.CultureInfo.InvariantCulture).Replace('-', '−') + suffix;
    }
}
