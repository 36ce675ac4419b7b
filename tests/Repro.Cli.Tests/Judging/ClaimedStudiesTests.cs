using Repro.Experiments;
using Repro.Reports.Claims;
using Repro.Reports.Papers;
using Repro.Studies.Options;

namespace Repro.Cli.Tests.Judging;

/// <summary>A comparison of hours whose runs no claim would count is found here, and not afterwards.</summary>
public sealed class ClaimedStudiesTests
{
    private static readonly string Root = CommittedResultsTests.Root;

    public static TheoryData<string, string> Claims
    {
        get
        {
            var claims = new TheoryData<string, string>();
            foreach (var paper in Directory.EnumerateFiles(Path.Combine(Root, "papers"), "*.md").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal))
                foreach (var claim in Card(paper).Claims.Where(claim => Ablation(claim.Study) is not null)) claims.Add(paper, claim.Id);
            return claims;
        }
    }

    [Theory]
    [MemberData(nameof(Claims))]
    public void The_comparison_that_a_claim_names_has_runs_of_each_of_its_settings_at_its_scale(string paper, string id)
    {
        var claim = Card(paper).Claims.Single(claim => claim.Id == id);
        var (experiment, ablation) = Ablation(claim.Study)!.Value;
        var profile = experiment.Profiles.Single(profile => profile.Name == ablation.Profile).Options;
        var scopes = ablation.Arms.Select(arm => arm.Changes.Settings).Append([]).Select(changes => ClaimScope.Of(
            claim, OptionSchema.Values(OptionSchema.Apply(profile, ablation.Baseline.Settings.Concat(changes))).ToDictionary(option => option.Key, option => OptionText.Write(option.Value)), experiment.Subject)).ToList();
        for (var setting = 0; setting < Math.Max(1, claim.Settings.Count); setting++)
        {
            Assert.True(scopes.Exists(scope => scope.Setting == setting && scope.Differences.Count == 0),
                $"No arm of {claim.Study} is of setting {setting}; nearest: {string.Join("; ", scopes.Where(scope => scope.Setting == setting).SelectMany(scope => scope.Differences).Concat([]).Take(5))}");
        }
    }

    private static Studies.Papers.PaperCard Card(string paper)
    {
        var path = Path.Combine(Root, "papers", $"{paper}.md");
        return PaperCardReader.Parse(File.ReadAllText(path), path);
    }

    private static (Training.Experiment Experiment, Studies.Sweeps.Ablation Ablation)? Ablation(string? study)
    {
        if (study?.Split('/') is not [var name, var word]) return null;
        var experiment = Catalog.All.Single(experiment => experiment.Name == name);
        return experiment.Ablations.FirstOrDefault(ablation => ablation.Name == word) is { } found ? (experiment, found) : null;
    }
}
