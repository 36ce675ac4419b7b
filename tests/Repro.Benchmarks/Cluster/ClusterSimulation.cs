using Repro.Results.Stores;
using Repro.Studies.Randomness;
using Repro.Studies.Runs;
using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;

namespace Repro.Benchmarks.Cluster;

/// <summary>
/// A cluster in simulated time: silos beat, ask, train, die, freeze, come back and are drained, and the queue and the coordinators begin anew now and then. What
/// decides is the program's own <see cref="WorkQueue"/> and <see cref="Coordinator"/>, over a <see cref="MemoryStore"/>; everything else is here. Equal seeds give equal simulations.
/// </summary>
internal sealed class ClusterSimulation
{
    private readonly SimulationSettings _settings;
    private readonly SimulatedTime _time = new();
    private readonly PriorityQueue<Action, (long At, long Number)> _agenda = new();
    private readonly MemoryStore _store;
    private readonly Dictionary<string, SimulatedSweep> _sweeps;
    private readonly Dictionary<string, Coordinator> _coordinators = [];
    private readonly Dictionary<string, DateTimeOffset> _unfinished = [];
    private readonly SimulatedSilo?[] _machines;
    private readonly HashSet<string> _dead = [];
    private readonly List<string> _deaths = [];
    private readonly Dictionary<(string Sweep, RunKey Run), (int Attempt, SimulatedSlot Slot)> _owners = [];
    private readonly DateTimeOffset _begun;
    private WorkQueue _queue;
    private Philox _chance;
    private long _number;
    private int _unsubmitted;

    public ClusterSimulation(SimulationSettings settings)
    {
        (_settings, _chance, _store, _queue, _begun) = (settings, new Philox(settings.Seed, RandomPurpose.Checks), new MemoryStore(_time), new WorkQueue(_time), _time.Now);
        _sweeps = settings.Sweeps.ToDictionary(sweep => sweep.Name);
        _machines = new SimulatedSilo?[settings.Silos];
        _unsubmitted = settings.Sweeps.Count;
        for (var machine = 0; machine < settings.Silos; machine++) Join(machine, 0);
        foreach (var sweep in settings.Sweeps) In(sweep.After, () => Submit(sweep));
        In(Exponential(settings.SecondsBetweenBlows), Blow);
        In(Exponential(settings.SecondsBetweenRestarts), Restart);
    }

    public SimulationTimes Lends { get; } = new();

    public SimulationTimes Beats { get; } = new();

    /// <summary>Claims, reports, ends and takeovers of coordinators.</summary>
    public SimulationTimes Decisions { get; } = new();

    public Dictionary<string, int> Blows { get; } = new() { ["killed"] = 0, ["frozen"] = 0, ["drained"] = 0, ["queue"] = 0, ["coordinator"] = 0, ["lost answers"] = 0, ["crashes"] = 0 };

    /// <summary>Writes that came from attempts whose place another had taken; every one was refused.</summary>
    public int LateWrites { get; private set; }

    /// <summary>Slots that were sent to a sweep which had no run for them.</summary>
    public int LoansForNothing { get; private set; }

    public double SimulatedSeconds => (_time.Now - _begun).TotalSeconds;

    /// <summary>Runs until every sweep is finished.</summary>
    /// <exception cref="InvalidOperationException">A rule is broken; says which.</exception>
    public void Run(Action? halfway = null)
    {
        while (_unfinished.Count + _unsubmitted > 0)
        {
            if (!_agenda.TryDequeue(out var happens, out var due)) throw new InvalidOperationException("Nothing is left to happen, and sweeps are not finished.");
            _time.Now = new DateTimeOffset(due.At, TimeSpan.Zero);
            if (SimulatedSeconds > 1e4) throw new InvalidOperationException($"Sweeps do not end: {string.Join("; ", _unfinished.Keys.Select(Standing))}.");
            happens();
            if (halfway is not null && _owners.Count >= _settings.Trials / 2)
            {
                halfway();
                halfway = null;
            }
        }
        // Whoever is frozen wakes up after the end, and changes nothing.
        for (var end = _time.Now.Ticks + TimeSpan.FromMinutes(2).Ticks; _agenda.TryDequeue(out var happens, out var due) && due.At < end;)
        {
            _time.Now = new DateTimeOffset(due.At, TimeSpan.Zero);
            happens();
        }
        foreach (var sweep in _settings.Sweeps) SimulatedLog.Check(sweep, _store);
    }

    /// <summary>Bytes that the queue alone keeps alive; it is lost by this, as in a death.</summary>
    public long QueueBytes() => Freed(() => _queue = new WorkQueue(_time)) is var bytes && Requeue() ? bytes : 0;

    /// <summary>Bytes that the coordinators of all sweeps keep alive; they are lost by this.</summary>
    public long CoordinatorBytes() => Freed(_coordinators.Clear);

    private static long Freed(Action forget)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        forget();
        return before - GC.GetTotalMemory(forceFullCollection: true);
    }

    // A queue that begins anew hears of the dead from the membership: otherwise it would believe one that was only frozen.
    private bool Requeue()
    {
        foreach (var name in _deaths) _queue.Gone(name, "It was dead before.");
        foreach (var (name, at) in _unfinished) _queue.Submit(_sweeps[name].Queued(at));
        return true;
    }

    private string Standing(string sweep)
    {
        var (state, place) = (_coordinators[sweep].State, _queue.Snapshot().Sweeps.Single(place => place.Sweep.Name == sweep));
        return $"{sweep} has {state.Trials.Count(trial => trial.Done)} of {state.Trials.Count} trials done, {state.Ready.Count} runs ready, {state.Running.Count} running, {place.LentSlots} slots; {place.Waits}";
    }

    private void Submit(SimulatedSweep sweep)
    {
        _unsubmitted--;
        _unfinished.Add(sweep.Name, _time.Now);
        _coordinators[sweep.Name] = new Coordinator(_store, sweep.Name, sweep.Study, host: null, _time);
        _coordinators[sweep.Name].Decide(decision => decision.Create(_settings.Seed, paper: null));
        _queue.Submit(sweep.Queued(_time.Now));
        TakeOver(sweep.Name);
    }

    // A sweep's grain looks at the membership as long as it lives: a silo that was only frozen may have claimed in its last moment.
    private void TakeOver(string sweep)
    {
        if (!_unfinished.ContainsKey(sweep)) return;
        if (Decide(sweep, decision => decision.TakeOverFrom(_dead)) > 0) _queue.Wake(sweep);
        In(2, () => TakeOver(sweep));
    }

    private void Join(int machine, int start)
    {
        var silo = _machines[machine] = new SimulatedSilo(machine, start, _settings.SlotsPerSilo, _time.Now);
        Of(silo, () => Beat(silo), _chance.NextDouble());
        foreach (var slot in silo.Slots) Of(silo, () => Ask(slot), 1 + _chance.NextDouble());
    }

    // False where the silo heard that it is dead.
    private bool Beat(SimulatedSilo silo, bool again = true)
    {
        var answer = Beats.Take(() => _queue.Beat(silo.Report()));
        if (!answer.Accepted)
        {
            silo.Killed = true;
            Back(silo, 1);
            return false;
        }
        silo.Drained = answer.Drained;
        if (!again) return true;
        Of(silo, () => Beat(silo), _settings.BeatEvery.TotalSeconds);
        foreach (var slot in silo.Slots.Where(slot => slot.Waits).ToList()) Ask(slot);
        if (silo.Ends && silo.Slots.All(slot => slot.Run is null && slot.Waits))
        {
            silo.Killed = true;
            Died(silo, "It has left.");
        }
        return true;
    }

    private void Ask(SimulatedSlot slot)
    {
        slot.Waits = false;
        var lending = Lends.Take(() => _queue.Lend(slot.Silo.Name, slot.Name));
        if (lending.BeatFirst)
        {
            if (!Beat(slot.Silo, again: false)) return;
            lending = Lends.Take(() => _queue.Lend(slot.Silo.Name, slot.Name));
        }
        (slot.Sweep, slot.AsOf, slot.QuantumEnds, slot.Waits) = (lending.Sweep, lending.AsOf, _time.Now + _settings.Quantum, lending.Sweep is null);
        if (slot.Sweep is not null) Of(slot.Silo, () => Claim(slot), _settings.Latency.TotalSeconds);
    }

    private void Claim(SimulatedSlot slot) => Take(slot, Decide(slot.Sweep!, decision => Next(decision, slot)));

    private static Assignment? Next(Decision decision, SimulatedSlot slot) => decision.Taken(slot.Name, slot.Silo.Name) ?? decision.Claim(slot.Name, slot.Gpus, slot.Silo.Name);

    private void Take(SimulatedSlot slot, Assignment? run)
    {
        slot.Run = run;
        if (run is null)
        {
            LoansForNothing++;
            EndIfFinished(slot.Sweep!);
            _queue.Idle(slot.Sweep!, slot.AsOf);
            Ask(slot);
            return;
        }
        if (_owners.TryGetValue((slot.Sweep!, run.Run), out var before) && before.Attempt >= run.Attempt && before != (run.Attempt, slot))
            throw new InvalidOperationException($"Attempt {run.Attempt} of run {run.Run} of {slot.Sweep} was given to {slot.Silo.Name} after attempt {before.Attempt} to {before.Slot.Silo.Name}.");
        _owners[(slot.Sweep!, run.Run)] = (run.Attempt, slot);
        if (Unlucky("lost answers"))
        {
            slot.Run = null;
            Of(slot.Silo, () => Claim(slot), 1);
            return;
        }
        slot.Duration = Exponential(_sweeps[slot.Sweep!].MeanSeconds);
        var done = run.Checkpoints.Count > 0 ? (int)run.Checkpoints[0].Step : 0;
        Train(slot, SimulatedSweep.Steps.FirstOrDefault(step => step > done));
    }

    /// <param name="step">Next report; 0 is the end.</param>
    private void Train(SimulatedSlot slot, int step)
    {
        var seconds = slot.Duration / (SimulatedSweep.Steps.Count + 1);
        if (Unlucky("crashes")) Of(slot.Silo, () => Fail(slot), seconds / 2);
        else if (step > 0) Of(slot.Silo, () => Report(slot, step), seconds);
        else Of(slot.Silo, () => Complete(slot), seconds);
    }

    private void Report(SimulatedSlot slot, int step)
    {
        var (run, value) = (slot.Run!, SimulatedLog.Loss(slot.Run!.Run, step));
        var late = IsLate(slot);
        var directive = Decide(slot.Sweep!, decision => decision.Report(run.Run, run.Attempt,
            [new MetricPoint("attempt", step, run.Attempt, 0), new MetricPoint("loss", step, value, 0)], [new CheckpointRecorded(run.Run, run.Attempt, step, "", "", 1) { At = _time.Now }]));
        if (late && directive != Directive.End) throw Taken(slot, "reported");
        if (directive == Directive.Continue && !slot.Silo.Ends)
        {
            Train(slot, SimulatedSweep.Steps.FirstOrDefault(next => next > step));
            return;
        }
        if (directive != Directive.End) Decide(slot.Sweep!, decision => decision.Pause(run.Run, run.Attempt, step));
        Ended(slot, next: null, asked: false);
    }

    private void Fail(SimulatedSlot slot)
    {
        var (run, late) = (slot.Run!, IsLate(slot));
        if (Decide(slot.Sweep!, decision => decision.Fail(run.Run, run.Attempt, FailureClass.Crash, "It crashed.")) && late) throw Taken(slot, "failed");
        Ended(slot, next: null, asked: false);
    }

    private void Complete(SimulatedSlot slot)
    {
        var (run, late, goesOn) = (slot.Run!, IsLate(slot), _time.Now < slot.QuantumEnds && !slot.Silo.Ends);
        // How it ended and what the slot does next are one decision.
        var (taken, next) = Decide(slot.Sweep!, decision =>
        {
            var kept = decision.Complete(run.Run, run.Attempt, 64, new Dictionary<string, double> { ["loss"] = SimulatedLog.Loss(run.Run, 64) });
            return (kept, kept && goesOn ? Next(decision, slot) : null);
        });
        if (taken == late) throw Taken(slot, taken ? "completed" : "was refused");
        Ended(slot, next, asked: taken && goesOn);
    }

    private void Ended(SimulatedSlot slot, Assignment? next, bool asked)
    {
        var runs = _coordinators[slot.Sweep!].Decide(decision => decision.RunsToGive);
        if (runs > 0) _queue.Wake(slot.Sweep!, runs);
        slot.Run = null;
        if (asked) Take(slot, next);
        else Ask(slot);
    }

    private void EndIfFinished(string sweep)
    {
        var state = _coordinators[sweep].State;
        if (state.Running.Count > 0 || state.Ready.Count > 0 || state.Searched < state.Budget || state.Trials.Any(trial => !trial.Done) || !_unfinished.Remove(sweep)) return;
        _queue.Withdraw(sweep);
    }

    private void Blow()
    {
        if (_machines[_chance.NextInt32(_machines.Length)] is { Killed: false } silo && silo.FrozenUntil < _time.Now)
        {
            switch (_chance.NextInt32(3))
            {
                case 0:
                    Blows["killed"]++;
                    silo.Killed = true;
                    In(_settings.DeathAfter.TotalSeconds, () => Died(silo, "It missed its probes."));
                    break;
                case 1:
                    Blows["frozen"]++;
                    silo.FrozenUntil = _time.Now + TimeSpan.FromSeconds(20 * _chance.NextDouble());
                    // It hears of its death itself, and starts anew.
                    if (silo.FrozenUntil > _time.Now + _settings.DeathAfter) In(_settings.DeathAfter.TotalSeconds, () => Died(silo, "It missed its probes.", comesBack: false));
                    break;
                default:
                    Blows["drained"]++;
                    if (_chance.NextInt32(2) == 0 || !_queue.Snapshot().Silos.Any(known => known.Name == silo.Name)) silo.Leaves = true;
                    else _queue.Drain(silo.Name);
                    break;
            }
        }
        In(Exponential(_settings.SecondsBetweenBlows), Blow);
    }

    private void Restart()
    {
        if (_chance.NextInt32(2) == 0)
        {
            Blows["queue"]++;
            _queue = new WorkQueue(_time);
            Requeue();
        }
        else if (_unfinished.Count > 0)
        {
            Blows["coordinator"]++;
            var sweep = _unfinished.Keys.Order(StringComparer.Ordinal).ElementAt(_chance.NextInt32(_unfinished.Count));
            // Folding a whole log is no decision.
            (_coordinators[sweep] = new Coordinator(_store, sweep, _sweeps[sweep].Study, host: null, _time)).Refresh();
        }
        In(Exponential(_settings.SecondsBetweenRestarts), Restart);
    }

    private void Died(SimulatedSilo silo, string why, bool comesBack = true)
    {
        _dead.Add(silo.Name);
        _deaths.Add(silo.Name);
        if (_deaths.Count > WorkQueue.MostDead) _deaths.RemoveAt(0);
        _queue.Gone(silo.Name, why);
        if (comesBack) Back(silo, 5 + Exponential(10));
    }

    private void Back(SimulatedSilo silo, double seconds) => In(seconds, () => Join(silo.Machine, silo.Start + 1));

    private bool IsLate(SimulatedSlot slot)
    {
        var late = _owners[(slot.Sweep!, slot.Run!.Run)] != (slot.Run.Attempt, slot) || _coordinators[slot.Sweep!].State[slot.Run.Run].State != RunState.Running;
        if (late) LateWrites++;
        return late;
    }

    private T Decide<T>(string sweep, Func<Decision, T> request) => Decisions.Take(() => _coordinators[sweep].Decide(request));

    private bool Unlucky(string misfortune)
    {
        if (_chance.NextDouble() >= _settings.Misfortune) return false;
        Blows[misfortune]++;
        return true;
    }

    private static InvalidOperationException Taken(SimulatedSlot slot, string did) =>
        new($"Attempt {slot.Run!.Attempt} of run {slot.Run.Run} of {slot.Sweep} on {slot.Silo.Name} {did}, and that is wrong: its place {(did == "was refused" ? "is its own" : "was another's")}.");

    private double Exponential(double mean) => -mean * Math.Log(1 - _chance.NextDouble());

    private void In(double seconds, Action happens) => _agenda.Enqueue(happens, (_time.Now.Ticks + TimeSpan.FromSeconds(seconds).Ticks, _number++));

    // What a silo does waits while it is frozen, and is never done once it is killed.
    private void Of(SimulatedSilo silo, Action does, double seconds) => In(seconds, () => Now(silo, does));

    private void Now(SimulatedSilo silo, Action does)
    {
        if (silo.Killed) return;
        if (silo.FrozenUntil > _time.Now) Of(silo, does, (silo.FrozenUntil - _time.Now).TotalSeconds);
        else does();
    }
}
