using System.Runtime.ExceptionServices;
using Repro.Results.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Workers.Hosts;

/// <summary>A host's work under one lease: its slots, and what keeps the lease and looks at what others decide.</summary>
internal sealed class HostSession : IAsyncDisposable
{
    private static readonly TimeSpan ForEver = TimeSpan.FromDays(36_500);

    private readonly ISweepStore _store;
    private readonly string _sweep;
    private readonly HostSettings _settings;
    private readonly Action<HostEvent> _tell;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private readonly GroupCommit _decisions;
    private readonly MachineMeter _meter;
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationTokenSource _over = new();
    private readonly Signal _changed = new();
    private readonly List<HostSlot> _slots;
    private readonly List<SlotLoop> _loops;
    private readonly CancellationTokenRegistration _stopped;
    private long _renewed;
    private volatile bool _leaseLost;
    private Exception? _failure;

    /// <param name="stop">Stops cleanly.</param>
    public HostSession(
        ISweepStore store, string sweep, Study study, HostSettings settings, string name, Action<HostEvent> tell, TimeProvider time, CancellationToken stop)
    {
        (_store, _sweep, _settings, Name, _tell, _time, _stopping) = (store, sweep, settings, name, tell, time, stop);
        Renew();
        _meter = new MachineMeter(settings.Slots, time, settings.MeasureEvery);
        _decisions = new GroupCommit(new Coordinator(store, sweep, study, name, time), time, Renew, why => _tell(why is null ? new StoreCameBack() : new StoreWentAway(why)));
        var work = new SweepWork
        {
            Study = study, Settings = settings, Time = time, Decisions = new LocalDecisions(_decisions, name, stop), Meter = _meter, Tell = tell,
            Changed = _changed, Stopping = stop, Ending = _ending.Token,
        };
        _slots = settings.Slots.Select(slot => new HostSlot(slot, settings.FailuresInARow)).ToList();
        _loops = _slots.ConvertAll(slot => new SlotLoop(work, slot));
        _stopped = stop.Register(_changed.Raise);
    }

    public string Name { get; }

    public IReadOnlyList<SlotSnapshot> Slots => _loops.ConvertAll(loop => loop.Snapshot);

    /// <summary>Works until nothing is left or something stops it.</summary>
    /// <returns>Null where the lease was lost.</returns>
    public async Task<HostOutcome?> Run()
    {
        var loops = new List<Task>();
        try
        {
            // Read after its own lease was written, as a submission reads after its own: of two that begin at once, one at least sees the other.
            Silos.ClusterSweep.RequireNone(_store, _sweep);
            await TakeOver();
            loops.AddRange(_loops.Select(loop => Guarded(loop.Run)));
            loops.Add(Guarded(LookAround));
            if (!_settings.Exclusive) loops.Add(Guarded(KeepLease));
            await Task.WhenAll(loops.Take(_slots.Count));
        }
        catch (LeaseEndedException)
        {
            _leaseLost = true;
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // Another loop has failed; see below.
        }
        finally
        {
            await _over.CancelAsync();
            await _ending.CancelAsync();
            await Task.WhenAll(loops).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        if (_leaseLost) return null;
        if (_failure is { } failure) ExceptionDispatchInfo.Throw(failure);
        return await Outcome();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.DisposeAsync();
        foreach (var slot in _slots) await slot.DisposeAsync();
        _decisions.Dispose();
        _meter.Dispose();
        try
        {
            _store.Leave(_sweep, Name);
        }
        catch (StorageException)
        {
            // The lease then ends by itself.
        }
        _ending.Dispose();
        _over.Dispose();
    }

    private async Task<HostOutcome> Outcome()
    {
        var reasons = _slots.Select(slot => slot.Breaker.Open).OfType<string>().ToList();
        if (_stopping.IsCancellationRequested) return new HostOutcome(HostEnd.Stopped, reasons);
        if (reasons.Count == _slots.Count) return new HostOutcome(HostEnd.Failed, reasons);
        var (held, cancelled) = await _decisions.Decide(decision => (decision.State.Held, decision.State.Cancelled));
        return new HostOutcome(cancelled ? HostEnd.Cancelled : held ? HostEnd.Held : HostEnd.Finished, reasons);
    }

    /// <summary>The first loop that fails ends the others.</summary>
    private async Task Guarded(Func<Task> loop)
    {
        try
        {
            await loop();
        }
        catch (Exception error)
        {
            if (error is LeaseEndedException) _leaseLost = true;
            else if (error is not OperationCanceledException) Interlocked.CompareExchange(ref _failure, error, null);
            await _over.CancelAsync();
            await _ending.CancelAsync();
            _decisions.End(error is OperationCanceledException or LeaseEndedException ? error : new OperationCanceledException(error.Message, error));
            _changed.Raise();
            throw;
        }
    }

    private void Renew()
    {
        _store.Renew(_sweep, Name, _settings.Exclusive ? ForEver : _settings.Lease);
        _renewed = _time.GetTimestamp();
    }

    private async Task TakeOver()
    {
        if (_settings.Exclusive)
        {
            foreach (var dead in _store.Alive(_sweep).Where(host => host != Name)) _store.Leave(_sweep, dead);
        }
        // Asked within the decision, under the sweep's lock: whoever has claimed a run by then is known to live.
        var lost = await _decisions.Decide(decision => decision.TakeOver(_store.Alive(_sweep)));
        if (lost == 0) return;
        _tell(new HostSaid(null, null, $"Runs of hosts that are gone, taken over: {lost}."));
        _changed.Raise();
    }

    private async Task KeepLease()
    {
        using var timer = new PeriodicTimer(_settings.Lease / 3, _time);
        var failed = false;
        while (await Tick(timer))
        {
            // The queue renews it by itself before it tries again.
            if (_decisions.StoreIsAway) continue;
            // Nobody kept it from being renewed: this process stood still, and others have gone on without it.
            if (!failed && _time.GetElapsedTime(_renewed) >= _settings.Lease) throw new LeaseEndedException(_sweep, Name);
            try
            {
                Renew();
                failed = false;
                await TakeOver();
            }
            catch (StorageException)
            {
                // The next decision meets it too, and says so.
                failed = true;
            }
        }
    }

    private async Task LookAround()
    {
        using var timer = new PeriodicTimer(_settings.LookEvery, _time);
        while (await Tick(timer))
        {
            var busy = _loops.Select(loop => loop.Supervision).OfType<RunSupervision>().ToList();
            if (busy.Count < _slots.Count) _changed.Raise();
            if (busy.Count == 0) continue;
            var gone = await _decisions.Decide(decision => busy.Where(run => !decision.State.Owns(run.Run, run.Attempt)).ToList());
            // One that has ended meanwhile has no use for it.
            foreach (var run in gone.Where(run => _loops.Any(loop => loop.Supervision == run))) run.Drop();
        }
    }

    private async Task<bool> Tick(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_over.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
