using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.StudyFiles;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;

namespace Repro.Workers.Silos;

/// <summary>How a slot of a silo stands.</summary>
/// <param name="Sweep">What it serves; null where it waits for one.</param>
public sealed record SiloSlotSnapshot(string? Sweep, SlotSnapshot Slot);

/// <summary>
/// The slots of a silo at work: each asks the queue for a sweep, executes its runs one after another, and comes back when the sweep has none, or a while has
/// passed, so that sweeps share the slots fairly. Nothing of this is kept anywhere: whenever it dies, others go on with its runs.
/// </summary>
public sealed class SiloSlots : IAsyncDisposable
{
    private readonly IWorkSource _source;
    private readonly Func<Loan, CancellationToken, Task<HostSettings>> _prepare;
    private readonly Action<string?, HostEvent> _saw;
    private readonly TimeProvider _time;
    private readonly SiloPace _pace;
    private readonly MachineMeter _meter;
    private readonly Signal _changed = new();
    private readonly List<OneSlot> _slots;
    private readonly Dictionary<string, (Loan Loan, Task<SweepWork?> Work)> _sweeps = [];
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ending = new();
    private CancellationToken _stopping;

    /// <param name="prepare">
    /// Makes a sweep's settings on this machine: its code, its folder, what starts its workers. Called once a sweep and terms. Throws <see cref="CannotServeException"/>
    /// where this machine lacks what the sweep asks for; it is then passed over.
    /// </param>
    /// <param name="saw">Told of what happens, with the sweep where it is one's, on any thread; it must not take long.</param>
    public SiloSlots(
        IReadOnlyList<Slot> slots, IWorkSource source, Func<Loan, CancellationToken, Task<HostSettings>> prepare, Action<string?, HostEvent> saw, SiloPace pace, TimeProvider time)
    {
        (_source, _prepare, _saw, _pace, _time) = (source, prepare, saw, pace, time);
        _meter = new MachineMeter(slots, time, pace.MeasureEvery);
        _slots = slots.Select(slot => new OneSlot(new HostSlot(slot, pace.FailuresInARow))).ToList();
    }

    public IReadOnlyList<SiloSlotSnapshot> Slots => _slots.ConvertAll(slot => slot.Snapshot);

    /// <summary>Works until it is stopped.</summary>
    /// <param name="stop">Stops cleanly: every run checkpoints, is paused, and can go on elsewhere.</param>
    public async Task Run(CancellationToken stop)
    {
        _stopping = stop;
        using var over = new CancellationTokenSource();
        var looking = LookAround(over.Token);
        try
        {
            await Task.WhenAll(_slots.Select(slot => Serve(slot, stop)));
        }
        finally
        {
            await over.CancelAsync();
            await looking;
        }
    }

    /// <summary>Ends the attempt of a run, where it trains here: it is no longer the run's.</summary>
    public void Drop(string sweep, RunAttempt run)
    {
        foreach (var slot in _slots)
        {
            if (slot.Sweep == sweep && slot.Loop?.Supervision is { } training && training.Run == run.Run && training.Attempt == run.Attempt) training.Drop();
        }
    }

    /// <returns>Null where it does not train here.</returns>
    public RunStanding? StandingOf(string sweep, RunAttempt run)
    {
        foreach (var slot in Slots)
        {
            if (slot.Sweep == sweep && slot.Slot.Run is { } trains && trains.Run == run.Run && trains.Attempt == run.Attempt) return new RunStanding(slot.Slot.Slot.Name, slot.Slot.Since!.Value, slot.Slot.Progress);
        }
        return null;
    }

    /// <summary>Ends every worker now; nothing is reported any more.</summary>
    public void End() => _ending.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        foreach (var slot in _slots) await slot.Host.DisposeAsync();
        _meter.Dispose();
        _ending.Dispose();
    }

    private async Task Serve(OneSlot slot, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, _ending.Token);
        Loan? exhausted = null;
        try
        {
            while (!either.IsCancellationRequested && slot.Host.Breaker.Open is null)
            {
                var loan = await _source.Next(slot.Name, exhausted, either.Token);
                exhausted = null;
                if (await WorkOrNone(loan, either.Token) is not { } work) continue;
                var since = _time.GetTimestamp();
                slot.Begin(loan.Sweep, new SlotLoop(work with { GoesOn = () => _time.GetElapsedTime(since) < _pace.Quantum }, slot.Host));
                try
                {
                    if (await slot.Loop!.Run()) exhausted = loan;
                }
                finally
                {
                    slot.End();
                }
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // What it had was paused, or is others' now.
        }
    }

    private async Task<SweepWork?> WorkOrNone(Loan loan, CancellationToken stop)
    {
        try
        {
            return await WorkOf(loan, stop);
        }
        catch (StorageException away)
        {
            _saw(loan.Sweep, new HostSaid(null, null, away.Message));
            await Task.Delay(_pace.RetryAfter, _time, stop);
            return null;
        }
    }

    /// <returns>Null where this machine cannot serve it.</returns>
    private async Task<SweepWork?> WorkOf(Loan loan, CancellationToken stop)
    {
        Task<SweepWork?> work;
        lock (_lock)
        {
            if (_sweeps.TryGetValue(loan.Sweep, out var known) && known.Loan == loan && known.Work is { IsFaulted: false, IsCanceled: false }) work = known.Work;
            else _sweeps[loan.Sweep] = (loan, work = Prepare(loan, stop));
            if (_sweeps.Count > _pace.SweepsRemembered) _sweeps.Remove(_sweeps.Keys.First(name => name != loan.Sweep));
        }
        return await work;
    }

    private async Task<SweepWork?> Prepare(Loan loan, CancellationToken stop)
    {
        // Several slots may wait for this; none of them under the lock.
        await Task.Yield();
        try
        {
            var study = StudyFile.Read(loan.Study, $"the study of the sweep {loan.Sweep}", subjects: null);
            var settings = await _prepare(loan, stop);
            return new SweepWork
            {
                Study = study, Settings = settings, Time = _time,
                Decisions = _source.DecisionsOf(loan.Sweep, _ending.Token), Meter = _meter, Tell = happened => _saw(loan.Sweep, happened), Changed = _changed,
                Stopping = _stopping, Ending = _ending.Token, Waits = false,
            };
        }
        catch (Exception cannot) when (cannot is CannotServeException or BadInputException)
        {
            _saw(loan.Sweep, new HostSaid(null, null, cannot.Message));
            await _source.PassOver(loan.Sweep, cannot.Message, stop);
            return null;
        }
    }

    // Where a word of the sweep's grain was lost, this finds what it told.
    private async Task LookAround(CancellationToken over)
    {
        using var timer = new PeriodicTimer(_pace.LookEvery, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(over))
            {
                var busy = _slots.Where(slot => slot.Loop?.Supervision is not null).GroupBy(slot => slot.Sweep, slot => slot.Loop?.Supervision);
                foreach (var sweep in busy.Where(sweep => sweep.Key is not null))
                {
                    var runs = sweep.OfType<RunSupervision>().Select(run => new RunAttempt(run.Run, run.Attempt)).ToList();
                    foreach (var run in await _source.DecisionsOf(sweep.Key!, over).Lost(runs)) Drop(sweep.Key!, run);
                }
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The slots have ended.
        }
    }

    private sealed class OneSlot(HostSlot host)
    {
        private volatile string? _sweep;
        private volatile SlotLoop? _loop;

        public HostSlot Host => host;

        public string Name => host.Slot.Name;

        public string? Sweep => _sweep;

        public SlotLoop? Loop => _loop;

        public SiloSlotSnapshot Snapshot => new(_sweep, _loop?.Snapshot ?? new SlotSnapshot(host.Slot, null, null, null, host.Breaker.Open));

        public void Begin(string sweep, SlotLoop loop) => (_sweep, _loop) = (sweep, loop);

        public void End() => (_loop, _sweep) = (null, null);
    }
}

/// <summary>The times of a silo's slots.</summary>
public sealed record SiloPace
{
    /// <summary>After so long on one sweep a slot asks the queue again, at the end of a run.</summary>
    public TimeSpan Quantum { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time between looks at whether the runs in flight are still theirs.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time before what a sweep needs is asked for again, where it could not be had.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc cref="HostSettings.MeasureEvery"/>
    public TimeSpan MeasureEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc cref="HostSettings.FailuresInARow"/>
    public int FailuresInARow { get; init; } = 3;

    /// <summary>Sweeps whose preparations on this machine are kept.</summary>
    public int SweepsRemembered { get; init; } = 100;
}

/// <summary>How an attempt stands on its slot.</summary>
/// <param name="Progress">The newest; null before the first.</param>
public sealed record RunStanding(string Slot, DateTimeOffset Since, Repro.Workers.Protocol.ProgressMessage? Progress);
