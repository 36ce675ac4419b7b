using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Studies.Pruners;

/// <summary>Slots that take runs from a sweep's coordinator and report known curves in the place of training.</summary>
internal sealed class ReplayedExecution
{
    private static readonly DateTimeOffset Beginning = DateTimeOffset.UnixEpoch;

    private readonly Coordinator _coordinator;
    private readonly Func<RunKey, ReplayedCurve> _curveOf;
    private readonly string _metric;
    private readonly Training?[] _slots;
    private readonly PriorityQueue<int, (long Time, int Slot)> _due = new();

    /// <param name="study">What its sampler suggests is not looked at.</param>
    public ReplayedExecution(Study study, int slots, Func<RunKey, ReplayedCurve> curveOf)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        (_curveOf, _metric, _slots) = (curveOf, study.Objective.Metric, new Training?[slots]);
        _coordinator = new Coordinator(new ForgetfulStore(), "replay", study, host: null, TimeProvider.System);
    }

    /// <summary>Trained by all slots together.</summary>
    public long Steps { get; private set; }

    /// <summary>When the last slot became idle.</summary>
    public long Makespan { get; private set; }

    /// <summary>Executes the sweep to its end.</summary>
    public SweepState Run()
    {
        _coordinator.Decide(decision =>
        {
            decision.Create(seed: 0, paper: null);
            return true;
        });
        FillSlots();
        while (_due.TryDequeue(out var slot, out var due))
        {
            Makespan = due.Time;
            Advance(slot);
            FillSlots();
        }
        return _coordinator.State;
    }

    private void FillSlots()
    {
        for (var slot = 0; slot < _slots.Length; slot++)
        {
            if (_slots[slot] is not null) continue;
            if (_coordinator.Decide(decision => decision.Claim($"slot-{slot}")) is not { } run) return;
            var from = run.Checkpoints.Count > 0 ? run.Checkpoints[0].Step : (long?)null;
            _slots[slot] = new Training(run, _curveOf(run.Run), from);
            Schedule(slot);
        }
    }

    private void Schedule(int slot) => _due.Enqueue(slot, (Makespan + _slots[slot]!.Ahead, slot));

    private void Advance(int slot)
    {
        var training = _slots[slot]!;
        Steps += training.Ahead;
        var (step, value, ends) = training.Next();
        var (run, attempt) = (training.Assignment.Run, training.Assignment.Attempt);
        var goesOn = _coordinator.Decide(decision =>
        {
            var directive = decision.Report(run, attempt, value is { } measured ? [new MetricPoint(_metric, step, measured, 0)] : [], []);
            if (directive == Directive.End) return false;
            if (ends)
            {
                decision.Complete(run, attempt, step, new Dictionary<string, double> { [_metric] = training.Curve.Final });
                return false;
            }
            if (directive == Directive.Continue) return true;
            decision.Report(run, attempt, [], [new CheckpointRecorded(run, attempt, step, $"{run}-{step}", "", 0) { At = Beginning }]);
            decision.Pause(run, attempt, step);
            return false;
        });
        if (goesOn) Schedule(slot);
        else _slots[slot] = null;
    }

    /// <summary>A run on a slot.</summary>
    private sealed class Training
    {
        private readonly List<(long Step, double? Value)> _stops;
        private long _step;
        private int _next;

        /// <param name="from">The step that it was paused at; null begins anew.</param>
        public Training(Assignment assignment, ReplayedCurve curve, long? from)
        {
            (Assignment, Curve, _step) = (assignment, curve, from ?? 0);
            _stops = [.. curve.Points.Where(point => point.Step > (from ?? -1)).Select(point => (point.Step, (double?)point.Value))];
            // Runs end at their last step, whether they were evaluated there or not.
            if (_stops.Count == 0 || _stops[^1].Step < curve.Steps) _stops.Add((curve.Steps, null));
        }

        public Assignment Assignment { get; }

        public ReplayedCurve Curve { get; }

        /// <summary>Steps to the next report.</summary>
        public long Ahead => _stops[_next].Step - _step;

        public (long Step, double? Value, bool Ends) Next()
        {
            var (step, value) = _stops[_next++];
            _step = step;
            return (step, value, _next == _stops.Count);
        }
    }

    /// <summary>Keeps nothing: the one coordinator there is holds what it decided.</summary>
    private sealed class ForgetfulStore : ISweepStore
    {
        public string Description => "nowhere";

        public IReadOnlyList<string> Sweeps() => [];

        public IReadOnlyList<SweepEvent> Read(string sweep, long after = 0) => [];

        public SweepWrite Decide(string sweep, long known, string? host, Func<IReadOnlyList<SweepEvent>, SweepWrite> decide) => decide([]);

        public void Renew(string sweep, string host, TimeSpan lease)
        {
        }

        public void Leave(string sweep, string host)
        {
        }

        public IReadOnlySet<string> Alive(string sweep) => new HashSet<string>();

        public IReadOnlyList<MetricPoint> Metrics(string sweep, RunKey run) => [];

        public IEnumerable<(RunKey Run, MetricPoint Point)> Curves(string sweep, string metric) => [];

        public void Dispose()
        {
        }
    }
}
