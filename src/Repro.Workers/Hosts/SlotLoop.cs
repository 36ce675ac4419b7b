using System.ComponentModel;
using Repro.Results.Runs;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Protocol;

namespace Repro.Workers.Hosts;

/// <summary>Gives a slot run after run of one sweep, until there is none left, the host stops, or the slot fails everything.</summary>
internal sealed class SlotLoop(SweepWork work, HostSlot host)
{
    private readonly SlotClaim _claim = new(host.Slot.Name, host.Slot.Gpus);
    private volatile RunSupervision? _supervision;
    private volatile Assignment? _run;
    private DateTimeOffset? _since;

    /// <summary>What it trains now; null where nothing.</summary>
    public RunSupervision? Supervision => _supervision;

    public SlotSnapshot Snapshot => new(host.Slot, _run, _run is null ? null : _since, _supervision?.Progress, host.Breaker.Open);

    /// <returns>Whether the sweep has no run for it now; false where it was to end before it knew.</returns>
    public async Task<bool> Run()
    {
        NextRun? claimed = null;
        while (true)
        {
            var changed = work.Changed.Next;
            if (claimed is null && !MayTakeMore) return false;
            var next = claimed ?? await work.Decisions.Claim(_claim);
            if (next.Run is { } run)
            {
                work.Tell(new RunTaken(host.Slot.Name, run));
                claimed = await Train(run);
                work.Changed.Raise();
                if (claimed is { Run: null } && !MayTakeMore) return false;
                // Nothing for now: asked once more, after it is known what would tell of a change.
                if (claimed is { Run: null, Over: false }) claimed = null;
                continue;
            }
            if (next.Over || !work.Waits) return true;
            await changed;
        }
    }

    private bool MayTakeMore => !work.Stopping.IsCancellationRequested && host.Breaker.Open is null && work.GoesOn();

    private async Task<NextRun> Train(Assignment run)
    {
        (_since, _run) = (work.Time.GetUtcNow(), run);
        try
        {
            using var files = new RunFiles(work.Settings.Folder, run.Run, run.Attempt, work.Time, text => work.Tell(new HostSaid(host.Slot.Name, run.Run, text)), work.Settings.Objects);
            try
            {
                await files.Fetch(run.Checkpoints);
                while (true)
                {
                    using var supervision = new RunSupervision(work, host.Slot, await host.Worker.Get(work.Settings, files.Log), files, run);
                    _supervision = supervision;
                    var result = Judged(await supervision.Watch());
                    var wasReused = host.Worker.Reused;
                    host.Worker.Release();
                    if (result.WorkerIsGone) await host.Worker.Discard();
                    // It had ended before it was given the run.
                    if (result is { WorkerIsGone: true, WasHeard: false } && wasReused && !work.Ending.IsCancellationRequested) continue;
                    return await Record(run, files, supervision, result);
                }
            }
            finally
            {
                host.Worker.Forget();
            }
        }
        catch (Exception e) when (e is StorageException or Win32Exception)
        {
            var message = e is Win32Exception ? $"The worker cannot be started: {e.Message}" : e.Message;
            return await Record(run, null, null, new RunResult(new FailedMessage(FailureClass.Machine, message), [], [], WasHeard: false, WorkerIsGone: true, Dropped: false));
        }
        finally
        {
            (_supervision, _run) = (null, null);
        }
    }

    // Nobody could choose by it: the study names a metric that these runs do not have.
    private RunResult Judged(RunResult result) => result.Ending is CompletedMessage completed && !completed.Scores.ContainsKey(work.Study.Objective.Metric)
        ? result with { LacksObjective = true, Ending = new FailedMessage(FailureClass.Bug, $"The run ended without the objective '{work.Study.Objective.Metric}'; it reported: {string.Join(", ", completed.Scores.Keys.Order(StringComparer.Ordinal))}.") }
        : result;

    /// <summary>Writes how the attempt ended, and takes the next run in the same decision.</summary>
    private async Task<NextRun> Record(Assignment run, RunFiles? files, RunSupervision? supervision, RunResult result)
    {
        var failed = result.Ending as FailedMessage;
        if (!result.Dropped)
        {
            if (failed is null || (!result.LacksObjective && (supervision is { Saved: true } || result.Checkpoints.Count > 0))) host.Breaker.Worked();
            else host.Breaker.Failed(run.Run, failed.Class, failed.Message);
        }
        if (failed is not null) files?.Log($"host: attempt {run.Attempt} failed ({failed.Class}): {failed.Message}");
        var report = new RunReport(run.Run, run.Attempt, result.Points, files is null ? [] : await files.Publish(result.Checkpoints, run.Run, run.Attempt));
        var (next, recorded, state) = await work.Decisions.End(report, result.Ending, MayTakeMore ? _claim : null);
        supervision?.Kept(result.Points, result.Checkpoints, recorded, state);
        files?.Log($"host: attempt {run.Attempt} ended; the run is {state.ToString().ToLowerInvariant()}.");
        work.Tell(new RunEnded(host.Slot.Name, run.Run, run.Attempt, state, result.Dropped ? null : failed?.Class, result.Dropped ? null : failed?.Message));
        if (host.Breaker.Open is { } why) work.Tell(new SlotGivenUp(host.Slot.Name, why));
        return next;
    }
}
