using Repro.Studies.Runs;
using Repro.Studies.Samplers;

namespace Repro.Studies.Pruners;

/// <summary>
/// Prunes a trial whose best value so far is worse than the median of what completed trials had at the same step (Golovin et al. 2017, "Google Vizier", section 3.2.2,
/// in the form of Optuna, which takes values instead of running means).
/// </summary>
/// <remarks>Depends on which trials have completed when a value arrives, and so on the order of arrival. Steps that no completed trial reported decide nothing.</remarks>
public sealed class MedianPruner : IPruner
{
    private readonly Dictionary<int, Curve> _running = [];
    private readonly Dictionary<long, RankedValues> _completed = [];
    private readonly int _startupTrials;
    private readonly long _warmupSteps;
    private readonly long _interval;
    private readonly double _sign;
    private int _completedTrials;

    /// <param name="startupTrials">Trials that complete before any is pruned.</param>
    /// <param name="warmupSteps">No decision before this step.</param>
    /// <param name="interval">A decision at the first report of every so many steps, counted from <paramref name="warmupSteps"/>.</param>
    public MedianPruner(ObjectiveDirection direction, int startupTrials = 5, long warmupSteps = 0, long interval = 1)
    {
        if (startupTrials < 0 || warmupSteps < 0 || interval < 1)
            throw new BadInputException($"The median pruner needs startup trials >= 0, warmup steps >= 0 and an interval >= 1; they were {startupTrials}, {warmupSteps} and {interval}.");
        _sign = direction == ObjectiveDirection.Minimize ? 1 : -1;
        (_startupTrials, _warmupSteps, _interval) = (startupTrials, warmupSteps, interval);
    }

    public PruneDecision Report(int trial, long step, double value)
    {
        if (!_running.TryGetValue(trial, out var curve)) _running[trial] = curve = new Curve();
        if (curve.Decisions.TryGetValue(step, out var before)) return before;
        var decision = curve.Pruned ? PruneDecision.Prune : Decide(curve, step, _sign * value);
        curve.Decisions[step] = decision;
        curve.Pruned |= decision == PruneDecision.Prune;
        return decision;
    }

    public void End(int trial, RunState state)
    {
        if (!_running.Remove(trial, out var curve) || state != RunState.Completed) return;
        _completedTrials++;
        foreach (var (step, value) in curve.Values)
        {
            if (!_completed.TryGetValue(step, out var values)) _completed[step] = values = new RankedValues();
            values.Add(value, trial);
        }
    }

    private PruneDecision Decide(Curve curve, long step, double value)
    {
        if (!double.IsFinite(value)) return PruneDecision.Prune;
        var last = curve.Last;
        curve.Add(step, value);
        if (_completedTrials == 0 || _completedTrials < _startupTrials || step < _warmupSteps) return PruneDecision.Continue;
        var begin = _warmupSteps + ((step - _warmupSteps) / _interval * _interval);
        if (last >= begin || !_completed.TryGetValue(step, out var others)) return PruneDecision.Continue;
        return curve.Best > others.Median() ? PruneDecision.Prune : PruneDecision.Continue;
    }

    /// <summary>What one trial has reported; smaller is better.</summary>
    private sealed class Curve
    {
        public Dictionary<long, PruneDecision> Decisions { get; } = [];

        public List<(long Step, double Value)> Values { get; } = [];

        public double Best { get; private set; } = double.PositiveInfinity;

        public long Last { get; private set; } = -1;

        public bool Pruned { get; set; }

        public void Add(long step, double value)
        {
            Values.Add((step, value));
            Best = Math.Min(Best, value);
            Last = Math.Max(Last, step);
        }
    }
}
