using Repro.Reports.Runs;
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
    /// <summary>Comparable runs that were made before the claim was on the card as it is now, with what tells so: none of them is judged, so that nobody fits a claim to runs that were seen.</summary>
    public IReadOnlyList<(EvidenceRun Run, string Why)> BeforeFrozen { get; private init; } = [];

    /// <summary>Of the runs of <see cref="Settings"/>.</summary>
    public Freeze Freeze { get; private init; } = Freeze.Untested;

    /// <summary>Runs of the setting that has fewest.</summary>
    public int Count => Settings.Min(runs => runs.Count);

    /// <param name="frozen">Whether the claim was frozen before a run; <see cref="CardHistory.Of"/>.</param>
    public static ClaimEvidence Of(Claim claim, IEnumerable<EvidenceRun> runs, StudySubject subject, Func<Claim, EvidenceRun, Freeze> frozen)
    {
        var settings = Enumerable.Range(0, Math.Max(1, claim.Settings.Count)).Select(_ => new List<EvidenceRun>()).ToList();
        var (diverged, other, unfinished) = (new List<EvidenceRun>(), new List<(EvidenceRun, IReadOnlyList<OptionDifference>)>(), new List<EvidenceRun>());
        var (before, kept) = (new List<(EvidenceRun, string)>(), new List<Freeze>());
        // What a search chose from is biased, and a claim with a study is tested by that study alone: anything else could be picked among.
        foreach (var run in runs.Where(run => run.Role != EvidenceRole.Search).OrderBy(run => run.Run.Created).ThenBy(run => run.Run.Id, StringComparer.Ordinal))
        {
            var scope = ClaimScope.Of(claim, run.Run.Options.ToDictionary(option => option.Key, option => option.Value), subject);
            if (scope.Setting is not { } setting) continue;
            if (scope.Differences.Count > 0)
            {
                if (run.Score(claim.Metric) is { } there && double.IsFinite(there)) other.Add((run, scope.Differences));
            }
            else if (claim.Study is not null && run.Study != claim.Study) continue;
            else if (frozen(claim, run) is var freeze && freeze.State == FreezeState.Broken) before.Add((run, freeze.Sentence));
            else if (run.Score(claim.Metric) is { } score && double.IsFinite(score))
            {
                if (settings[setting].Exists(earlier => earlier.Run.Seed == run.Run.Seed)) continue;
                settings[setting].Add(run);
                kept.Add(freeze);
            }
            else if (run.Score(claim.Metric) is not null || (run.Run.State == RunState.Failed && run.NotFinite)) diverged.Add(run);
            else unfinished.Add(run);
        }
        return new ClaimEvidence(claim, settings, diverged, other, unfinished)
        {
            BeforeFrozen = before,
            Freeze = kept.Find(freeze => freeze.State == FreezeState.Unknown) ?? kept.FirstOrDefault() ?? Freeze.Untested,
        };
    }
}
