using System.Globalization;
using Repro.Studies.Options;
using Repro.Studies.Papers;

namespace Repro.Reports.Claims;

/// <summary>What of a claim must not change once a run of it has been seen: all but where it stands in the paper.</summary>
internal static class FrozenFields
{
    /// <summary>As <c>tolerance 0.3 (now 0.5)</c>; null where nothing differs.</summary>
    public static string? FirstDifference(Claim before, Claim now)
    {
        foreach (var ((name, was), (_, value)) in Of(before).Zip(Of(now)))
        {
            if (was != value) return $"{name} {was} (now {value})";
        }
        return null;
    }

    private static IEnumerable<(string Name, string Value)> Of(Claim claim)
    {
        yield return ("statement", $"'{claim.Statement}'");
        yield return ("scale", $"'{claim.Scale}'");
        yield return ("transfer", claim.Transfer ? "true" : "false");
        yield return ("kind", OptionText.Write(claim.Kind));
        yield return ("metric", claim.Metric);
        yield return ("split", claim.Split);
        yield return ("value", Number(claim.Value));
        yield return ("spread", Number(claim.Spread));
        yield return ("runs", claim.PaperRuns.ToString(CultureInfo.InvariantCulture));
        yield return ("unit", claim.Unit);
        yield return ("options", string.Join(", ", claim.Options.OrderBy(option => option.Key, StringComparer.Ordinal).Select(option => $"{option.Key}={option.Value}")));
        yield return ("settings", string.Join("; ", claim.Settings));
        yield return ("direction", claim.Direction is { } direction ? OptionText.Write(direction) : "none");
        yield return ("over", claim.OverWindows ? "windows" : "runs");
        yield return ("profile", claim.Profile ?? "none");
        yield return ("study", claim.Study ?? "none");
        yield return ("tolerance", Number(claim.Tolerance));
        yield return ("largest_n", claim.LargestN?.ToString(CultureInfo.InvariantCulture) ?? "none");
        yield return ("looks", string.Join(", ", claim.Looks));
        yield return ("uncertain", claim.Uncertain ?? "none");
    }

    private static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "none";
}
