using Repro.Figures;
using Repro.Reports.Runs;
using Repro.Studies.Runs;

namespace Repro.Reports.Figures;

/// <summary>The objective of every trial in the order in which they were planned, with the best so far.</summary>
public static class SweepScatter
{
    private const int PrunedColour = 3, FailedColour = 6;

    /// <returns>Null where no trial has completed.</returns>
    /// <param name="paper">What the paper states of the objective's own metric and split.</param>
    public static Figure? Of(SearchedTrials trials, PaperValue? paper = null)
    {
        if (trials.Best is not { Objective: { } lowest } best) return null;
        var (marks, shown) = TrialMarks.Points(trials, trial => (trial.Number, trial.Objective!.Value));
        var pruned = trials.All.Where(trial => trial.State == RunState.Pruned && trial.Last is { } last && double.IsFinite(last)).ToList();
        var failed = trials.All.Where(trial => trial.State == RunState.Failed || (trial.State == RunState.Completed && trial.Objective is not { })).ToList();
        var values = trials.Completed.Select(trial => trial.Objective!.Value).Concat(pruned.Select(trial => trial.Last!.Value)).ToList();
        var worst = trials.Loss(1) > 0 ? values.Max() : values.Min();
        var caption = $"{shown}; {trials.Better}.";
        if (pruned.Count > 0)
        {
            var some = Thinning.Evenly(pruned, TrialMarks.Most);
            marks.Insert(0, new Points("pruned, where it was cut", PrunedColour, [.. some.Select(trial => (double)trial.Number)], [.. some.Select(trial => trial.Last!.Value)]));
            caption += $" {pruned.Count:#,0} pruned trials stand at the last value before they were cut{(some.Count < pruned.Count ? $", {some.Count:#,0} of them drawn" : "")}.";
        }
        if (failed.Count > 0)
        {
            var some = Thinning.Evenly(failed, TrialMarks.Most);
            marks.Insert(0, new Points("failed, without a value", FailedColour, [.. some.Select(trial => (double)trial.Number)], [.. some.Select(_ => worst)]));
            caption += $" {failed.Count:#,0} failed without a value and {(failed.Count == 1 ? "stands" : "stand")} at the height of the worst.";
        }
        marks.Insert(0, BestSoFar(trials));
        if (paper is not null) marks.Add(paper.Line(trials.Words.Unit));
        caption += $" The best so far last fell to {Numbers.WithUnit(lowest, trials.Words.Unit)} with trial {best.Number} of {trials.All.Count:#,0}.".Replace("fell", trials.Loss(1) > 0 ? "fell" : "rose", StringComparison.Ordinal);
        var tied = trials.Completed.Where(trial => trial != best && trial.Objective == lowest).ToList();
        if (tied.Count > 0) caption += $" {tied.Count:#,0} {(tied.Count == 1 ? "other has" : "others have")} the same value: the first of them stands for the best.";
        return new Figure("trials", $"{trials.Words.Sentence} of every trial", new Axis("trial"), trials.Axis(values), marks) { Caption = caption };
    }

    // A step at every trial that was better than all before it.
    private static Line BestSoFar(SearchedTrials trials)
    {
        var (x, y) = (new List<double>(), new List<double>());
        foreach (var trial in trials.Completed)
        {
            var value = trial.Objective!.Value;
            if (y.Count > 0 && trials.Loss(value) >= trials.Loss(y[^1])) continue;
            if (y.Count > 0)
            {
                x.Add(trial.Number);
                y.Add(y[^1]);
            }
            x.Add(trial.Number);
            y.Add(value);
        }
        x.Add(trials.All[^1].Number);
        y.Add(y[^1]);
        return new Line("best so far", TrialMarks.BestColour, x, y);
    }
}
