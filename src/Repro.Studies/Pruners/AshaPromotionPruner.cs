using Repro.Studies.Runs;
using Repro.Studies.Samplers;

namespace Repro.Studies.Pruners;

/// <summary>
/// ASHA as published (Li et al. 2020, Algorithm 2): every trial pauses at its rung; a free slot takes up the best unpromoted trial within the top
/// floor(|rung| / eta) of the highest rung that has one, otherwise a new trial. Needs checkpoints; trains on only what is good by now.
/// </summary>
/// <remarks>
/// Whom a rung would promote depends on the set of its values; when slots become free depends on time. What is still paused when a sweep ends
/// is pruned by it: <see cref="Close"/> eliminates nobody, for a rung may still grow.
/// </remarks>
public sealed class AshaPromotionPruner : IPruner
{
    private readonly IReadOnlyList<long> _resources;
    private readonly RankedValues[] _rungs;
    private readonly Dictionary<int, Place> _places = [];
    private readonly int _eta;
    private readonly double _sign;

    /// <param name="rungs">Resources of the rungs, ascending; see <see cref="Rungs"/>.</param>
    public AshaPromotionPruner(ObjectiveDirection direction, IReadOnlyList<long> rungs, int eta = 4)
    {
        if (eta < 2) throw new BadInputException($"eta must be 2 or more; it was {eta}.");
        _sign = direction == ObjectiveDirection.Minimize ? 1 : -1;
        (_resources, _eta) = (rungs, eta);
        _rungs = [.. rungs.Select(_ => new RankedValues())];
    }

    public PruneDecision Report(int trial, long step, double value)
    {
        var place = _places.GetValueOrDefault(trial, new Place(-1, Stage.Training));
        if (place.Stage == Stage.Out) return PruneDecision.Prune;
        if (place.Stage == Stage.Waiting) return PruneDecision.Pause;
        if (!double.IsFinite(value))
        {
            _places[trial] = place with { Stage = Stage.Out };
            return PruneDecision.Prune;
        }
        var next = place.Rung + 1;
        if (next >= _rungs.Length || step < _resources[next]) return PruneDecision.Continue;
        _rungs[next].Add(_sign * value, trial);
        _places[trial] = new Place(next, Stage.Waiting);
        return PruneDecision.Pause;
    }

    public void End(int trial, RunState state)
    {
        // Its values stay in the rungs: they were measured. It is not taken up again.
        if (_places.TryGetValue(trial, out var place)) _places[trial] = place with { Stage = Stage.Out };
    }

    public int? NextToPromote
    {
        get
        {
            for (var rung = _rungs.Length - 1; rung >= 0; rung--)
            {
                foreach (var trial in _rungs[rung].Trials[..(_rungs[rung].Count / _eta)])
                {
                    if (_places[trial] == new Place(rung, Stage.Waiting)) return trial;
                }
            }
            return null;
        }
    }

    public void Promote(int trial)
    {
        if (_places.GetValueOrDefault(trial) is not { Stage: Stage.Waiting } place || !IsInTop(trial, place.Rung))
            throw new InvalidOperationException($"Trial {trial} does not wait in the top 1/{_eta} of a rung; it cannot be promoted.");
        _places[trial] = place with { Stage = Stage.Training };
    }

    private bool IsInTop(int trial, int rung) => _rungs[rung].Trials[..(_rungs[rung].Count / _eta)].Contains(trial);

    private enum Stage
    {
        Training,
        Waiting,
        Out,
    }

    /// <param name="Rung">The highest that it has a value in; -1: none.</param>
    private readonly record struct Place(int Rung, Stage Stage);
}
