using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Studies.Statistics;

/// <summary>An arm of an ablation beside the baseline.</summary>
/// <param name="Values">The objective of its completed runs.</param>
/// <param name="Differences">Arm minus baseline, one for each seed with which both have completed, by seed.</param>
/// <param name="P">Of the sign-flip test over the differences; 1 where there is no pair. Of more pairs than it takes, by Student's t.</param>
/// <param name="AdjustedP">P under Holm's correction over all arms.</param>
public sealed record PairedArm(string Name, IReadOnlyList<double> Values, IReadOnlyList<double> Differences, double P, double AdjustedP)
{
    /// <summary>Pairs of which both runs have ended and one or both diverged: they have no difference, and are in none of the numbers.</summary>
    public int PairsLost { get; init; }

    /// <summary>Whether Holm's correction over all arms leaves it significant.</summary>
    public bool Differs => AdjustedP <= PairedArms.Alpha;

    /// <summary>What the test says, and of how many pairs it says nothing.</summary>
    public string Reading => (Differs ? "differs" : "inconclusive") + (PairsLost == 0 ? "" : $"; {PairsLost} {(PairsLost == 1 ? "pair" : "pairs")} diverged");
}

/// <summary>Runs of an arm, or of the baseline, that completed with an objective that is no finite number, or failed for one: no mean has them, and they must not be forgotten.</summary>
/// <param name="Ended">Its runs that completed or diverged.</param>
/// <param name="Seeds">Of those that diverged, in order.</param>
public sealed record DivergedRuns(string Arm, int Ended, IReadOnlyList<ulong> Seeds)
{
    /// <summary><c>2 of 8 runs of hot diverged (seeds 3, 5)</c>.</summary>
    public override string ToString() => $"{Seeds.Count} of {Ended} {(Ended == 1 ? "run" : "runs")} of {Arm} diverged ({(Seeds.Count == 1 ? "seed" : "seeds")} {string.Join(", ", Seeds)})";
}

/// <summary>The arms of an ablation beside its baseline, in the study's order.</summary>
/// <param name="Baseline">The objective of the baseline's completed runs.</param>
public sealed record PairedArms(IReadOnlyList<double> Baseline, IReadOnlyList<PairedArm> Arms)
{
    /// <summary>The baseline and the arms of which runs diverged, in that order; empty where none did.</summary>
    public IReadOnlyList<DivergedRuns> Diverged { get; private init; } = [];

    /// <summary>What the numbers of these arms leave out, as sentences; null where that is nothing.</summary>
    public string? Warning => Diverged.Count == 0 ? null
        : $"{string.Join("; ", Diverged)}: the objective is infinite or no number there. Pairs with such a run are in no mean, no difference and no test, so what stands here of these arms is only of the seeds that went well.";

    /// <summary>The level that all arms together are held to.</summary>
    public const double Alpha = 0.05;

    // So many pairs make Student's t as good as the exact test, which cannot count their signs any more.
    private static double P(List<double> differences) => differences.Count == 0 ? 1 : differences.Count <= SignFlip.MostPairs ? SignFlip.PValue(differences) : StudentT.MeanOf(differences).P();

    public static PairedArms Of(Study study, SweepState state)
    {
        var (baseline, lost) = (Values(AblationArm.Baseline), Diverged(AblationArm.Baseline));
        var arms = study.Arms.Select(arm =>
        {
            var own = Values(arm.Name);
            var differences = baseline.Keys.Intersect(own.Keys).Order().Select(seed => own[seed] - baseline[seed]).ToList();
            var diverged = Diverged(arm.Name);
            var pairsLost = diverged.Count(seed => baseline.ContainsKey(seed) || lost.Contains(seed)) + lost.Count(own.ContainsKey);
            return new PairedArm(arm.Name, [.. own.Values], differences, P(differences), AdjustedP: 1) { PairsLost = pairsLost };
        }).ToList();
        var adjusted = Holm.Adjusted([.. arms.Select(arm => arm.P)]);
        return new PairedArms([.. baseline.Values], [.. arms.Select((arm, i) => arm with { AdjustedP = adjusted[i] })])
        {
            Diverged = [.. study.Arms.Select(arm => arm.Name).Prepend(AblationArm.Baseline).Select(arm => (Arm: arm, Seeds: Diverged(arm))).Where(arm => arm.Seeds.Count > 0)
                .Select(arm => new DivergedRuns(arm.Arm, Values(arm.Arm).Count + arm.Seeds.Count, [.. arm.Seeds]))],
        };

        IEnumerable<RunStatus> Runs(string arm) => state.Arms.Where(trial => trial.Arm == arm).SelectMany(trial => trial.Runs);

        SortedSet<ulong> Diverged(string arm) => [.. Runs(arm).Where(run => run.State == RunState.Failed ? run.LastFailure == FailureClass.NotFinite
            : run.State == RunState.Completed && run.Scores.TryGetValue(study.Objective.Metric, out var value) && !double.IsFinite(value)).Select(run => run.Seed)];

        // Not finite ones have no mean and no difference.
        Dictionary<ulong, double> Values(string arm) => Runs(arm).Where(run => run.State == RunState.Completed && run.Scores.TryGetValue(study.Objective.Metric, out var value) && double.IsFinite(value))
            .ToDictionary(run => run.Seed, run => run.Scores[study.Objective.Metric]);
    }
}
