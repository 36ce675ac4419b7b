using Repro.Studies.Papers;

namespace Repro.Reports.Papers;

/// <summary>The commands that test a claim.</summary>
internal static class ClaimCommand
{
    /// <returns>One a setting; the study's, where the claim has one.</returns>
    public static IReadOnlyList<string> Of(Claim claim, string experiment)
    {
        if (claim.Study is { } study) return [$"./repro ablate {study} --seeds {claim.Looks.DefaultIfEmpty(2).Max()}"];
        var options = string.Concat(claim.Options.Where(option => !option.Value.Contains(',', StringComparison.Ordinal)).Select(option => $" --set {option.Key}={option.Value}"));
        var settings = claim.Settings.Count == 0 ? [""] : claim.Settings.Select(setting => string.Concat(setting.Settings.Select(s => $" --set {s.Key}={s.Value}"))).ToList();
        return [.. settings.Select(setting => $"./repro run {experiment} --profile {claim.Profile ?? "paper"}{options}{setting} --seed 0")];
    }
}
