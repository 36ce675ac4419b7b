using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Samplers;

/// <summary>Which values of the objective are better.</summary>
public enum ObjectiveDirection
{
    Minimize,
    Maximize,
}

/// <summary>
/// What a sampler learns from: the trials of a sweep, ranked from best to worst. Kept in order as results arrive; its content, and so every suggestion, depends
/// on the set of results only.
/// </summary>
/// <remarks>
/// The ranking: completed trials by value; then pruned and paused ones that reported a value, those that trained longer first, and then by value; then those
/// whose value is not finite, whatever the direction: a diverged configuration is the worst. Equal ones by trial number.
/// Running trials, and paused ones without a value, are pending. Failed and cancelled ones are in neither: a lost machine says nothing about a configuration
/// (one that makes training diverge is told as completed with the value NaN).
/// </remarks>
public sealed class TrialHistory
{
    private readonly Dictionary<int, int> _rows = [];
    private readonly List<Trial> _trials = [];
    private readonly List<Configuration> _configurations = [];
    private readonly double[][] _units;
    private readonly RowList _ranked = new();
    private readonly RowList _pending = new();
    private readonly RowList?[] _ordered;
    private readonly double _sign;
    private readonly Comparison<int> _byNumber;
    private readonly Comparison<int> _byRank;
    private bool _hasUnits;

    public TrialHistory(SearchSpace space, ObjectiveDirection direction)
    {
        Space = space;
        Direction = direction;
        _sign = direction == ObjectiveDirection.Minimize ? 1 : -1;
        _units = [.. space.Parameters.Select(_ => new double[64])];
        _ordered = new RowList?[space.Parameters.Count];
        _byNumber = (a, b) => _trials[a].Number.CompareTo(_trials[b].Number);
        _byRank = (a, b) => _trials[a].CompareTo(_trials[b]);
    }

    public SearchSpace Space { get; }

    public ObjectiveDirection Direction { get; }

    /// <summary>Trials in the ranking.</summary>
    public int Finished => _ranked.Count;

    /// <summary>Trials that have no value yet.</summary>
    public int Pending => _pending.Count;

    /// <summary>The best trial; null where none has a finite value of a completed run.</summary>
    public int? Best => _ranked.Count > 0 && _trials[_ranked.Rows[0]] is { Tier: 0 } best ? best.Number : null;

    /// <summary>Adds a trial, or replaces what was known of it.</summary>
    /// <param name="trial">Its number in the sweep.</param>
    /// <param name="value">The objective; not looked at where the trial is planned or running.</param>
    /// <param name="step">How long it trained, in the unit of the sweep's steps: orders pruned and paused trials.</param>
    public void Record(int trial, Configuration configuration, RunState state, double value = double.NaN, long step = 0)
    {
        if (_rows.TryGetValue(trial, out var row)) Withdraw(row);
        else
        {
            row = _trials.Count;
            _rows.Add(trial, row);
            _trials.Add(default);
            _configurations.Add(configuration);
        }
        _configurations[row] = configuration;
        var tier = state switch
        {
            RunState.Planned or RunState.Running => Trial.PendingTier,
            RunState.Paused when step <= 0 => Trial.PendingTier,
            RunState.Completed => double.IsFinite(value) ? 0 : 2,
            RunState.Pruned or RunState.Paused => double.IsFinite(value) ? 1 : 2,
            _ => Trial.NowhereTier,
        };
        _trials[row] = new Trial(trial, tier, tier == 1 ? step : 0, tier is 0 or 1 ? _sign * value : 0);
        // Also of a trial that is nowhere: it has a row, and so has every other one after it.
        if (_hasUnits) FindUnits(row);
        if (tier != Trial.NowhereTier) Place(row);
    }

    /// <summary>Rows in use, those of failed trials included.</summary>
    internal int Rows => _trials.Count;

    internal bool IsPending(int row) => _trials[row].Tier == Trial.PendingTier;

    /// <summary>Rows from best to worst.</summary>
    internal ReadOnlySpan<int> Ranked => _ranked.Rows;

    /// <summary>Rows of pending trials by number.</summary>
    internal ReadOnlySpan<int> PendingRows => _pending.Rows;

    /// <summary>Rows, ranked and pending, that set a hyperparameter within its range, by its coordinate. Kept in order from the first call on.</summary>
    internal ReadOnlySpan<int> OrderedBy(int parameter)
    {
        if (_ordered[parameter] is { } ordered) return ordered.Rows;
        var units = Units(parameter);
        var rows = new List<int>();
        for (var row = 0; row < units.Length; row++)
        {
            if (_trials[row].Tier != Trial.NowhereTier && !double.IsNaN(units[row])) rows.Add(row);
        }
        rows.Sort(ByUnit(parameter));
        return (_ordered[parameter] = new RowList([.. rows])).Rows;
    }

    /// <summary>Coordinates of a hyperparameter by row; NaN where it is not set.</summary>
    internal ReadOnlySpan<double> Units(int parameter)
    {
        // Samplers that learn nothing never ask, and parsing every configuration would be most of what a trial costs them.
        if (!_hasUnits)
        {
            for (var row = 0; row < _trials.Count; row++) FindUnits(row);
            _hasUnits = true;
        }
        return _units[parameter].AsSpan(0, _trials.Count);
    }

    private void FindUnits(int row)
    {
        Span<double> point = _units.Length <= 64 ? stackalloc double[_units.Length] : new double[_units.Length];
        Space.UnitsOf(_configurations[row], point);
        for (var i = 0; i < _units.Length; i++)
        {
            if (row >= _units[i].Length) Array.Resize(ref _units[i], Math.Max(row + 1, 2 * _units[i].Length));
            _units[i][row] = point[i];
        }
    }

    private void Place(int row)
    {
        for (var i = 0; _hasUnits && i < _units.Length; i++)
        {
            if (!double.IsNaN(_units[i][row])) _ordered[i]?.Insert(row, ByUnit(i));
        }
        if (_trials[row].Tier == Trial.PendingTier) _pending.Insert(row, _byNumber);
        else _ranked.Insert(row, _byRank);
    }

    private void Withdraw(int row)
    {
        if (_trials[row].Tier == Trial.NowhereTier) return;
        if (_trials[row].Tier == Trial.PendingTier) _pending.Remove(row, _byNumber);
        else _ranked.Remove(row, _byRank);
        for (var i = 0; _hasUnits && i < _units.Length; i++)
        {
            if (!double.IsNaN(_units[i][row])) _ordered[i]?.Remove(row, ByUnit(i));
        }
    }

    private Comparison<int> ByUnit(int parameter)
    {
        var units = _units[parameter];
        return (a, b) =>
        {
            var order = units[a].CompareTo(units[b]);
            return order != 0 ? order : _trials[a].Number.CompareTo(_trials[b].Number);
        };
    }

    /// <param name="Tier">0 completed, 1 stopped early, 2 not finite.</param>
    /// <param name="Value">Of which smaller is better.</param>
    private readonly record struct Trial(int Number, int Tier, long Step, double Value) : IComparable<Trial>
    {
        public const int PendingTier = 3;
        public const int NowhereTier = 4;

        public int CompareTo(Trial other)
        {
            var order = Tier.CompareTo(other.Tier);
            if (order == 0) order = other.Step.CompareTo(Step);
            if (order == 0) order = Value.CompareTo(other.Value);
            return order != 0 ? order : Number.CompareTo(other.Number);
        }
    }
}
