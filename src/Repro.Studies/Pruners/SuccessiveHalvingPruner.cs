using Repro.Studies.Runs;
using Repro.Studies.Samplers;

namespace Repro.Studies.Pruners;

/// <summary>
/// Synchronous successive halving (Jamieson, Talwalkar 2016; Li et al. 2020, Algorithm 1): n trials start together; of the n_i = floor(n eta^-i) at rung i the best
/// floor(n_i / eta) go on once all have arrived, and the others are eliminated. Trials 0 to n - 1 are the first cohort, the next n the second, and so on.
/// </summary>
/// <remarks>
/// Who goes on depends on the values alone, not on the order in which they arrive; equal values by trial number. A trial that fails, is cancelled or has a
/// value that is not finite is no longer waited for; its place goes to the next best. Trials that start after <see cref="Close"/> all the same, because the sweep was
/// extended, are cohorts of their own.
/// </remarks>
public sealed class SuccessiveHalvingPruner : IPruner
{
    private readonly IReadOnlyList<long> _resources;
    private readonly Dictionary<int, HalvingCohort> _cohorts = [];
    private readonly int _trials;
    private readonly int _eta;
    private readonly double _sign;
    private readonly List<int> _starts = [0];
    private int _closedAt = int.MaxValue;

    /// <param name="trials">n, the trials of one cohort; at least eta to the power of the number of rungs, so that one reaches the end.</param>
    /// <param name="rungs">Resources of the rungs, ascending; see <see cref="Rungs"/>.</param>
    public SuccessiveHalvingPruner(ObjectiveDirection direction, int trials, IReadOnlyList<long> rungs, int eta = 4)
    {
        if (eta < 2) throw new BadInputException($"eta must be 2 or more; it was {eta}.");
        var least = 1L;
        foreach (var _ in rungs) least = Math.Min(least * eta, int.MaxValue);
        if (trials < least)
            throw new BadInputException($"Successive halving over {rungs.Count} rungs with eta = {eta} needs at least {least} trials, so that one reaches the end; it has {trials}. Take fewer rungs or more trials.");
        _sign = direction == ObjectiveDirection.Minimize ? 1 : -1;
        (_trials, _resources, _eta) = (trials, rungs, eta);
    }

    public PruneDecision Report(int trial, long step, double value) => CohortOf(trial).Report(trial, step, _sign * value);

    public void End(int trial, RunState state) => CohortOf(trial).End(trial);

    /// <summary>In the oldest cohort that has one: the best of its highest rung.</summary>
    public int? NextToPromote => _cohorts.Values.OrderBy(cohort => cohort.First).Select(cohort => cohort.NextToPromote).FirstOrDefault(trial => trial is not null);

    public void Promote(int trial) => CohortOf(trial).Promote(trial);

    public IReadOnlyCollection<int> Eliminated => [.. _cohorts.Values.SelectMany(cohort => cohort.Eliminated).Order()];

    public void Close(int trials)
    {
        if (trials > _closedAt) _starts.Add(_closedAt);
        _closedAt = trials;
        foreach (var cohort in _cohorts.Values.Where(cohort => cohort.First >= _starts[^1])) cohort.Close(trials);
    }

    private HalvingCohort CohortOf(int trial)
    {
        if (trial >= _closedAt)
        {
            _starts.Add(_closedAt);
            _closedAt = int.MaxValue;
        }
        var period = _starts.FindLastIndex(start => start <= trial);
        var first = _starts[period] + ((trial - _starts[period]) / _trials * _trials);
        if (_cohorts.TryGetValue(first, out var cohort)) return cohort;
        cohort = new HalvingCohort(first, _trials, _resources, _eta);
        cohort.Close(period + 1 < _starts.Count ? _starts[period + 1] : _closedAt);
        return _cohorts[first] = cohort;
    }
}
