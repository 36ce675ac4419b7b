using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Sweeps;

/// <summary>A trial of an ablation that is to be planned.</summary>
internal sealed record PlannedArm(string Name, Configuration Configuration, TrialOrigin Origin, int Seeds);

/// <summary>Which trials an ablation has: the baseline and each arm, and before them what tunes their nuisance hyperparameters.</summary>
internal static class ArmPlan
{
    /// <summary>What it begins with.</summary>
    /// <param name="suggest">The nuisance values of a number: the same for every arm.</param>
    public static IEnumerable<PlannedArm> First(Study study, Func<int, Configuration> suggest)
    {
        foreach (var (name, changes) in Arms(study))
        {
            for (var i = 0; i < study.TrialsPerArm; i++) yield return new PlannedArm(name, Over(changes, suggest(i)), TrialOrigin.Tuning, 1);
            if (study.TrialsPerArm == 0) yield return new PlannedArm(name, changes, TrialOrigin.Arm, study.Seeds);
        }
    }

    /// <summary>The arms whose tuning is over, each at the best that was found for it; one of which nothing completed is compared as the study has it.</summary>
    public static IEnumerable<PlannedArm> Tuned(Study study, SweepState state)
    {
        foreach (var (name, changes) in Arms(study))
        {
            var trials = state.Trials.Where(trial => trial.Arm == name).ToList();
            if (trials.Exists(trial => trial.Origin == TrialOrigin.Arm) || !trials.TrueForAll(trial => trial.Done)) continue;
            yield return new PlannedArm(name, SweepState.BestOf(trials, study.Objective)?.Configuration ?? changes, TrialOrigin.Arm, study.Seeds);
        }
    }

    private static IEnumerable<(string Name, Configuration Changes)> Arms(Study study) =>
        study.Arms.Select(arm => (arm.Name, arm.Changes)).Prepend((AblationArm.Baseline, Configuration.Empty));

    private static Configuration Over(Configuration changes, Configuration nuisance) => Configuration.Of(nuisance.Settings.Concat(changes.Settings));
}
