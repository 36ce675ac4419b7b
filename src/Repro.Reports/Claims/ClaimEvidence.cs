using Repro.Reports.Runs;
using Repro.Results;
using Repro.Studies.Papers;
using Repro.Studies.Runs;
using Repro.Studies.StudyFiles;

namespace Repro.Reports.Claims;

/// <summary>The stored runs that concern a claim, sorted by what they may say.</summary>
/// <param name="Settings">For each setting of the claim (one where it compares none) the comparable runs with a finite value, in the order in which they began, each seed once.</param>
/// <param name="Diverged">Comparable runs that ended without a finite value because training failed: they cannot be averaged, and must not be forgotten.</param>
/// <param name="OtherScale">Runs about the claim with a finite value, at another scale than it asks for, with what differs.</param>
/// <param name="Unfinished">Comparable runs that have not completed for another reason, or lack the metric.</param>
public sealed record ClaimEvidence(
    Claim Claim, IReadOnlyList<IReadOnlyList<EvidenceRun>> Settings, IReadOnlyList<EvidenceRun> Diverged, IReadOnlyList<(EvidenceRun Run, IReadOnlyList<OptionDifference> Differences)> OtherScale,
    IReadOnlyList<EvidenceRun> Unfinished)
{
    /// <summary>Comparable runs of which it is not proven that the claim was on the card before, as it is now, with the reason: none of them is judged, so that nobody fits a claim to runs that were seen.</summary>
    public IReadOnlyList<(EvidenceRun Run, Freeze Freeze)> NotFrozen { get; private init; } = [];

    /// <summary>Comparable runs of a seed that an earlier run has, or with the very same curves and scores: they are no further draws.</summary>
    public IReadOnlyList<EvidenceRun> Again { get; private init; } = [];

    /// <summary>Whether the settings share seeds, so that what a seed decides (initial values, order) cancels in their differences. Then run i of every setting has the same seed, and runs without a partner are left out.</summary>
    public bool Paired { get; private init; }

    /// <summary>Of the runs of <see cref="Settings"/>.</summary>
    public Freeze Freeze { get; private init; } = Freeze.Untested;

    /// <summary>Runs of the setting that has fewest.</summary>
    public int Count => Settings.Min(runs => runs.Count);

    /// <param name="frozen">Whether the claim was frozen before a run; <see cref="CardHistory.Of"/>.</param>
    /// <param name="unknownData">What data of a run are not those that are known by their name; null where all are.</param>
    public static ClaimEvidence Of(Claim claim, IEnumerable<EvidenceRun> runs, StudySubject subject, Func<Claim, EvidenceRun, Freeze> frozen, Func<EvidenceRun, string?>? unknownData = null)
    {
        var settings = Enumerable.Range(0, Math.Max(1, claim.Settings.Count)).Select(_ => new List<EvidenceRun>()).ToList();
        var (diverged, other, unfinished) = (new List<EvidenceRun>(), new List<(EvidenceRun, IReadOnlyList<OptionDifference>)>(), new List<EvidenceRun>());
        var (before, kept, again) = (new List<(EvidenceRun, Freeze)>(), new List<Freeze>(), new List<EvidenceRun>());
        // What a search chose from is biased, and a claim with a study is tested by that study alone: anything else could be picked among.
        foreach (var run in runs.Where(run => run.Role != EvidenceRole.Search).OrderBy(run => run.Run.Created).ThenBy(run => run.Run.Id, StringComparer.Ordinal))
        {
            var scope = ClaimScope.Of(claim, run.Run.Options.ToDictionary(option => option.Key, option => option.Value), subject);
            if (scope.Setting is not { } setting) continue;
            if (scope.Differences.Count > 0)
            {
                if (run.Score(claim.Metric) is { } there && IsUsable(there)) other.Add((run, scope.Differences));
            }
            else if (claim.Study is not null && run.Study != claim.Study) continue;
            else if (unknownData?.Invoke(run) is { } data) before.Add((run, new Freeze(FreezeState.Broken, $"what was read is {data}")));
            else if (frozen(claim, run) is var freeze && freeze.State != FreezeState.Proven) before.Add((run, freeze));
            else if (run.Score(claim.Metric) is { } score && IsUsable(score))
            {
                if (settings[setting].Exists(earlier => earlier.Run.Seed == run.Run.Seed || IsCopy(earlier.Run, run.Run)))
                {
                    again.Add(run);
                    continue;
                }
                settings[setting].Add(run);
                kept.Add(freeze);
            }
            else if (run.Score(claim.Metric) is not null || (run.Run.State == RunState.Failed && run.NotFinite)) diverged.Add(run);
            else unfinished.Add(run);
        }
        var paired = Pairs(settings);
        return new ClaimEvidence(claim, paired ?? settings, diverged, other, unfinished) { NotFrozen = before, Freeze = kept.FirstOrDefault() ?? Freeze.Untested, Paired = paired is not null, Again = again };
    }

    // Two seeds never give a whole curve bit for bit: what does is one run under two names.
    private static bool IsCopy(RunRecord one, RunRecord other) => one.Metrics.Count > 1 && one.Metrics.Count == other.Metrics.Count
        && one.Metrics.Zip(other.Metrics).All(pair => pair.First.Name == pair.Second.Name && pair.First.Step == pair.Second.Step && pair.First.Value.Equals(pair.Second.Value))
        && one.Scores.Count == other.Scores.Count && one.Scores.All(score => other.Scores.TryGetValue(score.Key, out var value) && value.Equals(score.Value));

    // Squares of larger ones are infinite, and so is every statistic of them.
    private static bool IsUsable(double score) => double.IsFinite(score) && Math.Abs(score) < 1e100;

    /// <summary>The runs of seeds that every setting has, two at least, in the order in which their pairs were begun; null where there are none.</summary>
    private static List<List<EvidenceRun>>? Pairs(List<List<EvidenceRun>> settings)
    {
        if (settings.Count < 2) return null;
        var seeds = settings.Skip(1).Aggregate(settings[0].Select(run => run.Run.Seed), (shared, setting) => shared.Intersect(setting.Select(run => run.Run.Seed))).ToList();
        if (seeds.Count < 2) return null;
        var order = seeds.OrderBy(seed => settings.Max(setting => setting.Find(run => run.Run.Seed == seed)!.Run.Created)).ThenBy(seed => seed).ToList();
        return [.. settings.Select(setting => order.Select(seed => setting.Find(run => run.Run.Seed == seed)!).ToList())];
    }
}
