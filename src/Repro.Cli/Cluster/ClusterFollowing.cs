using System.Collections.Concurrent;
using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Cluster.Clients;
using Repro.Cluster.Silos;
using Repro.Results.Runs;
using Repro.Studies.Runs;
using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;

namespace Repro.Cli.Cluster;

/// <summary>Shows a sweep that a cluster works on: what happens from the store, which no death of a silo takes away, and how runs stand from who trains them.</summary>
internal sealed class ClusterFollowing(Surroundings surroundings, CommandOutput output, ClusterClient client, StoredSweep sweep)
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500), AskWhyAfter = TimeSpan.FromSeconds(5);

    // As many as fit on a screen.
    private const int MostShown = 32;

    private readonly SweepState _state = new();
    private readonly ConcurrentDictionary<RunAttempt, RunStanding> _standings = [];
    private volatile IReadOnlyList<SlotSnapshot> _slots = [];
    private long _known;
    private string _told = "";

    /// <returns>How it ended: finished, held or cancelled; stopped where the following was.</returns>
    public HostEnd Run(CancellationToken stop)
    {
        Read(_ => { });
        using var display = new SweepDisplay(output, surroundings.Time, sweep, slots: 0);
        return display.During(() => _slots, () => Follow(display, stop).GetAwaiter().GetResult());
    }

    private async Task<HostEnd> Follow(SweepDisplay display, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Every, surroundings.Time);
        var idleSince = surroundings.Time.GetTimestamp();
        try
        {
            while (true)
            {
                Read(happened => Show(happened, display));
                if (End() is { } end) return end;
                await Ask(stop);
                if (_state.Running.Count > 0) idleSince = surroundings.Time.GetTimestamp();
                else if (surroundings.Time.GetElapsedTime(idleSince) > AskWhyAfter) await SayWhy(stop);
                await timer.WaitForNextTickAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return HostEnd.Stopped;
        }
    }

    private HostEnd? End() => _state.Running.Count > 0 ? null
        : _state.Cancelled ? HostEnd.Cancelled
        : _state.Held ? HostEnd.Held
        : IsOnCluster() ? null
        : _state.Ready.Count > 0 && !IsOutOfTime ? WasTakenBack()
        : IsOutOfTime ? HostEnd.OutOfTime : HostEnd.Finished;

    private bool IsOutOfTime => ClusterSweep.EndOf(sweep.Study, _state.Tags) <= surroundings.Time.GetUtcNow();

    private HostEnd WasTakenBack()
    {
        Tell($"{sweep.Name} was taken back from the cluster, with runs left to do.");
        return HostEnd.Stopped;
    }

    private bool IsOnCluster()
    {
        try
        {
            return ClusterSweep.ClusterOf(sweep.Store, sweep.Name) is not null;
        }
        catch (StorageException away)
        {
            Tell(away);
            return true;
        }
    }

    private void Read(Action<SweepEvent> each)
    {
        try
        {
            foreach (var happened in sweep.Store.Read(sweep.Name, _known))
            {
                _state.Apply(happened);
                _known++;
                each(happened);
            }
        }
        catch (StorageException away)
        {
            Tell(away);
        }
    }

    private void Show(SweepEvent happened, SweepDisplay display)
    {
        switch (happened)
        {
            case RunStarted started:
                display.Saw(new RunTaken(Place(started.Host, started.Slot), AssignmentOf(_state[started.Run])));
                break;
            case CheckpointRecorded saved:
                display.Saw(new RunSaved(PlaceOf(saved.Run), saved.Run, saved.Attempt, saved.Step));
                break;
            case RungReached rung:
                display.Saw(new RunMeasured(PlaceOf(rung.Run), rung.Run, [new MetricPoint(sweep.Study.Objective.Metric, rung.Step, rung.Value, 0)]));
                break;
            case RunCompleted completed:
                if (completed.Scores.TryGetValue(sweep.Study.Objective.Metric, out var value)) display.Saw(new RunMeasured(PlaceOf(completed.Run), completed.Run, [new MetricPoint(sweep.Study.Objective.Metric, completed.Step, value, 0)]));
                Ended(completed.Run, completed.Attempt, null, null, display);
                break;
            case RunPaused paused:
                Ended(paused.Run, paused.Attempt, null, null, display);
                break;
            case RunFailed failed:
                Ended(failed.Run, failed.Attempt, failed.Class, failed.Message, display);
                break;
            case TrialPruned pruned:
                foreach (var run in _state.Trials[pruned.Trial].Runs.Where(run => run.Attempt > 0)) Ended(run.Key, run.Attempt, null, null, display);
                break;
        }
    }

    private void Ended(RunKey run, int attempt, FailureClass? failure, string? message, SweepDisplay display)
    {
        _standings.TryRemove(new RunAttempt(run, attempt), out _);
        display.Saw(new RunEnded(PlaceOf(run), run, attempt, _state[run].State, failure, message));
    }

    // Only for the eye; whoever does not answer in a moment is shown as it was.
    private async Task Ask(CancellationToken stop)
    {
        var running = _state.Running.Take(MostShown).Select(key => _state[key]).ToList();
        if (output.Interactive) await Task.WhenAll(running.Select(run => Ask(new RunAttempt(run.Key, run.Attempt), stop)));
        _slots = running.ConvertAll(run => new SlotSnapshot(
            new Slot(Place(run.Host, run.Slot), "", null, 1), AssignmentOf(run), run.Started, _standings.GetValueOrDefault(new RunAttempt(run.Key, run.Attempt))?.Progress, null));
    }

    private async Task Ask(RunAttempt run, CancellationToken stop)
    {
        if (await client.Standing(sweep.Name, run, stop) is { } standing) _standings[run] = standing;
    }

    private async Task SayWhy(CancellationToken stop)
    {
        QueueSnapshot snapshot;
        try
        {
            snapshot = await client.Status(stop);
        }
        catch (StorageException nobody)
        {
            Tell(nobody.Message);
            return;
        }
        if (snapshot.Sweeps.FirstOrDefault(place => place.Sweep.Name == sweep.Name)?.Waits is { } why) Tell($"{sweep.Name} waits. {why}");
    }

    private void Tell(StorageException away) => Tell($"{away.Message} The cluster goes on by itself; this follows again when the store is back.");

    private void Tell(string sentence)
    {
        if (sentence == _told) return;
        _told = sentence;
        output.Complain(sentence);
    }

    private string PlaceOf(RunKey run) => Place(_state[run].Host, _state[run].Slot);

    private static string Place(string host, string slot) => $"{HostName.ShortOf(host)}/{slot}";

    private Assignment AssignmentOf(RunStatus run) => new(run.Key, run.Attempt, _state.Trials[run.Key.Trial].Configuration, run.Seed, ReadsTest: false, []);
}
