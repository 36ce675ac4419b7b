using System.Collections.Concurrent;
using System.Text.Json.Nodes;
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
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500), AskEvery = TimeSpan.FromSeconds(5);

    // As many as fit on a screen.
    private const int MostShown = 32;

    private readonly SweepTail _tail = new(sweep.Store, sweep.Name);
    private readonly HashSet<(string Silo, string Why)> _passedOver = [];
    private readonly ConcurrentDictionary<RunAttempt, RunStanding> _standings = [];
    private volatile IReadOnlyList<SlotSnapshot> _slots = [];
    private string _told = "";

    private SweepState State => _tail.State;

    /// <returns>How it ended: finished, held or cancelled; stopped where the following was.</returns>
    public HostEnd Run(CancellationToken stop)
    {
        Read((_, _) => { });
        using var display = new SweepDisplay(output, surroundings.Time, sweep, slots: 0);
        return display.During(() => _slots, () => Follow(display, stop).GetAwaiter().GetResult());
    }

    private async Task<HostEnd> Follow(SweepDisplay display, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Every, surroundings.Time);
        Task<QueueSnapshot>? asked = null;
        var (idleSince, askedLast) = (surroundings.Time.GetTimestamp(), surroundings.Time.GetTimestamp());
        try
        {
            while (true)
            {
                Read((happened, ended) => Show(happened, ended, display));
                if (End() is { } end) return end;
                await Ask(stop);
                if (State.Running.Count > 0) idleSince = surroundings.Time.GetTimestamp();
                // Beside the rest: where no silo answers for a while, the store still says what happens.
                if (asked is { IsCompleted: true })
                {
                    await Say(asked, waits: surroundings.Time.GetElapsedTime(idleSince) > AskEvery);
                    (asked, askedLast) = (null, surroundings.Time.GetTimestamp());
                }
                else if (asked is null && surroundings.Time.GetElapsedTime(askedLast) > AskEvery)
                {
                    asked = client.Status(stop);
                }
                await timer.WaitForNextTickAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return HostEnd.Stopped;
        }
    }

    private HostEnd? End() => State.Running.Count > 0 ? null
        : State.Cancelled ? HostEnd.Cancelled
        : State.Held ? HostEnd.Held
        : IsOnCluster() ? null
        : State.Ready.Count > 0 && !IsOutOfTime ? WasTakenBack()
        : IsOutOfTime ? HostEnd.OutOfTime : HostEnd.Finished;

    private bool IsOutOfTime => ClusterSweep.EndOf(sweep.Study, State.Tags) <= surroundings.Time.GetUtcNow();

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

    private void Read(Action<SweepEvent, IReadOnlyList<RunAttempt>> each)
    {
        try
        {
            foreach (var (happened, ended) in _tail.Read()) each(happened, ended);
        }
        catch (StorageException away)
        {
            Tell(away);
        }
    }

    private void Show(SweepEvent happened, IReadOnlyList<RunAttempt> ended, SweepDisplay display)
    {
        switch (happened)
        {
            case RunStarted started:
                display.Saw(new RunTaken(Place(started.Host, started.Slot), AssignmentOf(State[started.Run])));
                break;
            case CheckpointRecorded saved:
                display.Saw(new RunSaved(PlaceOf(saved.Run), saved.Run, saved.Attempt, saved.Step));
                break;
            case RungReached rung:
                display.Saw(new RunMeasured(PlaceOf(rung.Run), rung.Run, [new MetricPoint(sweep.Study.Objective.Metric, rung.Step, rung.Value, 0)]));
                break;
            case RunCompleted completed when completed.Scores.TryGetValue(sweep.Study.Objective.Metric, out var value):
                display.Saw(new RunMeasured(PlaceOf(completed.Run), completed.Run, [new MetricPoint(sweep.Study.Objective.Metric, completed.Step, value, 0)]));
                break;
        }
        var failed = happened as RunFailed;
        foreach (var (run, attempt) in ended)
        {
            _standings.TryRemove(new RunAttempt(run, attempt), out _);
            display.Saw(new RunEnded(PlaceOf(run), run, attempt, State[run].State, failed?.Class, failed?.Class == FailureClass.Lost ? Lost(run, attempt) : failed?.Message));
        }
    }

    private string Lost(RunKey run, int attempt)
    {
        var (silo, from) = (HostName.ShortOf(State[run].Host), State[run].Checkpoints is [.., { } newest] ? newest.Step : (long?)null);
        output.Event("run_lost", new JsonObject { ["run"] = run.ToString(), ["attempt"] = attempt, ["silo"] = silo, ["from"] = from });
        return $"with silo {silo}, and goes on from {(from is { } step ? $"step {step}" : "the beginning")}";
    }

    // Only for the eye; whoever does not answer in a moment is shown as it was.
    private async Task Ask(CancellationToken stop)
    {
        var running = State.Running.Take(MostShown).Select(key => State[key]).ToList();
        if (output.Interactive) await Task.WhenAll(running.Select(run => Ask(new RunAttempt(run.Key, run.Attempt), stop)));
        _slots = running.ConvertAll(run => new SlotSnapshot(
            new Slot(Place(run.Host, run.Slot), "", null, 1), AssignmentOf(run), run.Started, _standings.GetValueOrDefault(new RunAttempt(run.Key, run.Attempt))?.Progress, null));
    }

    private async Task Ask(RunAttempt run, CancellationToken stop)
    {
        if (await client.Standing(sweep.Name, run, stop) is { } standing) _standings[run] = standing;
    }

    /// <param name="waits">Whether nothing of the sweep has trained for a while.</param>
    private async Task Say(Task<QueueSnapshot> asked, bool waits)
    {
        QueueSnapshot snapshot;
        try
        {
            snapshot = await asked;
        }
        catch (StorageException nobody)
        {
            Tell(nobody.Message);
            return;
        }
        foreach (var silo in snapshot.Silos)
        {
            if (!silo.PassedOver.TryGetValue(sweep.Name, out var why) || !_passedOver.Add((silo.Name, why))) continue;
            output.Complain($"{HostName.ShortOf(silo.Name)} is passed over for {sweep.Name}: {why}");
            output.Event("passed_over", new JsonObject { ["silo"] = HostName.ShortOf(silo.Name), ["host"] = silo.Name, ["why"] = why });
        }
        if (waits && snapshot.Sweeps.FirstOrDefault(place => place.Sweep.Name == sweep.Name)?.Waits is { } reason) Tell($"{sweep.Name} waits. {reason}");
    }

    private void Tell(StorageException away) => Tell($"{away.Message} The cluster goes on by itself; this follows again when the store is back.");

    private void Tell(string sentence)
    {
        if (sentence == _told) return;
        _told = sentence;
        output.Complain(sentence);
    }

    private string PlaceOf(RunKey run) => Place(State[run].Host, State[run].Slot);

    private static string Place(string host, string slot) => $"{HostName.ShortOf(host)}/{slot}";

    private Assignment AssignmentOf(RunStatus run) => new(run.Key, run.Attempt, State.Trials[run.Key.Trial].Configuration, run.Seed, ReadsTest: false, []);
}
