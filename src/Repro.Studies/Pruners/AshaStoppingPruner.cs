using Repro.Studies.Runs;
using Repro.Studies.Samplers;

namespace Repro.Studies.Pruners;

/// <summary>
/// ASHA, the stopping variant (Optuna, Ray Tune, Determined): at a rung a trial trains on only where it is among the best 1/eta of all values that the rung has seen so
/// far, its own included; among fewer than eta only the best trains on. Never pauses, so it needs no checkpoint; in return, an early trial may train on
/// that later ones show to be bad.
/// </summary>
/// <remarks>Depends on the order in which values arrive; <see cref="SuccessiveHalvingPruner"/> does not. Equal values are equally good.</remarks>
public sealed class AshaStoppingPruner : IPruner
{
    private readonly IReadOnlyList<long> _resources;
    private readonly RankedValues[] _rungs;
    private readonly Dictionary<int, int> _passed = [];
    private readonly HashSet<int> _pruned = [];
    private readonly int _eta;
    private readonly double _sign;

    /// <param name="rungs">Resources of the rungs, ascending; see <see cref="Rungs"/>.</param>
    public AshaStoppingPruner(ObjectiveDirection direction, IReadOnlyList<long> rungs, int eta = 4)
    {
        if (eta < 2) throw new BadInputException($"eta must be 2 or more; it was {eta}.");
        _sign = direction == ObjectiveDirection.Minimize ? 1 : -1;
        (_resources, _eta) = (rungs, eta);
        _rungs = [.. rungs.Select(_ => new RankedValues())];
    }

    public PruneDecision Report(int trial, long step, double value)
    {
        if (_pruned.Contains(trial)) return PruneDecision.Prune;
        if (!double.IsFinite(value)) return Prune(trial);
        var rung = _passed.GetValueOrDefault(trial);
        for (; rung < _rungs.Length && step >= _resources[rung]; rung++)
        {
            _passed[trial] = rung + 1;
            var values = _rungs[rung];
            values.Add(_sign * value, trial);
            if (values.CountBelow(_sign * value) >= Math.Max(1, values.Count / _eta)) return Prune(trial);
        }
        return PruneDecision.Continue;
    }

    public void End(int trial, RunState state)
    {
    }

    private PruneDecision Prune(int trial)
    {
        _pruned.Add(trial);
        return PruneDecision.Prune;
    }
}
