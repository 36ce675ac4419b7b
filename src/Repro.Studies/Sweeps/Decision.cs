using Repro.Studies.Pruners;
using Repro.Studies.Randomness;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Sweeps;

/// <summary>One decision in the making, over the newest state of its sweep. Every method either happens whole or is refused; see <see cref="Coordinator"/>.</summary>
public sealed class Decision
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

    /// <summary>Plans a configuration that a person asked for, beyond the budget.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="BadInputException">The sweep was cancelled, or a choice was confirmed: test has been read.</exception>
    public int Enqueue(Configuration configuration, TrialOrigin origin, int seeds)
    {
        RequireOpen();
        return Plan(configuration, origin, seeds);
    }

    /// <summary>
    /// Chooses a configuration and plans it again on fresh seeds: the only runs that read test. Ends the search, whatever is left of its budget.
    /// </summary>
    /// <param name="trial">What is chosen; null takes the best completed trial.</param>
    /// <returns>The number of the confirmation.</returns>
    /// <exception cref="BadInputException">Runs are still to be done, nothing has completed, or a choice was confirmed before: test is evaluated once.</exception>
    public int Confirm(int? trial, int seeds)
    {
        if (State.Confirmation is { } before)
            throw new BadInputException($"The choice of this sweep was confirmed as trial {before.Number}. Test is evaluated once: a second choice would be made by it.");
        if (_study.Arms.Count > 0) throw new BadInputException("An ablation compares its arms and chooses nothing, so there is nothing to confirm.");
        if (State.Running.Count > 0 || State.Ready.Count > 0)
            throw new BadInputException($"{State.Running.Count + State.Ready.Count} runs are not done yet. Confirm when they are (repro resume), or cancel them (repro cancel SWEEP --trial N).");
        EndPaused();
        var chosen = trial is { } number ? Trial(number) : State.Best(_study.Objective) is { } best ? State.Trials[best] : throw new BadInputException("No trial has completed with a finite objective: there is nothing to choose.");
        if (chosen.State != RunState.Completed) throw new BadInputException($"Trial {chosen.Number} is {chosen.State}; a completed one can be confirmed.");
        if (State.Searched < State.Budget) Happened(new SweepExtended(State.Searched) { At = _now });
        var confirmation = Plan(chosen.Configuration, TrialOrigin.Confirmation, seeds);
        Happened(new Tagged(confirmation, SweepTags.Confirms, $"{chosen.Number}") { At = _now });
        if (State.Held) Happened(new SweepReleased { At = _now });
        return confirmation;
    }

    /// <summary>Takes note that a person was shown test scores.</summary>
    public void ReadTest(string by) => Happened(new TestRead(by) { At = _now });

    /// <summary>Sets how many trials the search may take in all.</summary>
    public void Extend(int trials)
    {
        RequireOpen();
        if (trials <= State.Budget) throw new BadInputException($"The sweep has a budget of {State.Budget} trials; it is extended to more, not to {trials}.");
        Happened(new SweepExtended(trials) { At = _now });
    }

    /// <summary>Gives out no run from now on; those that train go on.</summary>
    /// <param name="cancel">For good, and trials that wait are cancelled.</param>
    public void Hold(bool cancel)
    {
        if (State.Held && (!cancel || State.Cancelled)) return;
        Happened(new SweepHeld(cancel) { At = _now });
        if (!cancel) return;
        foreach (var trial in State.Trials.Where(trial => !trial.Done).ToList()) Happened(new TrialCancelled(trial.Number) { At = _now });
    }

    public void Release()
    {
        RequireGoing();
        if (State.Held) Happened(new SweepReleased { At = _now });
    }

    /// <exception cref="BadInputException">There is no such trial.</exception>
    public void CancelTrial(int trial)
    {
        if (!Trial(trial).Done) Happened(new TrialCancelled(trial) { At = _now });
    }

    /// <summary>Plans a trial's failed and cancelled runs again.</summary>
    /// <exception cref="BadInputException">There is no such trial, none of its runs failed or was cancelled, or the sweep has ended for good.</exception>
    public void RetryTrial(int trial)
    {
        if (!Trial(trial).Runs.Any(run => run.State is RunState.Failed or RunState.Cancelled))
            throw new BadInputException($"No run of trial {trial} failed or was cancelled; it is {State.Trials[trial].State}.");
        // The confirmation's own runs may fail too, and are the choice already.
        if (State.Confirmation?.Number == trial) RequireGoing();
        else RequireOpen();
        Happened(new TrialRetried(trial) { At = _now });
    }

    /// <param name="trial">Null is the sweep.</param>
    /// <param name="value">Null takes the tag away.</param>
    public void Tag(int? trial, string tag, string? value)
    {
        if (trial is { } number) _ = Trial(number);
        Happened(new Tagged(trial, tag, value) { At = _now });
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
        return new Assignment(run.Key, run.Attempt, trial.Configuration, run.Seed, trial.Origin == TrialOrigin.Confirmation, run.Checkpoints.Count == 0 ? [] : run.Checkpoints.Reverse().ToList());
    }

    private void RequireGoing()
    {
        if (State.Cancelled) throw new BadInputException("The sweep was cancelled for good. Start another one: the same study under another --name.");
    }

    private void RequireOpen()
    {
        RequireGoing();
        if (State.Confirmation is { } confirmation)
            throw new BadInputException($"The choice of this sweep was confirmed as trial {confirmation.Number}, which reads test; searching on would choose by test. Start another sweep.");
    }

    private TrialStatus Trial(int trial) => trial >= 0 && trial < State.Trials.Count ? State.Trials[trial]
        : throw new BadInputException($"The sweep has no trial {trial}; it has {State.Trials.Count}, numbered from 0.");

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
