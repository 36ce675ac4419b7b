using Repro.Studies.Pruners;
using Repro.Studies.Randomness;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Sweeps;

/// <summary>One decision in the making, over the newest state of its sweep. Every method either happens whole or is refused; see <see cref="Coordinator"/>.</summary>
public sealed partial class Decision
{
    private readonly Study _study;
    private readonly string? _host;
    private readonly DateTimeOffset _now;
    private readonly Coordinator _coordinator;
    private readonly List<SweepEvent> _events = [];
    private List<(RunKey, MetricPoint)>? _metrics;
    private List<(RunKey, long)>? _dropped;

    internal Decision(Coordinator coordinator, string? host, DateTimeOffset now) => (_coordinator, _study, _host, _now) = (coordinator, coordinator.Study, host, now);

    /// <summary>With everything that was decided before.</summary>
    public SweepState State => _coordinator.State;

    internal SweepWrite Write => new(_events, _metrics is null ? [] : _metrics, _dropped is null ? [] : _dropped);

    private Search Search => _coordinator.Search;

    /// <summary>Begins the sweep, with the paper's own configuration as trial 0, or with the arms of an ablation; does nothing where it has begun.</summary>
    /// <param name="paper">Settings of the paper; null plans no such trial. Not looked at in an ablation, whose baseline says it.</param>
    public void Create(ulong seed, Configuration? paper)
    {
        if (State.Created is not null) return;
        Happened(new SweepCreated(_study.Text, seed, _study.Trials) { At = _now });
        foreach (var (tag, value) in _study.Tags) Tag(null, tag, value);
        if (_study.Arms.Count > 0) PlanAll(ArmPlan.First(_study, number => Search.Suggest(number)));
        else if (paper is not null) Plan(paper, TrialOrigin.Paper, _study.Seeds);
    }

    /// <summary>Gives a free slot its run: one that was left unfinished, a promoted one, or a new trial; null where there is none now.</summary>
    /// <param name="gpus">Of how many GPUs the slot has the use; 0 on the CPU.</param>
    /// <param name="host">On which machine, where one coordinator decides for many; null is the coordinator's own.</param>
    public Assignment? Claim(string slot, double gpus = 0, string? host = null)
    {
        if (State.Created is null || State.Held || IsGpuTimeUsedUp) return null;
        EndEliminated();
        if (State.Ready.Count == 0 && Search.NextToPromote is { } promoted) Happened(new TrialPromoted(promoted) { At = _now });
        if (_study.TrialsPerArm > 0 && State.Ready.Count == 0) PlanAll(ArmPlan.Tuned(_study, State).ToList());
        if (State.Ready.Count == 0 && State.Searched < State.Budget && Search.Suggest() is { } configuration) Plan(configuration, TrialOrigin.Sampler, _study.Seeds);
        if (State.Ready.Count == 0)
        {
            if (State.Running.Count == 0) EndPaused();
            return null;
        }
        var run = State[State.Ready.First()];
        var from = run.Checkpoints.Count > 0 ? run.Checkpoints[^1].Step : (long?)null;
        Happened(new RunStarted(run.Key, run.Attempt + 1, host ?? _host ?? "", slot, from, gpus) { At = _now });
        Drop(run.Key, from);
        return Assigned(run);
    }

    /// <summary>
    /// How many slots can be given a run now, at most: whoever shares out slots sends no more to ask. 0 is certain until something happens.
    /// </summary>
    public int RunsToGive
    {
        get
        {
            if (State.Created is null || State.Held || IsGpuTimeUsedUp) return 0;
            // What is planned when the tuning of an arm is over is not known before it is.
            if (_study.TrialsPerArm > 0) return int.MaxValue;
            long runs = State.Ready.Count + (Search.NextToPromote is null ? 0 : State.Paused.Count);
            if (Search.HasSuggestion) runs += Math.Max(0L, State.Budget - State.Searched) * _study.Seeds;
            return (int)Math.Min(runs, int.MaxValue);
        }
    }

    // Those that train go on to their end: half a run is worth nothing.
    private bool IsGpuTimeUsedUp => _study.GpuHours is { } limit && State.GpuHours(_now) >= limit;

    /// <summary>Where nothing trains, ends what waits for what will not come any more.</summary>
    /// <returns>Whether it is over: nobody who asks would be given a run, until a person does something. A sweep that is held is not.</returns>
    public bool EndIfOver()
    {
        if (State.Created is null || State.Held || State.Running.Count > 0) return false;
        if (IsGpuTimeUsedUp) return true;
        EndEliminated();
        if (_study.TrialsPerArm > 0 && State.Ready.Count == 0) PlanAll(ArmPlan.Tuned(_study, State).ToList());
        if (State.Ready.Count > 0 || Search.NextToPromote is not null || (State.Searched < State.Budget && Search.HasSuggestion)) return false;
        EndPaused();
        return true;
    }

    /// <summary>
    /// The run that a slot of this host took in a decision of which it never learned that it held: the connection broke. Asked before a slot that
    /// trains nothing claims again; null where there is none.
    /// </summary>
    public Assignment? Taken(string slot, string? host = null) =>
        State.RunningOn(host ?? _host ?? "").Where(run => run.Slot == slot).OrderBy(run => run.Key, RunKey.Order).FirstOrDefault() is { } run ? Assigned(run) : null;

    /// <summary>Takes note that an attempt goes on from an older checkpoint than the newest recorded one, because that is damaged or gone.</summary>
    /// <param name="from">Its step; null begins anew.</param>
    /// <returns>False where another attempt has taken its place.</returns>
    public bool GoBack(RunKey run, int attempt, long? from)
    {
        if (!State.Owns(run, attempt)) return false;
        if (State[run].Checkpoints.All(checkpoint => checkpoint.Step <= (from ?? -1))) return true;
        Happened(new WentBack(run, attempt, from) { At = _now });
        Drop(run, from);
        return true;
    }

    /// <summary>Keeps what a run measured, and its checkpoints. A late writer's is refused.</summary>
    public Directive Report(RunKey run, int attempt, IReadOnlyList<MetricPoint> points, IReadOnlyList<CheckpointRecorded> checkpoints)
    {
        if (!State.Owns(run, attempt)) return Directive.End;
        foreach (var point in points)
        {
            (_metrics ??= []).Add((run, point));
            // A step that was judged before the run went back to its checkpoint is not judged again; what nobody judges is no event.
            if (point.Name == _study.Objective.Metric && !State[run].Rungs.ContainsKey(point.Step) && Search.LooksAt(State[run], point.Step, point.Value))
                Happened(new RungReached(run, attempt, point.Step, point.Value) { At = _now });
        }
        foreach (var checkpoint in checkpoints.Where(c => State[run].Checkpoints.All(known => known.Step != c.Step))) Happened(checkpoint with { Run = run, Attempt = attempt, At = _now });
        var (decision, step, value) = Search.DecisionOf(run.Trial);
        if (decision == PruneDecision.Prune) Happened(new TrialPruned(run.Trial, step, $"{_study.Pruner}: {_study.Objective.Metric} {value:R} at step {step}") { At = _now });
        return decision switch { PruneDecision.Prune => Directive.End, PruneDecision.Pause => Directive.Pause, _ => Directive.Continue };
    }

    /// <returns>False where another attempt has taken its place.</returns>
    public bool Complete(RunKey run, int attempt, long step, IReadOnlyDictionary<string, double> scores)
    {
        if (Already(run, attempt, RunState.Completed)) return true;
        if (!State.Owns(run, attempt)) return false;
        Happened(new RunCompleted(run, attempt, step, scores) { At = _now });
        EndEliminated();
        return true;
    }

    /// <summary>Takes note that a run stopped at a recorded checkpoint.</summary>
    /// <returns>False where another attempt has taken its place.</returns>
    public bool Pause(RunKey run, int attempt, long step)
    {
        if (Already(run, attempt, RunState.Paused)) return true;
        if (!State.Owns(run, attempt)) return false;
        var reason = Search.DecisionOf(run.Trial).Decision == PruneDecision.Pause ? PauseReason.Rung : PauseReason.HostStops;
        Happened(new RunPaused(run, attempt, step, reason) { At = _now });
        return true;
    }

    /// <summary>Takes note that an attempt failed; it is tried again where the study's limits allow.</summary>
    /// <returns>Whether it will be.</returns>
    public bool Fail(RunKey run, int attempt, FailureClass failure, string message)
    {
        if (!State.Owns(run, attempt)) return false;
        var again = State[run].Failures(failure) < _study.Retries.Of(failure);
        Happened(new RunFailed(run, attempt, failure, message, again) { At = _now });
        EndEliminated();
        return again;
    }

    /// <summary>Frees the runs of hosts that are gone; they go on from their checkpoints.</summary>
    /// <param name="alive">Hosts whose lease holds, read in this very decision: a host that has joined since an earlier look would be taken for dead.</param>
    /// <returns>How many there were.</returns>
    public int TakeOver(IReadOnlySet<string> alive) => Free(State.Hosts.Where(host => !alive.Contains(host)));

    /// <inheritdoc cref="TakeOver"/>
    /// <param name="dead">Known to be gone for good: no host ever comes back under its name. One that nobody knows yet may have joined since they were asked for, and keeps its runs.</param>
    public int TakeOverFrom(IReadOnlySet<string> dead) => Free(State.Hosts.Where(dead.Contains));

    // Asked often, of thousands of runs, and mostly everybody is alive.
    private int Free(IEnumerable<string> hosts)
    {
        var lost = hosts.SelectMany(State.RunningOn).OrderBy(run => run.Key, RunKey.Order).ToList();
        foreach (var run in lost)
            Happened(new RunFailed(run.Key, run.Attempt, FailureClass.Lost, $"Host {run.Host} was lost while it trained this run.", Again: true) { At = _now });
        return lost.Count;
    }

    // A store drops before it writes; what another request of this same decision has reported must go too.
    private void Drop(RunKey run, long? from)
    {
        _metrics?.RemoveAll(metric => metric.Item1 == run && metric.Item2.Step > (from ?? -1));
        (_dropped ??= new(1)).Add((run, from ?? -1));
    }

    private Assignment Assigned(RunStatus run)
    {
        var trial = State.Trials[run.Key.Trial];
        return new Assignment(run.Key, run.Attempt, trial.Configuration, run.Seed, trial.Origin == TrialOrigin.Confirmation || (trial.Origin == TrialOrigin.Arm && _study.ReadsTest), run.Checkpoints.Count == 0 ? [] : run.Checkpoints.Reverse().ToList());
    }

    private void PlanAll(IEnumerable<PlannedArm> arms)
    {
        foreach (var arm in arms) Plan(arm.Configuration, arm.Origin, arm.Seeds, arm.Name);
    }

    private int Plan(Configuration configuration, TrialOrigin origin, int seeds, string? arm = null)
    {
        var trial = State.Trials.Count;
        // Seeds are paired: the n-th run of every trial of the search, and of every arm, has the same one. A confirmation's are fresh, and so are
        // those on which arms are tuned.
        var first = origin switch { TrialOrigin.Confirmation => 1_000_000, TrialOrigin.Tuning => 2_000_000, _ => 0 };
        Happened(new TrialPlanned(trial, configuration, _coordinator.Seeds(first, seeds), origin, arm) { At = _now });
        return trial;
    }

    // A pruner that waits for a cohort may have decided about others by what just happened.
    private void EndEliminated()
    {
        if (Search.Eliminated is not { Count: > 0 } eliminated) return;
        foreach (var trial in eliminated.Where(trial => !State.Trials[trial].Done).ToList())
        {
            var (_, step, value) = Search.DecisionOf(trial);
            Happened(new TrialPruned(trial, step, $"{_study.Pruner}: {_study.Objective.Metric} {value:R} at step {step} was not among those promoted") { At = _now });
        }
    }

    // Nothing trains and nothing is left to try: nobody will be promoted any more.
    private void EndPaused()
    {
        foreach (var trial in State.Paused.Select(run => run.Trial).Distinct().Select(number => State.Trials[number]).Where(trial => trial.State == RunState.Paused).ToList())
        {
            var (_, step, value) = Search.DecisionOf(trial.Number);
            Happened(new TrialPruned(trial.Number, step, $"{_study.Pruner}: {_study.Objective.Metric} {value:R} at step {step} was never promoted") { At = _now });
        }
    }

    private bool Already(RunKey run, int attempt, RunState state) => State[run].Attempt == attempt && State[run].State == state;

    private void Happened(SweepEvent happened)
    {
        _coordinator.Apply(happened);
        _events.Add(happened);
    }
}
