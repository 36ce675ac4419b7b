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
    /// <summary>Whether Holm's correction over all arms leaves it significant.</summary>
    public bool Differs => AdjustedP <= PairedArms.Alpha;
}

/// <summary>The arms of an ablation beside its baseline, in the study's order.</summary>
/// <param name="Baseline">The objective of the baseline's completed runs.</param>
public sealed record PairedArms(IReadOnlyList<double> Baseline, IReadOnlyList<PairedArm> Arms)
{
    /// <summary>The level that all arms together are held to.</summary>
    public const double Alpha = 0.05;

    // So many pairs make Student's t as good as the exact test, which cannot count their signs any more.
    private static double P(List<double> differences) => differences.Count == 0 ? 1 : differences.Count <= SignFlip.MostPairs ? SignFlip.PValue(differences) : StudentT.MeanOf(differences).P();

    public static PairedArms Of(Study study, SweepState state)
    {
        var baseline = Values(AblationArm.Baseline);
        var arms = study.Arms.Select(arm =>
        {
            var own = Values(arm.Name);
            var differences = baseline.Keys.Intersect(own.Keys).Order().Select(seed => own[seed] - baseline[seed]).ToList();
            return new PairedArm(arm.Name, [.. own.Values], differences, P(differences), AdjustedP: 1);
        }).ToList();
        var adjusted = Holm.Adjusted([.. arms.Select(arm => arm.P)]);
        return new PairedArms([.. baseline.Values], [.. arms.Select((arm, i) => arm with { AdjustedP = adjusted[i] })]);

        // Not finite ones have no mean and no difference.
        Dictionary<ulong, double> Values(string arm) => state.Trials.Where(trial => trial.Arm == arm && trial.Origin == TrialOrigin.Arm).SelectMany(trial => trial.Runs)
            .Where(run => run.State == RunState.Completed && run.Scores.TryGetValue(study.Objective.Metric, out var value) && double.IsFinite(value))
            .ToDictionary(run => run.Seed, run => run.Scores[study.Objective.Metric]);
    }
}
