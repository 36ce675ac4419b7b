using Repro.Studies.Pruners;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Statistics;

namespace Repro.Studies.Sweeps;

/// <summary>A trial that a sweep will begin with.</summary>
/// <param name="Arm">Of an ablation: <c>baseline</c>, or the arm's name; null in a search.</param>
/// <param name="Configuration">Over the study's fixed options.</param>
public sealed record PlannedTrial(int Number, TrialOrigin Origin, string? Arm, Configuration Configuration);

/// <summary>What a study comes to.</summary>
/// <param name="Runs">All that are trained.</param>
/// <param name="Steps">Of the longest run; null where nobody knows.</param>
/// <param name="Together">Of all runs, where trials differ in their length by what is known of them; null where nobody knows.</param>
/// <param name="Time">With every slot busy; null where the steps or their speed are not known.</param>
/// <param name="IsUpperBound">Whether a pruner may end runs before.</param>
public sealed record SweepCost(long Runs, long? Steps, long? Together, TimeSpan? Time, bool IsUpperBound);

/// <summary>What can be said of a study before its sweep starts: what it will try, in the order in which the <see cref="Coordinator"/> plans it, and what that costs.</summary>
public sealed class SweepPlan
{
    /// <summary>The target that <see cref="DrawsForTarget"/> is for: 95 % ...</summary>
    public const double Probability = 0.95;

    /// <summary>... to have one among the best 5 %.</summary>
    public const double TopShare = 0.05;

    // Trials whose length is looked at; the others are taken to be as long as these in the mean.
    private const int Looked = 200;

    private readonly Study _study;
    private readonly Configuration? _paper;
    private readonly ISampler _sampler;

    /// <param name="seed">The sweep's.</param>
    /// <param name="paper">The paper's values of what is searched, which are trial 0; null plans no such trial. Not looked at in an ablation.</param>
    /// <param name="steps">Of the longest run.</param>
    /// <param name="secondsPerStep">As measured; null where nothing was.</param>
    /// <param name="slots">Runs at a time.</param>
    /// <param name="stepsOf">Of a run by its configuration over the study's fixed options, where runs differ in length; null: all are as long as the longest.</param>
    /// <exception cref="BadInputException">The sampler cannot walk through the space, or the pruner's rungs leave nothing to decide.</exception>
    public SweepPlan(Study study, ulong seed, Configuration? paper, long? steps, double? secondsPerStep, int slots, Func<Configuration, long?>? stepsOf = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        (_study, _paper) = (study, IsAblation(study) ? null : paper);
        _sampler = SamplerCatalog.Create(study.Sampler, study.Space, seed, _paper);
        // Says what is wrong with it; a plan needs none.
        if (!IsAblation(study)) PrunerCatalog.Create(study.Pruner, study.Objective.Direction, study.Rungs.Least, study.Rungs.Most, study.Trials, study.Eta);
        Trials = IsAblation(study) ? study.Arms.Count + 1 : (int)Math.Min(study.Trials, (_paper is null ? 0 : 1) + (_sampler.Count ?? int.MaxValue));
        var tuning = (long)study.TrialsPerArm * (study.Arms.Count + 1);
        var runs = ((long)Trials * study.Seeds) + tuning;
        // A run is not divided: the last round is as long as the others.
        var rounds = (runs + slots - 1) / slots;
        var mean = steps is null ? null : stepsOf is null ? steps : First(Looked).Average(trial => stepsOf(trial.Configuration));
        var time = mean is { } n && secondsPerStep is { } seconds ? TimeSpan.FromSeconds(Math.Min(rounds * n * seconds, TimeSpan.MaxValue.TotalSeconds / 2)) : (TimeSpan?)null;
        Cost = new SweepCost(runs, steps, mean is { } each ? (long)Math.Round(runs * each) : null, time, study.Pruner != "none");
        Rungs = RungsOf(study);
    }

    /// <summary>Trials of the sweep: the budget, or fewer where a grid has fewer; the baseline and the arms of an ablation.</summary>
    public int Trials { get; }

    /// <summary>Configurations that there are to suggest, the paper's own left out; null where they do not end.</summary>
    public long? Configurations => _sampler.Count;

    /// <summary>Trials, from 0, that are the same whatever the results; the others depend on them.</summary>
    public int Foreseeable => _study.Sampler is "tpe" or "tpe_multivariate" ? Math.Min(Trials, Math.Max(1, new TpeSettings().Startup)) : Trials;

    /// <summary>Draws of the sampler: all trials but the paper's own.</summary>
    public int Draws => Trials - (_paper is null ? 0 : 1);

    /// <summary>Random draws until one is among the best <see cref="TopShare"/> with <see cref="Probability"/>: 59.</summary>
    public static long DrawsForTarget => RandomSearchBudget.TrialsFor(Probability, TopShare);

    /// <summary>Steps at which the pruner decides, ascending, those of all Hyperband's brackets together; empty where it has no rungs or they are not known yet.</summary>
    public IReadOnlyList<long> Rungs { get; }

    public SweepCost Cost { get; }

    /// <summary>The first trials, at most as many as are <see cref="Foreseeable"/>.</summary>
    public IReadOnlyList<PlannedTrial> First(int count)
    {
        if (IsAblation(_study))
        {
            return [.. _study.Arms.Select(arm => (arm.Name, arm.Changes)).Prepend((AblationArm.Baseline, Configuration.Empty))
                .Select((arm, number) => new PlannedTrial(number, TrialOrigin.Arm, arm.Item1, arm.Item2)).Take(count)];
        }
        var (trials, nothing) = (new List<PlannedTrial>(), new TrialHistory(_study.Space, _study.Objective.Direction));
        for (var number = 0; number < Math.Min(count, Foreseeable); number++)
        {
            trials.Add(number == 0 && _paper is not null
                ? new PlannedTrial(0, TrialOrigin.Paper, null, _paper)
                : new PlannedTrial(number, TrialOrigin.Sampler, null, _sampler.Suggest(number - (_paper is null ? 0 : 1), nothing)));
        }
        return trials;
    }

    /// <summary>What a search of so many trials can find, or what an ablation of so many pairs can decide; one sentence.</summary>
    public string Promise() =>
        _study.ReadsTest ? "Every run reads test at its end; what is fixed beforehand is compared as the claims of the paper's card say."
        : IsAblation(_study) ? SignFlip.Sentence(_study.Seeds, _study.Arms.Count)
        : Configurations is { } all ? (Draws >= all ? $"All {all} configurations of the grid are tried{(_paper is null ? "" : ", beside the values of profile paper")}." : $"The grid has {all} configurations; the budget tries the first {Draws} of them.")
        : _study.Space.Parameters.Count == 0 ? "Nothing is varied."
        : FormattableString.Invariant($"{DrawsForTarget} random configurations have a 95 % chance that one is among the best 5 % of all; {Draws} have {100 * RandomSearchBudget.ProbabilityOf(Draws, TopShare):0} %.")
            // Only independent draws have a probability that holds whatever the space.
            + (_study.Sampler == "random" ? "" : $" For {_study.Sampler}, whose draws are not independent, that is a yardstick and no promise.");

    /// <summary>What a person should know before starting; empty where nothing is doubtful.</summary>
    public IReadOnlyList<string> Warnings()
    {
        var warnings = new List<string>();
        if (CannotDecide) warnings.Add(Promise());
        if (_study.Pruner is not ("none" or "median") && Rungs.Count == 0 && _study.Rungs.Most != long.MaxValue)
            warnings.Add($"The pruner {_study.Pruner} has no rung below the {_study.Rungs.Most} steps of a run, so it ends none; give it a smaller 'least'.");
        if (_study.WallTime is { } limit && Cost.Time > limit) warnings.Add($"The budget's wall time of {StudyFiles.DurationText.Write(limit)} ends the sweep before all of its runs are done.");
        if (_study.Pruner == "asha_promotion" && Rungs.Count > 0 && Math.Pow(_study.Eta ?? 4, Rungs.Count) is var needed && Trials < needed)
            warnings.Add($"asha_promotion lets one in {_study.Eta ?? 4} go on at each of {Rungs.Count} {(Rungs.Count == 1 ? "rung" : "rungs")}: with fewer than {needed:0} trials perhaps none reaches the end. Take more trials, fewer rungs, or asha_stopping.");
        if (!IsAblation(_study) && _study.Trials > Trials) warnings.Add($"The budget allows {_study.Trials} trials, and there are {Trials} only.");
        return warnings;
    }

    /// <summary>Whether no measured values whatever could make an arm differ significantly from the baseline.</summary>
    public bool CannotDecide => IsAblation(_study) && !_study.ReadsTest && _study.Seeds < SignFlip.LeastPairs(0.05, _study.Arms.Count);

    private static bool IsAblation(Study study) => study.Arms.Count > 0;

    /// <summary>Steps at which the pruner decides, ascending; none for those that decide at every step or never, and where the length of a run is not known.</summary>
    internal static IReadOnlyList<long> RungsOf(Study study)
    {
        var (least, most) = study.Rungs;
        if (most == long.MaxValue) return [];
        var rungs = study.Pruner switch
        {
            "none" or "median" => [],
            "hyperband" or "hyperband_promotion" or "hyperband_stopping" => Hyperband.Brackets(most, study.Eta ?? 3).SelectMany(bracket => bracket.Rungs),
            _ => Pruners.Rungs.FromBottom(least, most, study.Eta ?? 4),
        };
        return [.. rungs.Distinct().Order()];
    }
}
