using Repro.Results.Stores;
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
    private readonly SimulatedAgenda _agenda;
    private readonly SimulatedOwners _owners = new();
    private readonly MemoryStore _store;
    private readonly Dictionary<string, SimulatedSweep> _sweeps;
    private readonly Dictionary<string, Coordinator> _coordinators = [];
    private readonly Dictionary<string, DateTimeOffset> _unfinished = [];
    private readonly SimulatedSilo?[] _machines;
    private readonly HashSet<string> _dead = [];
    private readonly List<string> _deaths = [];
    private readonly DateTimeOffset _begun;
    private WorkQueue _queue;
    private readonly SimulatedMisfortune _chance;
    private int _unsubmitted;

    public ClusterSimulation(SimulationSettings settings)
    {
        (_settings, _chance, _store, _queue, _begun) = (settings, new SimulatedMisfortune(settings), new MemoryStore(_time), new WorkQueue(_time), _time.Now);
        _agenda = new SimulatedAgenda(_time);
        _sweeps = settings.Sweeps.ToDictionary(sweep => sweep.Name);
        _machines = new SimulatedSilo?[settings.Silos];
        _unsubmitted = settings.Sweeps.Count;
        for (var machine = 0; machine < settings.Silos; machine++) Join(machine, 0);
        foreach (var sweep in settings.Sweeps) _agenda.In(sweep.After, () => Submit(sweep));
        _agenda.In(_chance.Exponential(settings.SecondsBetweenBlows), Blow);
        _agenda.In(_chance.Exponential(settings.SecondsBetweenRestarts), Restart);
    }

    public SimulationTimes Lends { get; } = new();

    public SimulationTimes Beats { get; } = new();

    /// <summary>Claims, reports, ends and takeovers of coordinators.</summary>
    public SimulationTimes Decisions { get; } = new();

    public IReadOnlyDictionary<string, int> Blows => _chance.Blows;

    /// <inheritdoc cref="SimulatedOwners.LateWrites"/>
    public int LateWrites => _owners.LateWrites;

    /// <summary>Slots that were sent to a sweep which had no run for them.</summary>
    public int LoansForNothing { get; private set; }

    public double SimulatedSeconds => (_time.Now - _begun).TotalSeconds;

    /// <summary>Runs until every sweep is finished.</summary>
    /// <exception cref="InvalidOperationException">A rule is broken; says which.</exception>
    public void Run(Action? halfway = null)
    {
        while (_unfinished.Count + _unsubmitted > 0)
        {
            var happens = _agenda.Next() ?? throw new InvalidOperationException("Nothing is left to happen, and sweeps are not finished.");
            if (SimulatedSeconds > 1e4) throw new InvalidOperationException($"Sweeps do not end: {string.Join("; ", _unfinished.Keys.Select(Standing))}.");
            happens();
            if (halfway is not null && _owners.Count >= _settings.Trials / 2)
            {
                halfway();
                halfway = null;
            }
        }
        // Whoever is frozen wakes up after the end, and changes nothing.
        for (var end = _time.Now.AddMinutes(2).Ticks; _agenda.Next(end) is { } happens;) happens();
        foreach (var sweep in _settings.Sweeps) SimulatedLog.Check(sweep, _store);
    }

    /// <summary>Bytes that the queue alone keeps alive; it is lost by this, as in a death.</summary>
    public long QueueBytes() => SimulatedMemory.FreedBy(() => _queue = new WorkQueue(_time)) is var bytes && Requeue() ? bytes : 0;

    /// <summary>Bytes that the coordinators of all sweeps keep alive; they are lost by this.</summary>
    public long CoordinatorBytes() => SimulatedMemory.FreedBy(_coordinators.Clear);

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
        _agenda.In(2, () => TakeOver(sweep));
    }

    private void Join(int machine, int start)
    {
        var silo = _machines[machine] = new SimulatedSilo(machine, start, _settings.SlotsPerSilo, _time.Now);
        _agenda.Of(silo, () => Beat(silo), _chance.Number());
        foreach (var slot in silo.Slots) _agenda.Of(silo, () => Ask(slot), 1 + _chance.Number());
    }

    // False where the silo heard that it is dead.
    private bool Beat(SimulatedSilo silo, bool again = true)
    {
        var answer = Beats.Take(() => _queue.Beat(silo.Report()));
        if (!answer.Accepted)
        {
            silo.Killed = true;
            _agenda.In(1, () => Join(silo.Machine, silo.Start + 1));
            return false;
        }
        silo.Drained = answer.Drained;
        if (!again) return true;
        _agenda.Of(silo, () => Beat(silo), _settings.BeatEvery.TotalSeconds);
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
        if (slot.Sweep is not null) _agenda.Of(slot.Silo, () => Claim(slot), _settings.Latency.TotalSeconds);
    }

    private void Claim(SimulatedSlot slot) => Take(slot, Decide(slot.Sweep!, decision => slot.Next(decision)));

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
        _owners.Took(slot, run);
        if (_chance.Happens("lost answers"))
        {
            slot.Run = null;
            _agenda.Of(slot.Silo, () => Claim(slot), 1);
            return;
        }
        slot.Duration = _chance.Exponential(_sweeps[slot.Sweep!].MeanSeconds);
        var done = run.Checkpoints.Count > 0 ? (int)run.Checkpoints[0].Step : 0;
        Train(slot, SimulatedSweep.Steps.FirstOrDefault(step => step > done));
    }

    /// <param name="step">Next report; 0 is the end.</param>
    private void Train(SimulatedSlot slot, int step)
    {
        var seconds = slot.Duration / (SimulatedSweep.Steps.Count + 1);
        if (_chance.Happens("crashes")) _agenda.Of(slot.Silo, () => Fail(slot), seconds / 2);
        else if (step > 0) _agenda.Of(slot.Silo, () => Report(slot, step), seconds);
        else _agenda.Of(slot.Silo, () => Complete(slot), seconds);
    }

    private void Report(SimulatedSlot slot, int step)
    {
        var (run, value) = (slot.Run!, SimulatedLog.Loss(slot.Run!.Run, step));
        var late = IsLate(slot);
        var directive = Decide(slot.Sweep!, decision => decision.Report(run.Run, run.Attempt,
            [new MetricPoint("attempt", step, run.Attempt, 0), new MetricPoint("loss", step, value, 0)], [new CheckpointRecorded(run.Run, run.Attempt, step, "", "", 1) { At = _time.Now }]));
        if (late && directive != Directive.End) throw SimulatedOwners.Wrong(slot, "reported");
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
        if (Decide(slot.Sweep!, decision => decision.Fail(run.Run, run.Attempt, FailureClass.Crash, "It crashed.")) && late) throw SimulatedOwners.Wrong(slot, "failed");
        Ended(slot, next: null, asked: false);
    }

    private void Complete(SimulatedSlot slot)
    {
        var (run, late, goesOn) = (slot.Run!, IsLate(slot), _time.Now < slot.QuantumEnds && !slot.Silo.Ends);
        // How it ended and what the slot does next are one decision.
        var (taken, next) = Decide(slot.Sweep!, decision =>
        {
            var kept = decision.Complete(run.Run, run.Attempt, 64, new Dictionary<string, double> { ["loss"] = SimulatedLog.Loss(run.Run, 64) });
            return (kept, kept && goesOn ? slot.Next(decision) : null);
        });
        if (taken == late) throw SimulatedOwners.Wrong(slot, taken ? "completed" : "was refused");
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
        if (_machines[_chance.OneOf(_machines.Length)] is { Killed: false } silo && silo.FrozenUntil < _time.Now)
        {
            switch (_chance.OneOf(3))
            {
                case 0:
                    _chance.Blows["killed"]++;
                    silo.Killed = true;
                    _agenda.In(_settings.DeathAfter.TotalSeconds, () => Died(silo, "It missed its probes."));
                    break;
                case 1:
                    _chance.Blows["frozen"]++;
                    silo.FrozenUntil = _time.Now + TimeSpan.FromSeconds(20 * _chance.Number());
                    // It hears of its death itself, and starts anew.
                    if (silo.FrozenUntil > _time.Now + _settings.DeathAfter) _agenda.In(_settings.DeathAfter.TotalSeconds, () => Died(silo, "It missed its probes.", comesBack: false));
                    break;
                default:
                    _chance.Blows["drained"]++;
                    if (_chance.OneOf(2) == 0 || !_queue.Snapshot().Silos.Any(known => known.Name == silo.Name)) silo.Leaves = true;
                    else _queue.Drain(silo.Name);
                    break;
            }
        }
        _agenda.In(_chance.Exponential(_settings.SecondsBetweenBlows), Blow);
    }

    private void Restart()
    {
        if (_chance.OneOf(2) == 0)
        {
            _chance.Blows["queue"]++;
            _queue = new WorkQueue(_time);
            Requeue();
        }
        else if (_unfinished.Count > 0)
        {
            _chance.Blows["coordinator"]++;
            var sweep = _unfinished.Keys.Order(StringComparer.Ordinal).ElementAt(_chance.OneOf(_unfinished.Count));
            // Folding a whole log is no decision.
            (_coordinators[sweep] = new Coordinator(_store, sweep, _sweeps[sweep].Study, host: null, _time)).Refresh();
        }
        _agenda.In(_chance.Exponential(_settings.SecondsBetweenRestarts), Restart);
    }

    private void Died(SimulatedSilo silo, string why, bool comesBack = true)
    {
        _dead.Add(silo.Name);
        _deaths.Add(silo.Name);
        if (_deaths.Count > WorkQueue.MostDead) _deaths.RemoveAt(0);
        _queue.Gone(silo.Name, why);
        if (comesBack) _agenda.In(5 + _chance.Exponential(10), () => Join(silo.Machine, silo.Start + 1));
    }

    private bool IsLate(SimulatedSlot slot) => _owners.IsLate(slot, _coordinators[slot.Sweep!].State);

    private T Decide<T>(string sweep, Func<Decision, T> request) => Decisions.Take(() => _coordinators[sweep].Decide(request));
}
