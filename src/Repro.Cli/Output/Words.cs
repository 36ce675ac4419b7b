using System.Globalization;
using Repro.Studies.Runs;

namespace Repro.Cli.Output;

/// <summary>How numbers are written for people.</summary>
public static class Words
{
    /// <summary>0:42, 12:05, 1:02:03.</summary>
    public static string Duration(TimeSpan time)
    {
        var seconds = (long)Math.Round(Math.Max(0, Math.Min(time.TotalSeconds, 1e9)));
        return seconds >= 3600 ? $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}" : $"{seconds / 60}:{seconds % 60:00}";
    }

    /// <summary>The beginning of a hash, by which people tell it from others.</summary>
    public static string Hash(string hash) => hash.Length > 12 ? hash[..12] : hash;

    /// <summary>612 MiB, 1.4 GiB.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1L << 10 => $"{bytes} B",
        < 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB"),
        < 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:0.0} GiB"),
    };

    /// <summary>Four significant digits: 0.0871, 12.43, 1.2E-06.</summary>
    public static string Number(double value) =>
        value == 0 || !double.IsFinite(value) || Math.Abs(value) is >= 1e-3 and < 1e6 ? value.ToString("0.####", CultureInfo.InvariantCulture) is var text
            && double.IsFinite(value) && Math.Abs(value) >= 1000 ? value.ToString("0.#", CultureInfo.InvariantCulture) : text
        : value.ToString("0.###E+00", CultureInfo.InvariantCulture);

    /// <summary>1 run, 1,200 runs.</summary>
    /// <param name="what">In the singular; its plural ends in s.</param>
    public static string Count(long number, string what) => number == 1 ? $"1 {what}" : $"{number.ToString("#,0", CultureInfo.InvariantCulture)} {what}s";

    /// <summary>The state as written in tables and JSON.</summary>
    public static string State(RunState state) => state.ToString().ToLowerInvariant();

    /// <summary>A word of a command line as a POSIX shell takes it.</summary>
    public static string Shell(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,+@%^".Contains(c, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''")}'";
}
