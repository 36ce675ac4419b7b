using System.Globalization;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Protocol;

namespace Repro.Workers.Hosts;

/// <summary>How an attempt on a slot ended, with what is still to be reported of it.</summary>
/// <param name="Ending">Completed, paused or failed.</param>
/// <param name="WasHeard">The worker said something of this run.</param>
/// <param name="WorkerIsGone">It cannot be used again.</param>
/// <param name="Dropped">The run was no longer this attempt's: how it ended says nothing.</param>
internal sealed record RunResult(WorkerMessage Ending, IReadOnlyList<MetricPoint> Points, IReadOnlyList<CheckpointMessage> Checkpoints, bool WasHeard, bool WorkerIsGone, bool Dropped)
{
    /// <summary>The run came to its end and reported nothing that a choice could rest on: the next will do so too.</summary>
    public bool LacksObjective { get; init; }
}

/// <summary>Has a worker train one attempt, and takes what it says to the store.</summary>
internal sealed class RunSupervision(SweepWork work, Slot slot, IWorker worker, RunFiles files, Assignment run) : IDisposable
{
    private readonly List<MetricPoint> _points = [];
    private readonly List<CheckpointMessage> _checkpoints = [];
    private readonly long _began = work.Time.GetTimestamp();
    private readonly Lock _lock = new();
    private WorkerMessage? _ending;
    private ProgressMessage? _progress;
    private long? _measured;
    private double _seconds;
    private bool _heard, _saved, _gone, _over;
    private volatile bool _dropped, _hung, _killed;
    private ITimer? _giveUp;
    private Silence? _silence;

    public RunKey Run => run.Run;

    public int Attempt => run.Attempt;

    /// <summary>The newest; null before the first.</summary>
    public ProgressMessage? Progress => _progress;

    /// <summary>Whether a checkpoint of this attempt was recorded.</summary>
    public bool Saved => _saved;

    /// <exception cref="LeaseEndedException">This host was taken for dead.</exception>
    public async Task<RunResult> Watch()
    {
        _silence = new Silence(work.Time, work.Settings.Patience, Hang);
        worker.Send(Order());
        using var stopping = work.Stopping.Register(Stop);
        using var ending = work.Ending.Register(Kill);
        try
        {
            while (_ending is null && await worker.Messages.WaitToReadAsync())
            {
                _silence.Heard();
                while (_ending is null && worker.Messages.TryRead(out var message)) await Take(message);
                if (_ending is not null || (_points.Count == 0 && _checkpoints.Count == 0)) continue;
                await Report();
            }
            if (_ending is null) await Gone();
        }
        catch (FormatException broken)
        {
            (_ending, _gone) = (new FailedMessage(FailureClass.Crash, $"The worker broke the protocol. {broken.Message}"), true);
        }
        return new RunResult(_ending!, _points, _checkpoints, _heard, _gone, _dropped);
    }

    /// <summary>Ends the attempt, which is no longer the run's: its trial was pruned or cancelled, or another attempt has taken its place.</summary>
    public void Drop()
    {
        lock (_lock)
        {
            if (_dropped || _over) return;
            _dropped = true;
            _giveUp = work.Time.CreateTimer(_ => KillUnlessOver(), null, work.Settings.StopPatience, Timeout.InfiniteTimeSpan);
            // While it is this run's: a run of another sweep may have the same number.
            Stop();
        }
        files.Log("host: the run has ended for this attempt; the worker is told to stop.");
    }

    /// <summary>The worker is another run's from here on.</summary>
    public void Dispose()
    {
        lock (_lock) _over = true;
        _giveUp?.Dispose();
        _silence?.Dispose();
    }

    private TrainMessage Order() => new()
    {
        Run = run.Run.ToString(),
        Attempt = run.Attempt,
        Experiment = work.Study.Experiment,
        Profile = work.Study.Profile,
        Options = work.Study.Fixed.Settings.Concat(run.Configuration.Settings).GroupBy(setting => setting.Key).ToDictionary(same => same.Key, same => same.Last().Value),
        Seed = run.Seed,
        Device = slot.Device,
        Threads = slot.Threads,
        Folder = files.AttemptFolder,
        Checkpoints = files.Recorded(run.Checkpoints),
        DataFolder = work.Settings.DataFolder,
        CheckpointEvery = work.Settings.CheckpointEvery.TotalSeconds,
        TestIsSealed = !run.ReadsTest,
    };

    private async Task Take(WorkerMessage message)
    {
        if (message is not ReadyMessage) _heard = true;
        switch (message)
        {
            case StartedMessage started:
                await Began(started);
                break;
            case MetricsMessage metrics:
                _points.AddRange(metrics.Points);
                if (metrics.Points.Count > 0) _seconds = metrics.Points[^1].Seconds;
                break;
            case CheckpointMessage checkpoint:
                _checkpoints.Add(checkpoint);
                break;
            case ProgressMessage progress:
                _progress = progress;
                Measure(progress);
                work.Tell(new RunProgressed(slot.Name, run.Run, progress));
                break;
            case SentenceMessage sentence:
                files.Log(sentence.Text);
                work.Tell(new HostSaid(slot.Name, run.Run, sentence.Text));
                break;
            case CompletedMessage or PausedMessage or FailedMessage:
                _ending = message;
                break;
        }
    }

    // While this host waits for a store nobody listens, and silence means nothing.
    private async Task<T> Ask<T>(Func<Task<T>> question)
    {
        _silence!.Pause();
        var answer = await question();
        _silence.Heard();
        return answer;
    }

    private async Task Began(StartedMessage started)
    {
        files.Log(started.From is { } from ? $"host: attempt {run.Attempt} goes on from step {from}, on {slot.Name}." : $"host: attempt {run.Attempt} begins anew, on {slot.Name}.");
        // Where it is as the assignment has it, there is nothing to take note of.
        var recorded = run.Checkpoints.Count > 0 ? run.Checkpoints[0].Step : (long?)null;
        if (started.From != recorded && !await Ask(() => work.Decisions.GoBack(run.Run, run.Attempt, started.From))) Drop();
        work.Tell(new RunBegan(slot.Name, run.Run, run.Attempt, started.From, worker.ProcessId));
    }

    // What the machine says of itself goes with the run's own values: the step tells when.
    private void Measure(ProgressMessage progress)
    {
        if (_measured is { } last && work.Time.GetElapsedTime(last) < work.Settings.MeasureEvery) return;
        _measured = work.Time.GetTimestamp();
        if (progress.MemoryBytes > 0) _points.Add(new MetricPoint(MachineMeter.WorkerMemory, progress.Step, progress.MemoryBytes, _seconds));
        foreach (var (metric, value) in work.Meter.Of(slot)) _points.Add(new MetricPoint(metric, progress.Step, value, _seconds));
    }

    private async Task Report()
    {
        var (points, checkpoints) = (_points.ToList(), _checkpoints.ToList());
        _points.Clear();
        _checkpoints.Clear();
        var directive = await Ask(async () =>
        {
            var published = await files.Publish(checkpoints);
            var answer = await work.Decisions.Report(new RunReport(run.Run, run.Attempt, points, published));
            await Kept(points, published, answer.Recorded);
            return answer.Directive;
        });
        if (directive == Directive.End) Drop();
        else if (directive == Directive.Pause) Stop();
        if (points.Any(point => point.Name == work.Study.Objective.Metric)) work.Changed.Raise();
    }

    /// <summary>After a report is durable: tells of it, and removes the files that nothing needs any more.</summary>
    public Task Kept(IReadOnlyList<MetricPoint> points, IReadOnlyList<CheckpointRecorded> published, IReadOnlyList<CheckpointRecorded> recorded, RunState state = RunState.Running)
    {
        if (points.Count > 0) work.Tell(new RunMeasured(slot.Name, run.Run, points));
        foreach (var checkpoint in published)
        {
            if (recorded.Any(c => c.Attempt == run.Attempt && c.Step == checkpoint.Step))
            {
                _saved = true;
                work.Tell(new RunSaved(slot.Name, run.Run, run.Attempt, checkpoint.Step));
            }
            else
            {
                files.Remove(checkpoint);
            }
        }
        // Each look at a store of objects is a question to another machine: only where something has changed.
        return recorded.Count > 0 && (published.Count > 0 || state != RunState.Running) ? files.Clean(recorded, Retention.Kept(state)) : Task.CompletedTask;
    }

    private async Task Gone()
    {
        _gone = true;
        var ending = await worker.Ending();
        _ending = ending;
        if (_killed)
        {
            _ending = new FailedMessage(FailureClass.Lost, "The host ended its work.");
        }
        else if (_hung)
        {
            var last = _progress is { } progress ? $"{progress.Phase}, step {progress.Step} of {progress.Steps}" : "before the first step";
            var silent = work.Settings.Patience.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
            _ending = new FailedMessage(FailureClass.Hang, $"The worker said nothing for {silent} s (last: {last}, {work.Time.GetElapsedTime(_began).TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s after its start) and was ended.");
        }
    }

    private void Stop() => worker.Send(new StopMessage(run.Run.ToString(), run.Attempt));

    private void Hang()
    {
        // A thread of this very process may stand at a breakpoint.
        if (worker.ProcessId is null) return;
        _hung = true;
        KillUnlessOver();
    }

    private void KillUnlessOver()
    {
        lock (_lock)
        {
            if (!_over) worker.Kill();
        }
    }

    private void Kill()
    {
        _killed = true;
        worker.Kill();
    }
}
