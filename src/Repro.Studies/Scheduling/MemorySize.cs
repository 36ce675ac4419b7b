using System.Globalization;

namespace Repro.Studies.Scheduling;

/// <summary>Bytes as people write them: <c>20GiB</c>, <c>512MiB</c>, <c>1.5GiB</c>; a number alone is bytes.</summary>
public static class MemorySize
{
    private static readonly (string Unit, long Bytes)[] Units = [("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10)];

    /// <param name="what">Names it in the message: <c>memory</c>.</param>
    /// <returns>Bytes, rounded up to whole ones.</returns>
    /// <exception cref="BadInputException">No size, negative, or beyond 2^63 bytes.</exception>
    public static long Parse(string text, string what)
    {
        var (number, scale) = (text.Trim(), 1L);
        foreach (var (unit, bytes) in Units)
        {
            if (!number.EndsWith(unit, StringComparison.OrdinalIgnoreCase)) continue;
            (number, scale) = (number[..^unit.Length].TrimEnd(), bytes);
            break;
        }
        if (decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= long.MaxValue / scale) return (long)decimal.Ceiling(value * scale);
        var hint = text.TrimEnd().EndsWith('B') && !text.Contains("iB", StringComparison.OrdinalIgnoreCase) ? $" Units are powers of 1024: write {text.TrimEnd()[..^1]}iB." : "";
        throw new BadInputException($"{what} is a size, as 20GiB, 512MiB or 1.5GiB; it was '{text}'.{hint}");
    }

    /// <summary>The exact size in the largest unit that divides it; <see cref="Parse"/> reads it back.</summary>
    public static string Exact(long bytes)
    {
        foreach (var (unit, size) in Units)
        {
            if (bytes > 0 && bytes % size == 0) return $"{bytes / size}{unit}";
        }
        return bytes.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>For people, to a tenth: <c>139.8 GiB</c>.</summary>
    public static string Rounded(long bytes)
    {
        foreach (var (unit, size) in Units)
        {
            if (bytes >= size) return string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)size:0.#} {unit}");
        }
        return $"{bytes} bytes";
    }
}
