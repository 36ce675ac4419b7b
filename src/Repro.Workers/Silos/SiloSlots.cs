using Repro.Studies;
using Repro.Studies.StudyFiles;
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
    // The one that was asked for last is the last.
    private readonly OrderedDictionary<string, (Loan Loan, Task<SweepWork?> Work)> _sweeps = [];
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ending = new();
    private CancellationToken _stopping;
    private Task _working = Task.CompletedTask;
    private bool _disposed;

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
    public Task Run(CancellationToken stop)
    {
        _stopping = stop;
        return _working = Work(stop);
    }

    private async Task Work(CancellationToken stop)
    {
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
        foreach (var serving in _slots.Select(slot => slot.Serving))
        {
            if (serving?.Sweep == sweep && serving.Loop.Supervision is { } training && training.Run == run.Run && training.Attempt == run.Attempt) training.Drop();
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
    public void End()
    {
        lock (_lock)
        {
            if (!_disposed) _ending.Cancel();
        }
    }

    public async ValueTask DisposeAsync()
    {
        End();
        // Workers are ended by who watches them. How it went, whoever had it work is told.
        await _working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var slot in _slots) await slot.Host.DisposeAsync();
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
        }
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
                try
                {
                    var loan = await _source.Next(slot.Name, exhausted, either.Token);
                    exhausted = await Serve(slot, loan, either.Token) ? loan : null;
                }
                catch (Exception error) when (!either.IsCancellationRequested)
                {
                    // Nobody foresaw it; the slot must not be lost to it without a word.
                    exhausted = null;
                    _saw(null, new HostSaid(slot.Name, null, $"Slot {slot.Name} could not get work, and asks again: {error.GetType().Name}: {error.Message}"));
                    await Task.Delay(_pace.RetryAfter, _time, either.Token);
                }
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // What it had was paused, or is others' now.
        }
    }

    /// <returns>Whether the sweep has no run for the slot now.</returns>
    private async Task<bool> Serve(OneSlot slot, Loan loan, CancellationToken stop)
    {
        try
        {
            if (await WorkOf(loan, stop) is not { } work) return false;
            var since = _time.GetTimestamp();
            var loop = new SlotLoop(work with { GoesOn = () => _time.GetElapsedTime(since) < _pace.Quantum }, slot.Host);
            var successes = slot.Host.Breaker.Successes;
            slot.Serving = new Serving(loan.Sweep, loop);
            var exhausted = await loop.Run();
            if (slot.Host.Breaker.Successes > successes) slot.Failed.Clear();
            if (slot.Host.Breaker.Open is not null) await Judge(slot, loan.Sweep, stop);
            return exhausted;
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            // A disk that is full, objects that are away, a sweep about which nothing can be decided: no reason for the slot to end, and nobody else's business. Others may
            // be able to serve it, and this silo serves what is behind it in the queue for a while.
            _saw(loan.Sweep, new HostSaid(slot.Name, null, error.Message));
            slot.Serving = null;
            await _source.PassOver(loan.Sweep, error.Message, error is CannotServeException ? _pace.LookAgainAfter : _pace.RetryAfter, stop);
            return false;
        }
        finally
        {
            slot.Serving = null;
        }
    }

    // What fails everything of one sweep may be the sweep, and of two sweeps too: the slot serves others. It is the slot where everything of two failed on it as only
    // machines fail.
    private async Task Judge(OneSlot slot, string sweep, CancellationToken stop)
    {
        var breaker = slot.Host.Breaker;
        slot.Failed[sweep] = breaker.IsMachines;
        if (slot.Failed.Count(failed => failed.Value) > 1)
        {
            _saw(null, new SlotGivenUp(slot.Name, breaker.Open!));
            return;
        }
        breaker.Close();
        var why = $"The slot {slot.Name} serves this sweep no more: {breaker.Failures} Mend what failed, and submit it again (./repro resume {sweep} --cluster).";
        await _source.PassOver(sweep, why, again: null, stop, slot.Name);
        _saw(sweep, new HostSaid(slot.Name, null, why));
    }

    /// <returns>Null where this machine cannot serve it.</returns>
    private async Task<SweepWork?> WorkOf(Loan loan, CancellationToken stop)
    {
        Task<SweepWork?> work;
        lock (_lock)
        {
            // One that could not be served is looked at anew when it is lent again: the queue has then forgotten it, or the machine was mended.
            work = _sweeps.Remove(loan.Sweep, out var known) && known.Loan == loan && (!known.Work.IsCompleted || known.Work is { IsCompletedSuccessfully: true, Result: not null })
                ? known.Work : Prepare(loan, stop);
            _sweeps.Add(loan.Sweep, (loan, work));
            if (_sweeps.Count > _pace.SweepsRemembered) _sweeps.RemoveAt(0);
        }
        return await work;
    }

    private async Task<SweepWork?> Prepare(Loan loan, CancellationToken stop)
    {
        // Several slots may wait for this; none of them under the lock.
        await Task.Yield();
        var since = _time.GetTimestamp();
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
            var took = _time.GetElapsedTime(since);
            await _source.PassOver(loan.Sweep, cannot.Message, 10 * took > _pace.LookAgainAfter ? 10 * took : _pace.LookAgainAfter, stop);
            _saw(loan.Sweep, new HostSaid(null, null, cannot.Message));
            return null;
        }
    }

    // Where a word of the sweep's grain was lost, this finds what it told. A sweep that does not answer keeps no other from being looked at.
    private async Task LookAround(CancellationToken over)
    {
        using var timer = new PeriodicTimer(_pace.LookEvery, _time);
        var looks = new Dictionary<string, Task>(StringComparer.Ordinal);
        try
        {
            while (await timer.WaitForNextTickAsync(over))
            {
                foreach (var answered in looks.Where(look => look.Value.IsCompleted).Select(look => look.Key).ToList()) looks.Remove(answered);
                var busy = _slots.Select(slot => slot.Serving).OfType<Serving>().Select(serving => (serving.Sweep, Run: serving.Loop.Supervision)).Where(busy => busy.Run is not null);
                foreach (var sweep in busy.GroupBy(busy => busy.Sweep, busy => new RunAttempt(busy.Run!.Run, busy.Run.Attempt)).Where(sweep => !looks.ContainsKey(sweep.Key)).ToList())
                    looks.Add(sweep.Key, LookAt(sweep.Key, sweep.ToList(), over));
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The slots have ended.
        }
        await Task.WhenAll(looks.Values);
    }

    private async Task LookAt(string sweep, IReadOnlyList<RunAttempt> runs, CancellationToken over)
    {
        try
        {
            foreach (var run in await _source.DecisionsOf(sweep, over).Lost(runs)) Drop(sweep, run);
        }
        catch (Exception error)
        {
            // Its next look asks again, and its runs' own reports meet the same.
            if (!over.IsCancellationRequested) _saw(sweep, new HostSaid(null, null, error.Message));
        }
    }

    // One thing, so that whoever reads it never sees the run of one sweep under the name of another.
    private sealed record Serving(string Sweep, SlotLoop Loop);

    private sealed class OneSlot(HostSlot host)
    {
        private volatile Serving? _serving;

        public HostSlot Host => host;

        /// <summary>The sweeps of which everything failed here since something has worked, and whether as only machines fail.</summary>
        public Dictionary<string, bool> Failed { get; } = new(StringComparer.Ordinal);

        public string Name => host.Slot.Name;

        /// <summary>Null while it waits for a sweep.</summary>
        public Serving? Serving
        {
            get => _serving;
            set => _serving = value;
        }

        public SiloSlotSnapshot Snapshot => _serving is { } serving ? new(serving.Sweep, serving.Loop.Snapshot) : new(null, new SlotSnapshot(host.Slot, null, null, null, host.Breaker.Open));
    }
}

/// <summary>How an attempt stands on its slot.</summary>
/// <param name="Progress">The newest; null before the first.</param>
public sealed record RunStanding(string Slot, DateTimeOffset Since, Repro.Workers.Protocol.ProgressMessage? Progress);
