using Repro.Studies.Papers;

namespace Repro.Reports.Papers;

/// <summary>The commands that test a claim.</summary>
internal static class ClaimCommand
{
    /// <param name="searches">Names of the studies that are searches: their choice is confirmed.</param>
    /// <returns>The study's, where the claim has one; otherwise a loop over seeds, one a setting.</returns>
    public static IReadOnlyList<string> Of(Claim claim, string experiment, IReadOnlyCollection<string> searches)
    {
        var runs = claim.LargestN ?? 2;
        if (claim.Study is { } study) return searches.Contains(study) ? [$"./repro sweep {study} --name NAME", $"./repro sweep NAME --confirm {runs}"] : [$"./repro ablate {study} --seeds {runs}"];
        var options = string.Concat(claim.Options.Select(option => $" --set {option.Key}={option.Value.Split(',')[0].Trim()}"));
        var settings = claim.Settings.Count == 0 ? [""] : claim.Settings.Select(setting => string.Concat(setting.Settings.Select(s => $" --set {s.Key}={s.Value}"))).ToList();
        return [.. settings.Select(setting => $"for seed in $(seq {runs}); do ./repro run {experiment} --profile {claim.Profile ?? "paper"}{options}{setting} --seed $seed; done")];
    }
}
