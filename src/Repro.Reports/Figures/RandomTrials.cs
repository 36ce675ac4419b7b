using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Figures;

/// <summary>The draws of a random search: what statements on its space are made from. The paper's own setting and those that a person asked for are no draws.</summary>
/// <param name="Trials">Those that ended, by number.</param>
/// <param name="Objective">Of each; one that failed has the worst value of those that completed, because leaving it out would make the space look better than it is.</param>
/// <param name="Failed">How many of them failed.</param>
internal sealed record RandomTrials(IReadOnlyList<SearchedTrial> Trials, IReadOnlyList<double> Objective, int Failed)
{
    /// <summary>Fewer completed ones than this say nothing of a space.</summary>
    public const int Least = 10;

    /// <returns>Null where fewer than <see cref="Least"/> have completed.</returns>
    public static RandomTrials? Of(SearchedTrials trials)
    {
        var completed = trials.Completed.Where(trial => trial.Origin == TrialOrigin.Sampler).ToList();
        if (completed.Count < Least) return null;
        var worst = completed.MaxBy(trial => trials.Loss(trial.Objective!.Value))!.Objective!.Value;
        var ended = trials.All.Where(trial => trial.Origin == TrialOrigin.Sampler && (trial.Objective is not null || trial.State is RunState.Failed or RunState.Completed)).ToList();
        return new RandomTrials(ended, [.. ended.Select(trial => trial.Objective ?? worst)], ended.Count - completed.Count);
    }

    /// <summary>Why there is no figure of so few.</summary>
    public static FigureOrReason TooFew(string statistic, SearchedTrials trials) =>
        FigureOrReason.Because($"{statistic} takes {Least} completed random trials or more; this search has {trials.Completed.Count(trial => trial.Origin == TrialOrigin.Sampler)}.");

    /// <summary>For captions, with a blank before it; empty where none failed.</summary>
    public string FailedSentence => Failed == 0 ? "" : Failed == 1 ? " The one that failed counts as the worst that completed." : $" The {Failed:#,0} that failed count as the worst that completed.";
}
