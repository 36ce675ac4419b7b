namespace Repro.Studies.Pruners;

/// <summary>The trials that one synchronous halving compares; smaller values are better.</summary>
internal sealed class HalvingCohort
{
    private readonly IReadOnlyList<long> _resources;
    private readonly RankedValues[] _rungs;

    /// <summary>Trials that came to a rung, or will, and have not left the sweep on the way there.</summary>
    private readonly int[] _expected;

    /// <summary>How many the rung lets go on.</summary>
    private readonly int[] _kept;

    private readonly bool[] _decided;
    private readonly int _eta;
    private readonly Dictionary<int, (int Rung, Stage Stage)> _places = [];
    private readonly SortedSet<int> _eliminated = [];
    private int _size;

    public HalvingCohort(int first, int trials, IReadOnlyList<long> resources, int eta)
    {
        (First, _resources, _size, _eta) = (first, resources, trials, eta);
        _rungs = [.. resources.Select(_ => new RankedValues())];
        _expected = new int[resources.Count];
        _kept = new int[resources.Count];
        _decided = new bool[resources.Count];
        if (resources.Count > 0) _expected[0] = trials;
        SetKept(trials);
    }

    /// <summary>The number of its first trial.</summary>
    public int First { get; }

    public IReadOnlyCollection<int> Eliminated => _eliminated;

    private enum Stage
    {
        Training,
        Waiting,
        Chosen,
        Eliminated,
        Out,
    }

    public PruneDecision Report(int trial, long step, double value)
    {
        var (rung, stage) = PlaceOf(trial);
        if (stage == Stage.Out) return PruneDecision.Prune;
        // It was told to pause, and pauses until it is promoted or ended.
        if (stage is Stage.Waiting or Stage.Chosen or Stage.Eliminated) return PruneDecision.Pause;
        if (!double.IsFinite(value))
        {
            End(trial);
            return PruneDecision.Prune;
        }
        if (rung >= _rungs.Length || step < _resources[rung]) return PruneDecision.Continue;
        _rungs[rung].Add(value, trial);
        _places[trial] = (rung, Stage.Waiting);
        Decide(rung);
        return PruneDecision.Pause;
    }

    public void End(int trial)
    {
        var (rung, stage) = PlaceOf(trial);
        _places[trial] = (rung, Stage.Out);
        _eliminated.Remove(trial);
        if (stage is Stage.Out or Stage.Eliminated || rung >= _rungs.Length) return;
        if (stage == Stage.Waiting) _rungs[rung].Remove(trial);
        // A trial that was chosen to go on, and does not, is missing at the next rung; its place there stays empty.
        if (stage == Stage.Chosen) rung++;
        if (rung >= _rungs.Length) return;
        _expected[rung]--;
        Decide(rung);
    }

    public int? NextToPromote
    {
        get
        {
            for (var rung = _rungs.Length - 1; rung >= 0; rung--)
            {
                if (!_decided[rung]) continue;
                foreach (var trial in _rungs[rung].Trials)
                {
                    if (_places[trial] == (rung, Stage.Chosen)) return trial;
                }
            }
            return null;
        }
    }

    public void Promote(int trial)
    {
        var (rung, stage) = PlaceOf(trial);
        if (stage != Stage.Chosen) throw new InvalidOperationException($"Trial {trial} was not chosen to go on; it cannot be promoted.");
        _places[trial] = (rung + 1, Stage.Training);
    }

    /// <summary>No trial with this number or a higher one starts: a smaller cohort is halved as such, down to one trial.</summary>
    public void Close(int trials)
    {
        var size = Math.Clamp(trials - First, 0, _size);
        if (size == _size || _rungs.Length == 0) return;
        _expected[0] -= _size - size;
        _size = size;
        SetKept(size);
        Decide(0);
    }

    private void SetKept(int trials)
    {
        for (var (rung, rest) = (0, trials / _eta); rung < _kept.Length; rung++, rest /= _eta) _kept[rung] = Math.Max(1, rest);
    }

    private (int Rung, Stage Stage) PlaceOf(int trial) => _places.GetValueOrDefault(trial, (0, Stage.Training));

    private void Decide(int rung)
    {
        var values = _rungs[rung];
        if (_decided[rung] || values.Count < _expected[rung] || (rung > 0 && !_decided[rung - 1])) return;
        _decided[rung] = true;
        var kept = Math.Min(_kept[rung], values.Count);
        for (var rank = 0; rank < values.Count; rank++)
        {
            var trial = values.Trials[rank];
            _places[trial] = (rung, rank < kept ? Stage.Chosen : Stage.Eliminated);
            if (rank >= kept) _eliminated.Add(trial);
        }
        if (rung + 1 == _rungs.Length) return;
        _expected[rung + 1] = kept;
        // Nobody left to wait for: the rungs above are empty too.
        if (kept == 0) Decide(rung + 1);
    }
}
