using System.Globalization;
using Repro.Figures;
using Repro.Studies.Statistics;

namespace Repro.Reports.Figures;

/// <summary>The numbers that stand over the intervals of a figure with rows: as many digits as the interval deserves, and never across the line that it is read against.</summary>
internal static class RowNumbers
{
    // Half of the widest such text, as a share of a narrow column's plot.
    private const double HalfShare = 0.26;

    /// <summary><c>8.80 [8.00, 9.61]</c>: all three to the second digit of the interval's half-width; without an interval three digits.</summary>
    /// <param name="signed">Whether what is above 0 has its sign, as differences do.</param>
    public static string Write(double mean, Interval? interval, bool signed = false)
    {
        var size = interval is { Width: > 0 } ? interval.Width / 2 : Math.Abs(mean) / 10;
        var decimals = size > 0 ? Math.Clamp(1 - (int)Math.Floor(Math.Log10(size)), 0, 6) : 2;
        return interval is null ? One(mean) : $"{One(mean)} [{One(interval.Low)}, {One(interval.High)}]";

        string One(double value)
        {
            var text = Math.Abs(value).ToString($"F{decimals}", CultureInfo.InvariantCulture);
            var zero = text.All(c => c is '0' or '.');
            return (value < 0 && !zero ? "−" : value > 0 && !zero && signed ? "+" : "") + text;
        }
    }

    /// <summary>Texts at their means; one that would lie across <paramref name="line"/> stands on that side of it where there is room.</summary>
    /// <param name="low">Where the x axis begins.</param>
    /// <param name="high">Where it ends.</param>
    public static IEnumerable<Texts> Place(int colour, double line, double low, double high, IReadOnlyList<(double X, double Y, string Words)> texts)
    {
        var half = HalfShare * (high - low);
        return from text in texts
               let crosses = Math.Abs(text.X - line) < half
               let side = !crosses ? TextSide.Centre : Side(text.X)
               let x = side == TextSide.Centre ? Math.Clamp(text.X, low + half, high - half) : line
               group (x, text.Y, text.Words) by side into some
               orderby some.Key
               select new Texts(colour, [.. some.Select(item => item.x)], [.. some.Select(item => item.Y)], [.. some.Select(item => item.Words)], some.Key);

        TextSide Side(double x)
        {
            var (left, right) = (line - low > 2 * half, high - line > 2 * half);
            return left && right ? (x < line ? TextSide.Left : TextSide.Right) : right ? TextSide.Right : left ? TextSide.Left : TextSide.Centre;
        }
    }
}
