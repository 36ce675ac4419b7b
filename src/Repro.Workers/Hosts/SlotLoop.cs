using System.ComponentModel;
using Repro.Results.Runs;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Protocol;

namespace Repro.Workers.Hosts;

/// <summary>Gives a slot run after run, until there is none left, the host stops, or the slot fails everything.</summary>
internal sealed class SlotLoop(HostSession host, Slot slot) : IAsyncDisposable
{
    private readonly Breaker _breaker = new(slot.Name, host.Settings.FailuresInARow);
    private IWorker? _worker;
    private bool _reused;
    private volatile RunFiles? _files;
    private volatile RunSupervision? _supervision;
    private volatile Assignment? _run;
    private DateTimeOffset? _since;

    /// <summary>Why the slot gets no more; null while it does.</summary>
    public string? GivenUp => _breaker.Open;

    /// <summary>What it trains now; null where nothing.</summary>
    public RunSupervision? Supervision => _supervision;

    public SlotSnapshot Snapshot => new(slot, _run, _run is null ? null : _since, _supervision?.Progress, _breaker.Open);

    public async Task Run()
    {
        Next? claimed = null;
        while (true)
        {
            var changed = host.Changed;
            var next = claimed ?? await host.Decisions.Decide(Claim);
            if (next.Run is { } run)
            {
                host.Tell(new RunTaken(slot.Name, run));
                claimed = await Train(run);
                host.SomethingChanged();
                // Nothing for now: asked once more, after it is known what would tell of a change.
                if (claimed.Run is null && !claimed.Over) claimed = null;
                continue;
            }
            if (next.Over) return;
            await changed;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is { } worker) await worker.DisposeAsync();
        _worker = null;
        _files?.Dispose();
    }

    private Next Claim(Decision decision)
    {
        if (host.Stopping.IsCancellationRequested || _breaker.Open is not null) return new Next(null, Over: true);
        var run = decision.Taken(slot.Name) ?? decision.Claim(slot.Name, slot.Gpus);
        if (run is not null) return new Next(run, Over: false);
        var state = decision.State;
        return new Next(null, Over: state.Held ? state.Running.All(key => state[key].Host != host.Name) : state.Running.Count == 0);
    }

    private async Task<Next> Train(Assignment run)
    {
        (_since, _run) = (host.Time.GetUtcNow(), run);
        try
        {
            using var files = new RunFiles(host.Settings.Folder, run.Run, run.Attempt, host.Time, text => host.Tell(new HostSaid(slot.Name, run.Run, text)));
            _files = files;
            while (true)
            {
                using var supervision = new RunSupervision(host, slot, await Worker(), files, run);
                _supervision = supervision;
                var result = Judged(await supervision.Watch());
                var wasReused = _reused;
                _reused = true;
                if (result.WorkerIsGone) await Discard();
                // It had ended before it was given the run.
                if (result is { WorkerIsGone: true, WasHeard: false } && wasReused && !host.Ending.IsCancellationRequested) continue;
                return await Record(run, files, supervision, result);
            }
        }
        catch (Exception e) when (e is StorageException or Win32Exception)
        {
            var message = e is Win32Exception ? $"The worker cannot be started: {e.Message}" : e.Message;
            return await Record(run, null, null, new RunResult(new FailedMessage(FailureClass.Machine, message), [], [], WasHeard: false, WorkerIsGone: true, Dropped: false));
        }
        finally
        {
            (_supervision, _files, _run) = (null, null, null);
        }
    }

    // Nobody could choose by it: the study names a metric that these runs do not have.
    private RunResult Judged(RunResult result) => result.Ending is CompletedMessage completed && !completed.Scores.ContainsKey(host.Study.Objective.Metric)
        ? result with { LacksObjective = true, Ending = new FailedMessage(FailureClass.Bug, $"The run ended without the objective '{host.Study.Objective.Metric}'; it reported: {string.Join(", ", completed.Scores.Keys.Order(StringComparer.Ordinal))}.") }
        : result;

    private async Task<IWorker> Worker()
    {
        if (_worker is { } worker && !worker.Messages.Completion.IsCompleted) return worker;
        await Discard();
        _reused = false;
        return _worker = host.Settings.StartWorker(slot, line => _files?.Log(line));
    }

    private async Task Discard()
    {
        if (_worker is not { } worker) return;
        _worker = null;
        await worker.DisposeAsync();
    }

    /// <summary>Writes how the attempt ended, and takes the next run in the same decision.</summary>
    private async Task<Next> Record(Assignment run, RunFiles? files, RunSupervision? supervision, RunResult result)
    {
        var failed = result.Ending as FailedMessage;
        if (!result.Dropped)
        {
            if (failed is null || (!result.LacksObjective && (supervision is { Saved: true } || result.Checkpoints.Count > 0))) _breaker.Worked();
            else _breaker.Failed(run.Run, failed.Class, failed.Message);
        }
        if (failed is not null) files?.Log($"host: attempt {run.Attempt} failed ({failed.Class}): {failed.Message}");
        var (next, recorded, state) = await host.Decisions.Decide(decision =>
        {
            IReadOnlyList<CheckpointRecorded> kept = [];
            if (files is not null) RunSupervision.Report(decision, files, run, result.Points, result.Checkpoints, out kept);
            switch (result.Ending)
            {
                case CompletedMessage completed: decision.Complete(run.Run, run.Attempt, completed.Step, completed.Scores); break;
                case PausedMessage paused: decision.Pause(run.Run, run.Attempt, paused.Step); break;
                case FailedMessage failure: decision.Fail(run.Run, run.Attempt, failure.Class, failure.Message); break;
            }
            // Before the next claim, which may be of this very run.
            var now = decision.State[run.Run].State;
            return (Claim(decision), kept, now);
        });
        supervision?.Kept(result.Points, result.Checkpoints, recorded, state);
        files?.Log($"host: attempt {run.Attempt} ended; the run is {state.ToString().ToLowerInvariant()}.");
        host.Tell(new RunEnded(slot.Name, run.Run, run.Attempt, state, result.Dropped ? null : failed?.Class, result.Dropped ? null : failed?.Message));
        if (_breaker.Open is { } why) host.Tell(new SlotGivenUp(slot.Name, why));
        return next;
    }

    /// <param name="Over">No run will come any more.</param>
    private sealed record Next(Assignment? Run, bool Over);
}
