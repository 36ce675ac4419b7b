using System.ComponentModel;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Protocol;
using Repro.Workers.Silos;

namespace Repro.Workers.Hosts;

/// <summary>Gives a slot run after run of one sweep, until there is none left, the host stops, or the slot fails everything.</summary>
internal sealed class SlotLoop(SweepWork work, HostSlot host)
{
    private readonly SlotClaim _claim = new(host.Slot.Name, host.Slot.Gpus);
    private volatile RunSupervision? _supervision;
    private volatile Taken? _taken;

    /// <summary>What it trains now; null where nothing.</summary>
    public RunSupervision? Supervision => _supervision;

    public SlotSnapshot Snapshot
    {
        get
        {
            // Read once: it may end meanwhile.
            var taken = _taken;
            return new SlotSnapshot(host.Slot, taken?.Run, taken?.Since, _supervision?.Progress, host.Breaker.Open);
        }
    }

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
        _taken = new Taken(run, work.Time.GetUtcNow());
        try
        {
            using var files = new RunFiles(work.Settings.Folder, run.Run, run.Attempt, work.Time, Complain, work.Settings.Objects, work.Ending);
            try
            {
                if (await Fetch(run, files) is { } instead) return await Record(run, files, null, instead);
                while (true)
                {
                    using var supervision = new RunSupervision(work, host.Slot, await host.Worker.Get(work.Settings, files.Log), files, run);
                    _supervision = supervision;
                    var wasReused = host.Worker.Reused;
                    var result = Judged(await WatchOrDiscard(supervision));
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
        catch (Exception e) when (e is StorageException or Win32Exception or IOException or UnauthorizedAccessException or BadInputException)
        {
            var message = e is Win32Exception ? $"The worker cannot be started: {e.Message}" : e.Message;
            return await Record(run, null, null, new RunResult(new FailedMessage(FailureClass.Machine, message), [], [], WasHeard: false, WorkerIsGone: true, Dropped: false));
        }
        catch (Exception e) when (e is not (OperationCanceledException or LeaseEndedException or CannotServeException))
        {
            // Nothing that a run or a machine does, but whatever it is: a run that nobody trains must not stay this slot's for ever.
            await Record(run, null, null, new RunResult(new FailedMessage(FailureClass.Machine, $"The host failed: {e.Message}"), [], [], WasHeard: false, WorkerIsGone: true, Dropped: false), goesOn: false);
            throw;
        }
        finally
        {
            (_supervision, _taken) = (null, null);
        }

        void Complain(string text) => work.Tell(new HostSaid(host.Slot.Name, run.Run, text));
    }

    /// <summary>Brings the run's checkpoint to this machine. While the objects cannot be reached that is waited for: an attempt that failed for it would fail on every slot.</summary>
    /// <returns>How the attempt ends without having trained; null where it can.</returns>
    /// <exception cref="CannotServeException">It could not be had for so long that another machine is to try; the run is given back.</exception>
    private async Task<RunResult?> Fetch(Assignment run, RunFiles files)
    {
        var since = work.Time.GetTimestamp();
        for (var first = true; ; first = false)
        {
            string why;
            try
            {
                await files.Fetch(run.Checkpoints);
                return null;
            }
            catch (StorageException away) when (!StorageException.IsNoRoom(away))
            {
                if (first) work.Tell(new HostSaid(host.Slot.Name, run.Run, $"{away.Message} The run waits for its checkpoint."));
                files.Log($"host: {away.Message}");
                why = away.Message;
                if (!work.Stopping.IsCancellationRequested)
                {
                    using var either = CancellationTokenSource.CreateLinkedTokenSource(work.Stopping, work.Ending);
                    await Task.Delay(work.Settings.FetchAgainAfter, work.Time, either.Token).ContinueWith(_ => { }, TaskScheduler.Default);
                }
                work.Ending.ThrowIfCancellationRequested();
            }
            if (work.Stopping.IsCancellationRequested) return Ended(new PausedMessage(run.Checkpoints[0].Step), dropped: false);
            if ((await work.Decisions.Lost([new RunAttempt(run.Run, run.Attempt)])).Count > 0) return Ended(new PausedMessage(run.Checkpoints[0].Step), dropped: true);
            if (work.Time.GetElapsedTime(since) < work.Settings.FetchPatience) continue;
            await Record(run, files, null, Ended(new PausedMessage(run.Checkpoints[0].Step), dropped: false), goesOn: false);
            throw new CannotServeException($"{why} The checkpoint of run {run.Run} could not be had here for {work.Settings.FetchPatience.TotalSeconds:0} s; the run goes on elsewhere.");
        }

        static RunResult Ended(WorkerMessage ending, bool dropped) => new(ending, [], [], WasHeard: false, WorkerIsGone: false, dropped);
    }

    // A worker that nobody watches any more trains on, and is no use to the next run.
    private async Task<RunResult> WatchOrDiscard(RunSupervision supervision)
    {
        try
        {
            return await supervision.Watch();
        }
        catch
        {
            supervision.Dispose();
            await host.Worker.Discard();
            throw;
        }
    }

    // Nobody could choose by it: the study names a metric that these runs do not have.
    private RunResult Judged(RunResult result) => result.Ending is CompletedMessage completed && !completed.Scores.ContainsKey(work.Study.Objective.Metric)
        ? result with { LacksObjective = true, Ending = new FailedMessage(FailureClass.Bug, $"The run ended without the objective '{work.Study.Objective.Metric}'; it reported: {string.Join(", ", completed.Scores.Keys.Order(StringComparer.Ordinal))}.") }
        : result;

    /// <summary>Writes how the attempt ended, and takes the next run in the same decision.</summary>
    private async Task<NextRun> Record(Assignment run, RunFiles? files, RunSupervision? supervision, RunResult result, bool goesOn = true)
    {
        var failed = result.Ending as FailedMessage;
        if (!result.Dropped)
        {
            if ((failed is null && result.WasHeard) || (!result.LacksObjective && (supervision is { Saved: true } || result.Checkpoints.Count > 0))) host.Breaker.Worked();
            else if (failed is not null) host.Breaker.Failed(run.Run, failed.Class, failed.Message);
        }
        if (failed is not null) files?.Log($"host: attempt {run.Attempt} failed ({failed.Class}): {failed.Message}");
        var report = new RunReport(run.Run, run.Attempt, result.Points, files is null ? [] : await files.Publish(result.Checkpoints, ends: true));
        // Before the end is known: whoever then asks for a report finds them.
        if (files is not null) await files.ShareRecords();
        var (next, recorded, state) = await work.Decisions.End(report, result.Ending, goesOn && MayTakeMore ? _claim : null);
        if (supervision is not null) await supervision.Kept(result.Points, report.Checkpoints, recorded, state);
        files?.Close(result.Dropped ? null : state, recorded);
        files?.Log($"host: attempt {run.Attempt} ended; the run is {state.ToString().ToLowerInvariant()}.");
        work.Tell(new RunEnded(host.Slot.Name, run.Run, run.Attempt, state, result.Dropped ? null : failed?.Class, result.Dropped ? null : failed?.Message));
        if (work.Waits && host.Breaker.Open is { } why) work.Tell(new SlotGivenUp(host.Slot.Name, why));
        return next;
    }

    private sealed record Taken(Assignment Run, DateTimeOffset Since);
}
