using System.Globalization;
using Repro.Reports.Runs;
using Repro.Studies.Options;
using Repro.Studies.Papers;
using Repro.Studies.Statistics;

namespace Repro.Reports.Claims;

/// <summary>A judgement's numbers in the few words of a table's cell.</summary>
public static class JudgementText
{
    /// <summary>The paper's number, <c>6.61 ± 0.16 %</c>, or what it says instead of one: <c>above 60 %</c>, <c>depth=20 &lt; depth=32</c>. Its own digits, never rounded.</summary>
    public static string Paper(Claim claim) => claim switch
    {
        { Direction: ClaimDirection.Above or ClaimDirection.Below } => $"{OptionText.Write(claim.Direction.Value)} {claim.Published} {claim.Unit}".TrimEnd(),
        { Published: { } value } => $"{value}{(claim.PublishedSpread is { } spread ? $" ± {spread}" : "")} {claim.Unit}".TrimEnd(),
        { Kind: ClaimKind.Equivalence } => $"{Settings(claim, " = ")}",
        { Direction: ClaimDirection.Rises } => Settings(claim, " < "),
        _ => Settings(claim, " > "),
    };

    /// <summary>What the runs at hand say, at whatever scale is judged: the mean with its 95 % interval, or one mean a setting, with a dash for one that has no run; a dash alone where none has.</summary>
    public static string Ours(Judgement judged)
    {
        if (judged.Settings.All(setting => setting.Mean is null)) return "–";
        if (judged.Claim.Settings.Count == 0) return Score(judged.Settings[0], judged.Claim.Unit);
        return string.Join(judged.Claim switch { { Kind: ClaimKind.Equivalence } => ", ", _ => "; " }, judged.Settings.Select((setting, i) => $"{Short(judged.Claim, i)}: {Score(setting, judged.Claim.Unit)}"));
    }

    /// <summary>What tables call n: how many runs; where settings of an open claim have different numbers, each, in their order: <c>4, 0, 0</c>.</summary>
    public static string Count(Judgement judged)
    {
        var counts = judged.Settings.Select(setting => setting.Values.Count.ToString(CultureInfo.InvariantCulture)).ToList();
        return judged.Look is null && counts.Distinct().Count() > 1 ? string.Join(", ", counts) : judged.Count.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A setting's mean with its 95 % interval.</summary>
    public static string Score(SettingScore score, string unit) => score.Mean is not { } mean ? "–"
        : score.Interval is { } interval ? $"{Numbers.Beside(mean, interval.Width / 2)} [{Numbers.Beside(interval.Low, interval.Width / 2)}, {Numbers.Beside(interval.High, interval.Width / 2)}] {unit}".TrimEnd() : Numbers.WithUnit(mean, unit);

    /// <summary>A difference with the interval that was held against the region: <c>+7.9 percentage points, 90 % interval [+6.1, +9.6]</c>.</summary>
    public static string Difference(Claim claim, double value, Interval interval)
    {
        var (unit, half) = (claim.Unit == "%" ? " percentage points" : claim.Unit.Length > 0 ? " " + claim.Unit : "", Math.Min(interval.Width / 2, claim.Tolerance ?? double.PositiveInfinity));
        return $"{Signed(value)}{unit}, {(100 * interval.Level).ToString("0.##", CultureInfo.InvariantCulture)} % interval [{Signed(interval.Low)}, {Signed(interval.High)}]";

        string Signed(double number) => (number > 0 ? "+" : "") + Numbers.Beside(number, half);
    }

    private static string Settings(Claim claim, string sign) => string.Join(sign, claim.Settings.Select((_, i) => Short(claim, i)));

    // Of many options that differ from setting to setting, the number that differs most names it well enough.
    private static string Short(Claim claim, int index)
    {
        var setting = claim.Settings[index];
        if (setting.Count <= 2) return setting.ToString();
        var most = setting.Settings.Select(one => (one.Key, Span: Span([.. claim.Settings.Select(other => other.TryGet(one.Key, out var text) ? text : "")]))).MaxBy(one => one.Span);
        return most.Span > 1 ? $"{most.Key}={setting[most.Key]}, …" : setting.ToString();
    }

    /// <summary>The largest over the smallest of different positive numbers; 0 of anything else.</summary>
    private static double Span(IReadOnlyList<string> texts)
    {
        var numbers = texts.Select(text => double.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : double.NaN).ToList();
        return numbers.Distinct().Count() == numbers.Count && numbers.TrueForAll(double.IsFinite) ? numbers.Max() / numbers.Min() : 0;
    }
}
