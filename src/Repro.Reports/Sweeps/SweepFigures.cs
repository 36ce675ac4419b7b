using Repro.Figures;
using Repro.Reports.Documents;
using Repro.Reports.Figures;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.Statistics;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Sweeps;

/// <summary>Which figures a sweep's report has, and what of the sweep they are made from. Where they come from stands in the ledger under each.</summary>
internal sealed class SweepFigures
{
    private readonly SweepReportInput _input;
    private readonly SearchedTrials _trials;
    private readonly List<TrialCurve> _curves;

    private string Metric => _input.Study.Objective.Metric;

    public SweepFigures(SweepReportInput input)
    {
        var (study, searched) = (input.Study, input.Searched);
        _input = input;
        _curves = [.. searched.Select(trial => new TrialCurve(trial.Number, trial.State, Mean(input, trial))).Where(curve => curve.Points.Count > 0)];
        var last = _curves.Where(curve => curve.End != RunState.Completed).ToDictionary(curve => curve.Trial, curve => curve.Points.Where(point => double.IsFinite(point.Value)).Select(point => (double?)point.Value).LastOrDefault());
        _trials = new SearchedTrials(study.Objective.Metric, study.Objective.Direction, study.Space,
            [.. searched.Select(trial => new SearchedTrial(trial.Number, trial.Origin, trial.State, trial.Configuration, trial.Mean(study.Objective.Metric) is { } mean && double.IsFinite(mean) ? mean : null, last.GetValueOrDefault(trial.Number)))]) { PaperWords = input.PaperWords };
    }

    /// <summary>What the search found, trial by trial, and what it would have found with another budget.</summary>
    public IEnumerable<FigureOrReason> Search()
    {
        if (_input.IsAblation) yield break;
        if (SweepScatter.Of(_trials, _input.PaperObjective) is { } scatter) yield return scatter;
        yield return BestOfN.Of(_trials, TrialDraws.Of(_input.Study), _input.PaperObjective);
    }

    /// <summary>The objective while training, and the mean over seeds where a setting has several.</summary>
    public IEnumerable<FigureOrReason> Curves()
    {
        if (!_input.IsAblation)
        {
            var pruned = RungPlot.Of(_trials, _curves, Rungs(), _input.Study.Pruner.Replace('_', ' '));
            if ((pruned ?? TrialCurves.Of(_trials, _curves, _input.Study.Seeds)) is { } curves) yield return curves;
        }
        var groups = Groups().ToList();
        if (LearningCurveBands.Of("bands", Metric, [.. groups.Take(LearningCurveBands.MostGroups)], _input.PaperObjective) is not { } bands) yield break;
        var left = groups.Count > LearningCurveBands.MostGroups ? $" Drawn are the first {LearningCurveBands.MostGroups} of {groups.Count} settings, which is as many as colours tell apart." : "";
        yield return bands with { Caption = bands.Caption + left };
    }

    /// <summary>The chosen configuration again on fresh seeds.</summary>
    public IEnumerable<FigureOrReason> Confirmation()
    {
        if (_input.State.Confirmation is { } confirmation && LearningCurveBands.Of("confirmation", Metric, [Group("fresh seeds", confirmation)], _input.PaperObjective) is { } curve) yield return curve;
    }

    /// <summary>What of the search mattered: importance, all dimensions together, and each by itself.</summary>
    public IEnumerable<FigureOrReason> Hyperparameters()
    {
        if (_input.IsAblation) yield break;
        yield return ImportancePlot.Of(_trials, TrialDraws.Of(_input.Study));
        if (ParallelCoordinates.Of(_trials) is { } parallel) yield return parallel;
        foreach (var slice in Slices.Of(_trials)) yield return slice;
    }

    /// <summary>The arms of an ablation beside the baseline.</summary>
    public IEnumerable<FigureOrReason> Differences()
    {
        if (!_input.IsAblation || _input.Study.ReadsTest) yield break;
        var paired = PairedArms.Of(_input.Study, _input.State);
        var rows = paired.Arms.Select(arm => new ForestRow(arm.Name, arm.Differences, arm.Differs));
        if (ForestPlot.Of(Metric, [.. rows], _input.Study.Objective.Direction == ObjectiveDirection.Minimize) is { } forest) yield return paired.Warning is { } warning ? forest with { Caption = $"{forest.Caption} {warning}" } : forest;
    }

    private IEnumerable<CurveGroup> Groups()
    {
        if (_input.IsAblation) return _input.State.Arms.Select(trial => Group(trial.Arm ?? "", trial));
        var groups = new List<CurveGroup>();
        if (_input.Study.Seeds > 1)
        {
            if (_input.Paper is { } paper && paper != _input.Best) groups.Add(Group($"trial {paper.Number}: {_input.PaperWords}", paper));
            if (_input.Best is { } best) groups.Add(Group($"trial {best.Number}: the best", best));
        }
        return groups;
    }

    private CurveGroup Group(string label, TrialStatus trial) =>
        new(label, [.. trial.Runs.Select(run => _input.Curves.GetValueOrDefault(run.Key)).OfType<IReadOnlyList<MetricPoint>>().Where(curve => curve.Count > 0)]);

    private List<long> Rungs() => [.. _input.Searched.SelectMany(trial => trial.Runs).SelectMany(run => run.Rungs.Keys).Distinct().Order()];

    /// <summary>Over the runs of a trial, at the steps that all of those have which measured anything; where no curve was kept, at the rungs.</summary>
    private static IReadOnlyList<(long Step, double Value)> Mean(SweepReportInput input, TrialStatus trial)
    {
        var curves = trial.Runs.Select(run => input.Curves.GetValueOrDefault(run.Key)).OfType<IReadOnlyList<MetricPoint>>().Where(curve => curve.Count > 0).ToList();
        return curves.Count switch
        {
            0 => [.. trial.Runs.SelectMany(run => run.Rungs.Keys).Distinct().Order().Select(step => (step, trial.MeanAt(step) ?? double.NaN))],
            1 => [.. curves[0].OrderBy(point => point.Step).Select(point => (point.Step, point.Value))],
            _ => [.. curves.SelectMany(curve => curve).GroupBy(point => point.Step).Where(step => step.Count() == curves.Count).OrderBy(step => step.Key).Select(step => (step.Key, step.Average(point => point.Value)))],
        };
    }
}
