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
    private readonly Action<HostEvent> _tell;
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationTokenSource _over = new();
    private readonly List<SlotLoop> _slots;
    private readonly CancellationTokenRegistration _stopped;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _renewed;
    private volatile bool _leaseLost;
    private Exception? _failure;

    /// <param name="stop">Stops cleanly.</param>
    public HostSession(
        ISweepStore store, string sweep, Study study, HostSettings settings, string name, Action<HostEvent> tell, TimeProvider time, CancellationToken stop)
    {
        (_store, _sweep, Study, Settings, Name, _tell, Time, Stopping) = (store, sweep, study, settings, name, tell, time, stop);
        Renew();
        Meter = new MachineMeter(settings.Slots, time, settings.MeasureEvery);
        Decisions = new GroupCommit(new Coordinator(store, sweep, study, name, time), time, Renew, why => _tell(why is null ? new StoreCameBack() : new StoreWentAway(why)));
        _slots = settings.Slots.Select(slot => new SlotLoop(this, slot)).ToList();
        _stopped = stop.Register(SomethingChanged);
    }

    public Study Study { get; }

    public HostSettings Settings { get; }

    public string Name { get; }

    public TimeProvider Time { get; }

    public GroupCommit Decisions { get; }

    public MachineMeter Meter { get; }

    /// <summary>Checkpoint and stop.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>End the workers now: a loop has failed.</summary>
    public CancellationToken Ending => _ending.Token;

    /// <summary>Completed when something happened by which a slot that waits may have a run.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    public IReadOnlyList<SlotSnapshot> Slots => _slots.ConvertAll(slot => slot.Snapshot);

    public void Tell(HostEvent happened) => _tell(happened);

    public void SomethingChanged() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Works until nothing is left or something stops it.</summary>
    /// <returns>Null where the lease was lost.</returns>
    public async Task<HostOutcome?> Run()
    {
        var loops = new List<Task>();
        try
        {
            await TakeOver();
            loops.AddRange(_slots.Select(slot => Guarded(slot.Run)));
            loops.Add(Guarded(LookAround));
            if (!Settings.Exclusive) loops.Add(Guarded(KeepLease));
            await Task.WhenAll(loops.Take(_slots.Count));
        }
        catch (LeaseEndedException)
        {
            _leaseLost = true;
        }
        catch (OperationCanceledException) when (Ending.IsCancellationRequested)
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
        Decisions.Dispose();
        Meter.Dispose();
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
        var reasons = _slots.Select(slot => slot.GivenUp).OfType<string>().ToList();
        if (Stopping.IsCancellationRequested) return new HostOutcome(HostEnd.Stopped, reasons);
        if (reasons.Count == _slots.Count) return new HostOutcome(HostEnd.Failed, reasons);
        var (held, cancelled) = await Decisions.Decide(decision => (decision.State.Held, decision.State.Cancelled));
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
            Decisions.End(error is OperationCanceledException or LeaseEndedException ? error : new OperationCanceledException(error.Message, error));
            SomethingChanged();
            throw;
        }
    }

    private void Renew()
    {
        _store.Renew(_sweep, Name, Settings.Exclusive ? ForEver : Settings.Lease);
        _renewed = Time.GetTimestamp();
    }

    private async Task TakeOver()
    {
        if (Settings.Exclusive)
        {
            foreach (var dead in _store.Alive(_sweep).Where(host => host != Name)) _store.Leave(_sweep, dead);
        }
        // Asked within the decision, under the sweep's lock: whoever has claimed a run by then is known to live.
        var lost = await Decisions.Decide(decision => decision.TakeOver(_store.Alive(_sweep)));
        if (lost == 0) return;
        Tell(new HostSaid(null, null, $"Runs of hosts that are gone, taken over: {lost}."));
        SomethingChanged();
    }

    private async Task KeepLease()
    {
        using var timer = new PeriodicTimer(Settings.Lease / 3, Time);
        var failed = false;
        while (await Tick(timer))
        {
            // The queue renews it by itself before it tries again.
            if (Decisions.StoreIsAway) continue;
            // Nobody kept it from being renewed: this process stood still, and others have gone on without it.
            if (!failed && Time.GetElapsedTime(_renewed) >= Settings.Lease) throw new LeaseEndedException(_sweep, Name);
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
        using var timer = new PeriodicTimer(Settings.LookEvery, Time);
        while (await Tick(timer))
        {
            var busy = _slots.Select(slot => slot.Supervision).OfType<RunSupervision>().ToList();
            if (busy.Count < _slots.Count) SomethingChanged();
            if (busy.Count == 0) continue;
            var gone = await Decisions.Decide(decision => busy.Where(run => !decision.State.Owns(run.Run, run.Attempt)).ToList());
            // One that has ended meanwhile has no use for it.
            foreach (var run in gone.Where(run => _slots.Any(slot => slot.Supervision == run))) run.Drop();
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
