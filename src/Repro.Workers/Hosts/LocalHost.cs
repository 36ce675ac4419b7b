using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies.Sweeps;

namespace Repro.Workers.Hosts;

/// <summary>
/// Works on a sweep with the slots of this machine: claims runs, has workers train them, and keeps what they report. Several hosts may work on one sweep.
/// It holds nothing that the store cannot rebuild: whenever it is killed, another one goes on.
/// </summary>
/// <param name="sweep">A sweep that has begun.</param>
/// <param name="study">The sweep's.</param>
/// <param name="saw">Told of what happens, on any thread and several at once; it must not take long.</param>
public sealed class LocalHost(ISweepStore store, string sweep, Study study, HostSettings settings, Action<HostEvent>? saw = null, TimeProvider? time = null)
{
    private static readonly TimeSpan BeforeNextTry = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Action<HostEvent> _saw = saw ?? (_ => { });
    private volatile HostSession? _session;

    /// <summary>Its name in the store; empty before it works. It changes where the host was taken for dead.</summary>
    public string Name => _session?.Name ?? "";

    /// <summary>How the slots stand now; empty while the host does not work.</summary>
    public IReadOnlyList<SlotSnapshot> Slots => _session?.Slots ?? [];

    /// <summary>The file with everything that a run's workers printed and said.</summary>
    /// <param name="folder">The sweep's.</param>
    public static string LogOf(string folder, RunKey run) => RunFiles.LogOf(folder, run);

    /// <summary>Works until nothing is left, the sweep is held or cancelled, the time is used up, every slot was given up, or it is stopped.</summary>
    /// <param name="stop">Stops cleanly: every run checkpoints, and is paused.</param>
    /// <exception cref="Repro.Studies.BadInputException">The host is to be the only one, and there is another.</exception>
    /// <exception cref="StorageException">The store or the folder cannot be written at the start. Later that is waited for.</exception>
    public async Task<HostOutcome> Run(CancellationToken stop = default)
    {
        Silos.ClusterSweep.RequireNone(store, sweep);
        using var alone = settings.StoreLock is { } place ? SweepLock.Take(place) : null;
        // A sweep of the same name in another store would write the same files.
        using var files = settings.Exclusive ? SweepLock.Take(settings.Folder) : null;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var outOfTime = false;
        await using var limit = settings.WallTime is { } wall
            ? _time.CreateTimer(
                _ =>
                {
                    outOfTime = !stopping.IsCancellationRequested;
                    stopping.Cancel();
                },
                null, wall, Timeout.InfiniteTimeSpan)
            : null;
        var outcome = await Work(stopping.Token);
        return outOfTime && outcome.End == HostEnd.Stopped ? outcome with { End = HostEnd.OutOfTime } : outcome;
    }

    private async Task<HostOutcome> Work(CancellationToken stop)
    {
        for (var first = true; ; first = false)
        {
            try
            {
                // Never the name of another life: what was written under that is another's.
                var name = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}"[..^24];
                await using var session = new HostSession(store, sweep, study, settings, name, _saw, _time, stop);
                var before = Interlocked.Exchange(ref _session, session);
                if (before is not null) _saw(new LeaseLost(before.Name, name));
                if (await session.Run() is { } outcome) return outcome;
            }
            catch (StorageException away) when (!first && !stop.IsCancellationRequested)
            {
                _saw(new StoreWentAway(away.Message));
                await Task.Delay(BeforeNextTry, _time, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            }
            if (stop.IsCancellationRequested) return new HostOutcome(HostEnd.Stopped, []);
        }
    }
}
