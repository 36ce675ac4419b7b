using Repro.Studies.Runs;
using Repro.Studies.Samplers;

namespace Repro.Studies.Sweeps;

/// <summary>
/// A sweep as the fold over its events: equal events give equal states, whoever folds them and when. It holds nothing that they do not tell.
/// </summary>
public sealed class SweepState
{
    private readonly List<TrialStatus> _trials = [];
    private readonly SortedSet<RunKey> _ready = new(RunKey.Order);
    private readonly SortedSet<RunKey> _running = new(RunKey.Order);
    private readonly SortedSet<RunKey> _paused = new(RunKey.Order);

    // A cluster's sweep trains on thousands of slots, and what is asked is mostly about one host.
    private readonly Dictionary<string, List<RunStatus>> _byHost = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _tags = new(StringComparer.Ordinal);
    // Of those that train, by how many GPUs a run has: a sum over thousands of them at every claim would take longer than all else.
    private readonly SortedDictionary<double, (int Runs, Int128 StartedTicks)> _onGpus = [];
    private TimeSpan _gpuTime;
    private DateTimeOffset _now;
    private bool _lost;

    /// <summary>How many events it is the fold over.</summary>
    public long Events { get; private set; }

    /// <summary>How the sweep was created; null before its first event.</summary>
    public SweepCreated? Created { get; private set; }

    /// <summary>How many trials the budget allows now.</summary>
    public int Budget { get; private set; }

    /// <summary>No run is given out: by a person, until released.</summary>
    public bool Held { get; private set; }

    /// <summary>No run is given out any more.</summary>
    public bool Cancelled { get; private set; }

    /// <summary>By number; there is no gap.</summary>
    public IReadOnlyList<TrialStatus> Trials => _trials;

    /// <summary>The trials that an ablation compares, its baseline's among them, by number; one that is tuned first has its own once the tuning is done. A search has none.</summary>
    public IEnumerable<TrialStatus> Arms => _trials.Where(trial => trial.Origin == TrialOrigin.Arm);

    /// <summary>How many of the trials count against the budget.</summary>
    public int Searched { get; private set; }

    /// <summary>Runs that a slot may take now, in the order of their keys.</summary>
    public IReadOnlyCollection<RunKey> Ready => _ready;

    public IReadOnlyCollection<RunKey> Running => _running;

    /// <summary>Runs that stopped at a checkpoint, whoever paused them.</summary>
    internal IReadOnlyCollection<RunKey> Paused => _paused;

    /// <summary>Hosts that train runs now; in no order.</summary>
    public IReadOnlyCollection<string> Hosts => _byHost.Keys;

    /// <summary>Runs that a host trains now; in no order.</summary>
    internal IReadOnlyList<RunStatus> RunningOn(string host) => _byHost.TryGetValue(host, out var runs) ? runs : [];

    public IReadOnlyDictionary<string, string> Tags => _tags;

    /// <summary>How often test scores of its confirmations were shown.</summary>
    public int TestReadings { get; private set; }

    /// <summary>The chosen configuration again, on fresh seeds; null before a choice was confirmed.</summary>
    public TrialStatus? Confirmation { get; private set; }

    /// <summary>The completed trial with the best objective, confirmations and arms left out; null before there is one with a finite value.</summary>
    public int? Best(Objective objective) =>
        BestOf(_trials.Where(trial => trial.IsSearched), objective)?.Number;

    /// <summary>Later trials that are as good as <see cref="Best"/>, by number.</summary>
    public IReadOnlyList<int> Tied(Objective objective) => Best(objective) is not { } best ? []
        : [.. _trials.Where(trial => trial.IsSearched && trial.Number != best && trial.Mean(objective.Metric) == _trials[best].Mean(objective.Metric)).Select(trial => trial.Number)];

    /// <summary>The first of those with the best mean objective over their runs; null where none has completed with a finite one.</summary>
    public static TrialStatus? BestOf(IEnumerable<TrialStatus> trials, Objective objective)
    {
        var sign = objective.Direction == ObjectiveDirection.Minimize ? 1 : -1;
        return trials.Where(trial => trial.Mean(objective.Metric) is { } mean && double.IsFinite(mean)).MinBy(trial => sign * trial.Mean(objective.Metric)!.Value);
    }

    /// <exception cref="InvalidOperationException">There is no such run: the log is another sweep's or damaged.</exception>
    public RunStatus this[RunKey key] => key.Trial >= 0 && key.Trial < _trials.Count && key.Index >= 0 && key.Index < _trials[key.Trial].Runs.Count
        ? _trials[key.Trial].Runs[key.Index]
        : throw new InvalidOperationException($"The sweep has no run {key}; it has {_trials.Count} trials.");

    /// <summary>Whether <paramref name="attempt"/> is the one that may write for the run.</summary>
    public bool Owns(RunKey run, int attempt) => this[run] is var status && status.State == RunState.Running && status.Attempt == attempt;

    /// <summary>Hours for which its runs have had GPUs, those that train included. Of a run whose host was lost, up to its last sign of life.</summary>
    public double GpuHours(DateTimeOffset now) =>
        (_gpuTime + _onGpus.Aggregate(TimeSpan.Zero, (sum, runs) => sum + (runs.Key * TimeSpan.FromTicks((long)((runs.Value.Runs * (Int128)now.UtcTicks) - runs.Value.StartedTicks))))).TotalHours;

    /// <exception cref="InvalidOperationException">The event cannot follow those before it.</exception>
    public void Apply(SweepEvent happened)
    {
        (_now, _lost, Events) = (happened.At, false, Events + 1);
        switch (happened)
        {
            case SweepCreated created:
                if (Created is not null) throw new InvalidOperationException("A sweep is created once; its log says so twice.");
                (Created, Budget) = (created, created.Trials);
                break;
            case TrialPlanned planned:
                if (planned.Trial != _trials.Count) throw new InvalidOperationException($"Trial {planned.Trial} was planned after trial {_trials.Count - 1}; numbers have no gap.");
                var trial = new TrialStatus(planned);
                _trials.Add(trial);
                if (planned.Origin == TrialOrigin.Confirmation) Confirmation = trial;
                if (planned.Origin is TrialOrigin.Paper or TrialOrigin.Sampler) Searched++;
                for (var i = 0; i < trial.Runs.Count; i++) _ready.Add(new RunKey(planned.Trial, i));
                break;
            case RunStarted started:
                Start(started);
                break;
            case WentBack back:
                Owned(back.Run, back.Attempt).GoBack(back.From);
                break;
            case CheckpointRecorded checkpoint:
                Owned(checkpoint.Run, checkpoint.Attempt).Add(checkpoint);
                break;
            case RungReached rung:
                Owned(rung.Run, rung.Attempt).Add(rung);
                break;
            case RunCompleted completed:
                End(completed.Run, completed.Attempt, RunState.Completed).Scores = completed.Scores;
                break;
            case TrialPromoted promoted:
                foreach (var run in _trials[promoted.Trial].Runs.Where(run => run.State == RunState.Paused))
                {
                    run.Pause = PauseReason.HostStops;
                    _ready.Add(run.Key);
                }
                break;
            case TrialPruned pruned:
                foreach (var run in _trials[pruned.Trial].Runs.Where(run => !run.Done))
                {
                    run.Message = pruned.Why;
                    Move(run, RunState.Pruned);
                }
                break;
            case RunPaused paused:
                Owned(paused.Run, paused.Attempt).Pause = paused.Why;
                End(paused.Run, paused.Attempt, RunState.Paused);
                break;
            case RunFailed failed:
                Owned(failed.Run, failed.Attempt).Add(failed.Class);
                _lost = failed.Class == FailureClass.Lost;
                End(failed.Run, failed.Attempt, failed.Again ? RunState.Planned : RunState.Failed).Message = failed.Message;
                break;
            case TrialCancelled cancelled:
                foreach (var run in _trials[cancelled.Trial].Runs.Where(run => !run.Done)) Move(run, RunState.Cancelled);
                break;
            case TrialRetried retried:
                foreach (var run in _trials[retried.Trial].Runs)
                {
                    if (run.State is RunState.Failed or RunState.Cancelled) run.Retry();
                    // Its pruner decides about it no more.
                    else if (run.State == RunState.Paused) run.Pause = PauseReason.HostStops;
                    if (run.Ready) _ready.Add(run.Key);
                }
                break;
            case SweepExtended extended:
                Budget = extended.Trials;
                break;
            case SweepHeld held:
                (Held, Cancelled) = (true, Cancelled || held.Cancelled);
                break;
            case SweepReleased:
                // What was cancelled is the search; what it had found may be confirmed.
                if (Confirmation is not null) Cancelled = false;
                Held = Cancelled;
                break;
            case Tagged { Trial: { } number } tagged:
                _trials[number].Tag(tagged.Tag, tagged.Value);
                break;
            case Tagged tagged:
                if (tagged.Value is null) _tags.Remove(tagged.Tag);
                else _tags[tagged.Tag] = tagged.Value;
                break;
            case TestRead:
                TestReadings++;
                break;
            default:
                throw new InvalidOperationException($"The sweep's log has an event that this version does not know: {happened.GetType().Name}.");
        }
    }

    private void Start(RunStarted started)
    {
        var run = this[started.Run];
        if (run.State is not (RunState.Planned or RunState.Paused) || started.Attempt != run.Attempt + 1)
            throw new InvalidOperationException($"Run {run.Key} cannot start attempt {started.Attempt}: it is {run.State} at attempt {run.Attempt}.");
        run.Start(started);
        _ready.Remove(run.Key);
        _paused.Remove(run.Key);
        _running.Add(run.Key);
        if (!_byHost.TryGetValue(run.Host, out var beside)) _byHost.Add(run.Host, beside = []);
        beside.Add(run);
        Count(run, 1);
    }

    private RunStatus Owned(RunKey key, int attempt) =>
        Owns(key, attempt) ? this[key] : throw new InvalidOperationException($"Attempt {attempt} wrote for run {key}, which is {this[key].State} at attempt {this[key].Attempt}.");

    private RunStatus End(RunKey key, int attempt, RunState state)
    {
        var run = Owned(key, attempt);
        Move(run, state);
        return run;
    }

    private void Move(RunStatus run, RunState state)
    {
        if (run.State == RunState.Running && run.Gpus > 0) _gpuTime += run.Gpus * ((_lost ? run.LastSeen : _now) - run.Started);
        run.State = state;
        if (_running.Remove(run.Key))
        {
            var beside = _byHost[run.Host];
            beside.Remove(run);
            if (beside.Count == 0) _byHost.Remove(run.Host);
            Count(run, -1);
        }
        if (state == RunState.Paused) _paused.Add(run.Key);
        else _paused.Remove(run.Key);
        if (run.Ready) _ready.Add(run.Key);
        else _ready.Remove(run.Key);
    }

    private void Count(RunStatus run, int runs)
    {
        if (run.Gpus <= 0) return;
        var (count, ticks) = _onGpus.GetValueOrDefault(run.Gpus);
        if (count + runs == 0) _onGpus.Remove(run.Gpus);
        else _onGpus[run.Gpus] = (count + runs, ticks + (runs * (Int128)run.Started.UtcTicks));
    }
}
