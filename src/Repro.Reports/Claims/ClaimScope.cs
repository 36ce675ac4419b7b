using Repro.Reports.Runs;
using Repro.Studies.Options;
using Repro.Studies.Papers;
using Repro.Studies.StudyFiles;

namespace Repro.Reports.Claims;

/// <summary>Whether a run is about a claim, and at the claim's scale.</summary>
/// <param name="Setting">Index of the setting of the claim that the run has; 0 where the claim compares none; null where the run is not about the claim.</param>
/// <param name="Missing">What a run that is not about the claim lacks, as <c>depth = 20 (this run: 8)</c>; empty otherwise.</param>
/// <param name="Differences">Other options whose values are not those of the claim's profile, but for those that only measure: with any of them the run is of another scale.</param>
public sealed record ClaimScope(int? Setting, IReadOnlyList<string> Missing, IReadOnlyList<OptionDifference> Differences)
{
    /// <param name="options">Every option of the run, by name.</param>
    /// <param name="subject">The experiment whose profiles and defaults the claim asks for.</param>
    public static ClaimScope Of(Claim claim, IReadOnlyDictionary<string, string> options, StudySubject subject)
    {
        var missing = claim.Options.Where(asked => !Has(asked.Key, asked.Value)).Select(asked => Lacks(asked.Key, asked.Value)).ToList();
        var setting = claim.Settings.Count == 0 ? 0 : claim.Settings.ToList().FindIndex(one => one.Settings.All(asked => Has(asked.Key, asked.Value)));
        if (setting < 0)
        {
            missing.AddRange(claim.Settings[0].Settings.Select(first => Lacks(first.Key, string.Join(" or ", claim.Settings.Select(one => one[first.Key]).Distinct()))));
        }
        if (missing.Count > 0) return new ClaimScope(null, missing, []);
        var asked = claim.Options.Keys.Concat(claim.Settings.SelectMany(one => one.Settings.Select(s => s.Key))).ToHashSet();
        // What a run does not record may have been anything.
        var differences = subject.Options.Where(info => !asked.Contains(info.Name) && !info.OnlyMeasures)
            .Select(info => new OptionDifference(info.Name, options.GetValueOrDefault(info.Name, "not recorded"), Wanted(claim, info, subject), info.Source))
            .Where(difference => !OptionDifference.Same(difference.Ours, difference.Paper)).ToList();
        return new ClaimScope(setting, [], differences);

        bool Has(string name, string value) => options.TryGetValue(name, out var ours) && OptionDifference.IsOneOf(ours, value);
        string Lacks(string name, string value) => $"{name} = {value} (this run: {options.GetValueOrDefault(name, "no such option")})";
    }

    private static string Wanted(Claim claim, OptionInfo info, StudySubject subject) =>
        (claim.Profile is { } profile ? subject.ProfileValue(profile, info.Name) : null) ?? OptionText.Write(info.Default);
}
