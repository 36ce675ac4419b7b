using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Figures;

/// <summary>
/// The trials of a search that are independent draws from its space, each trained to its end: what statements on the space (how good is the best of n; which
/// hyperparameter matters) can be made from. A sampler that learns draws where it was good before, and a pruner ends the bad ones.
/// </summary>
internal static class RandomTrials
{
    /// <summary>Why a search has too few of them; null where it has enough.</summary>
    /// <param name="what">Subject of the sentence: <c>The expected best of n trials</c>.</param>
    /// <param name="least">So many have to be completed.</param>
    public static string? WhyNot(string what, SearchedTrials trials, string sampler, string pruner, int least)
    {
        if (sampler != "random") return $"{what} is not shown: it can be told from random trials only, and this sweep's sampler is {sampler}, whose trials depend on those before.";
        if (pruner != "none") return $"{what} is not shown: it can be told from trials that were all trained to their end, and this sweep was pruned by {pruner.Replace('_', ' ')}.";
        var count = Completed(trials).Count;
        return count < least ? $"{what} is not shown: it takes {least} completed random trials or more, and this sweep has {count}." : null;
    }

    /// <summary>Completed ones that the sampler drew: the paper's own and those that a person asked for are no draws.</summary>
    public static IReadOnlyList<SearchedTrial> Completed(SearchedTrials trials) => [.. trials.Completed.Where(trial => trial.Origin == TrialOrigin.Sampler)];

    /// <summary>Those that ended without a finite value: they are draws too, of the worst kind.</summary>
    public static int Failed(SearchedTrials trials) => trials.All.Count(trial => trial.Origin == TrialOrigin.Sampler && trial.State is RunState.Failed or RunState.Completed && trial.Objective is not { });
}
