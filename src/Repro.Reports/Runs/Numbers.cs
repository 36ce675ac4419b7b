using System.Globalization;

namespace Repro.Reports.Runs;

/// <summary>How reports write quantities.</summary>
internal static class Numbers
{
    /// <summary>Four significant digits, more where the number is a larger integer.</summary>
    public static string Write(double value)
    {
        if (double.IsNaN(value)) return "not a number";
        if (double.IsInfinity(value)) return value > 0 ? "infinite" : "−infinite";
        if (Math.Abs(value) >= 1000 && Math.Abs(value) < 1e15) return value.ToString("#,0.#", CultureInfo.InvariantCulture).Replace('-', '−');
        return value.ToString("G4", CultureInfo.InvariantCulture).Replace('-', '−');
    }

    /// <summary>Three significant digits, for what stands within figures.</summary>
    public static string Short(double value) => Math.Abs(value) is >= 1000 or 0 || !double.IsFinite(value) ? Write(value) : Write(double.Parse(value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    /// <summary>A number whose error is known, with the decimals at which that error has two digits: 52.54 with an error of 1.46 is 52.5.</summary>
    public static string Beside(double value, double error)
    {
        if (!double.IsFinite(value) || !(error > 0) || !double.IsFinite(error)) return Write(value);
        var decimals = Math.Clamp(1 - (int)Math.Floor(Math.Log10(error)), 0, 9);
        return Math.Abs(value) >= 1e15 ? Write(value) : value.ToString("#,0." + new string('0', decimals), CultureInfo.InvariantCulture).Replace('-', '−');
    }

    /// <summary>12, 1,200.</summary>
    public static string Whole(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>1 run, 1,200 runs.</summary>
    /// <param name="what">In the singular; its plural ends in s.</param>
    public static string Count(long number, string what) => $"{Whole(number)} {what}{(number == 1 ? "" : "s")}";

    public static string WithUnit(double value, string unit) => unit.Length > 0 ? $"{Write(value)} {unit}" : Write(value);

    public static string Bytes(long bytes) => bytes >= 1L << 30
        ? (bytes / (double)(1L << 30)).ToString("0.00", CultureInfo.InvariantCulture) + " GiB"
        : (bytes / (double)(1L << 20)).ToString("0", CultureInfo.InvariantCulture) + " MiB";

    public static string Duration(TimeSpan time) =>
        time.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes:00} min")
        : time.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds:00} s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
