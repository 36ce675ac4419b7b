namespace Repro.Figures.Layout;

/// <summary>Powers of ten along a logarithmic axis, with 2 and 5 between them where there are few decades.</summary>
public static class LogTicks
{
    /// <summary>Labelled ticks for about <paramref name="count"/> positions and unlabelled ones at the other multiples of powers of ten.</summary>
    public static IReadOnlyList<Tick> Between(double min, double max, int count)
    {
        var first = (int)Math.Floor(Math.Log10(min) + 1e-9);
        var last = (int)Math.Floor(Math.Log10(max) + 1e-9);
        var decades = last - first + 1;
        // Where there is no room for every power of ten, every second, third ... is labelled.
        var firstInside = (int)Math.Ceiling(Math.Log10(min) - 1e-9);
        var every = Math.Max(1, (int)Math.Ceiling((last - firstInside + 1) / (double)count));
        var labelled = Factors(min, max, first, last, count);
        var plain = Math.Ceiling(Math.Log10(min) - 1e-9) >= -4 && last <= 4;
        var ticks = new List<Tick>();
        for (var exponent = first; exponent <= last; exponent++)
        {
            for (var factor = 1; factor <= 9; factor++)
            {
                var position = factor * Math.Pow(10, exponent);
                if (position < min * (1 - 1e-9) || position > max * (1 + 1e-9)) continue;
                var isLabelled = labelled.Contains(factor) && (exponent - firstInside) % every == 0;
                // Minor ticks of many decades would be a grey smear.
                if (isLabelled || (every == 1 && decades <= 8) || factor == 1) ticks.Add(new Tick(position, isLabelled ? Label(factor, exponent, plain) : ""));
            }
        }
        // Within one part of a decade no such number may lie inside; a linear choice then says more.
        return ticks.Count(tick => tick.Label.Length > 0) >= 2 ? ticks : LinearTicks.Between(min, max, count);
    }

    /// <summary>An exponent as raised digits.</summary>
    public static string Superscript(int exponent) =>
        string.Concat(exponent.ToString(System.Globalization.CultureInfo.InvariantCulture).Select(c => c == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c - '0']));

    private static int[] Factors(double min, double max, int first, int last, int count)
    {
        foreach (var factors in (int[][])[[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1]])
        {
            var inside = Enumerable.Range(first, last - first + 1).Sum(e => factors.Count(f => f * Math.Pow(10, e) >= min && f * Math.Pow(10, e) <= max));
            if (inside <= Math.Min(count, factors.Length == 9 ? 5 : 7)) return factors;
        }
        return [1];
    }

    private static string Label(int factor, int exponent, bool plain)
    {
        if (plain) return (factor * Math.Pow(10, exponent)).ToString(exponent < 0 ? "F" + -exponent : "F0", System.Globalization.CultureInfo.InvariantCulture);
        return factor == 1 ? "10" + Superscript(exponent) : $"{factor}×10{Superscript(exponent)}";
    }
}
