using System.Globalization;
using System.Text.RegularExpressions;

namespace Repro.Studies.StudyFiles;

/// <summary>Lengths of time as people write them: <c>2h</c>, <c>90m</c>, <c>1h30m</c>, <c>45s</c>, <c>1d</c>.</summary>
public static partial class DurationText
{
    /// <summary>What may be written.</summary>
    public const string Rule = "a time above 0 and up to 1000d, in whole units from the largest to the smallest, as in 2h, 90m, 1h30m, 45s, 1d";

    /// <returns>Null where the text is no such time.</returns>
    public static TimeSpan? Read(string text)
    {
        var match = Shape().Match(text);
        if (!match.Success) return null;
        long Part(string unit) => match.Groups[unit] is { Success: true } group ? long.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;
        var seconds = (Part("d") * 86_400) + (Part("h") * 3_600) + (Part("m") * 60) + Part("s");
        return seconds is > 0 and <= 86_400_000 ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>As <see cref="Read"/> reads it; a part of a second is left out.</summary>
    public static string Write(TimeSpan time)
    {
        var seconds = (long)time.TotalSeconds;
        (long Count, string Unit)[] parts = [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
        return string.Concat(parts.Where(part => part.Count > 0).Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Count}{part.Unit}")));
    }

    // At most nine digits a part, so that no sum overflows.
    [GeneratedRegex(@"^(?=\d)(?:(?<d>\d{1,9})d)?(?:(?<h>\d{1,9})h)?(?:(?<m>\d{1,9})m)?(?:(?<s>\d{1,9})s)?\z")]
    private static partial Regex Shape();
}
