#if ORLEANS
using System.Globalization;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;

namespace Repro.Shared.Cluster;

/// <summary>
/// A finished sweep of marked fake runs, held against what may be written: every trial once; by nobody but the attempt that has the run; every attempt from the
/// newest checkpoint that was recorded. An attempt whose place another has taken says what that one says: only the marks tell whose a value is.
/// </summary>
/// <param name="metrics">Of a run, as stored.</param>
/// <param name="steps">Of each run.</param>
internal sealed class SweepAudit(IReadOnlyList<SweepEvent> events, Func<RunKey, IReadOnlyList<MetricPoint>> metrics, int trials, int steps)
{
    private readonly List<string> _wrong = [];

    /// <summary>What is wrong, in sentences; empty where nothing is.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<SweepEvent> events, Func<RunKey, IReadOnlyList<MetricPoint>> metrics, int trials, int steps)
    {
        var audit = new SweepAudit(events, metrics, trials, steps);
        audit.Check();
        return audit._wrong;
    }

    private void Check()
    {
        var planned = events.OfType<TrialPlanned>().ToList();
        if (!planned.Select(trial => trial.Trial).SequenceEqual(Enumerable.Range(0, trials))) _wrong.Add($"The planned trials are not each of {trials} once; there are {planned.Count}.");
        var written = events.Select(happened => (Event: happened, Of: Writer(happened))).Where(pair => pair.Of is not null).ToLookup(pair => pair.Of!.Value.Run, pair => (pair.Event, pair.Of!.Value.Attempt));
        foreach (var trial in planned)
        {
            var run = new RunKey(trial.Trial, 0);
            var attempts = new AttemptsAudit(run, _wrong);
            foreach (var (happened, attempt) in written[run]) attempts.Saw(happened, attempt);
            attempts.Ended();
            Values(run, trial, attempts);
        }
        foreach (var failed in events.OfType<RunFailed>().Where(failed => failed.Class is not (FailureClass.Lost or FailureClass.Crash))) _wrong.Add($"Run {failed.Run} failed by itself: {failed.Class}: {failed.Message}");
    }

    private static (RunKey Run, int Attempt)? Writer(SweepEvent happened) => happened switch
    {
        RunStarted e => (e.Run, e.Attempt),
        WentBack e => (e.Run, e.Attempt),
        CheckpointRecorded e => (e.Run, e.Attempt),
        RungReached e => (e.Run, e.Attempt),
        RunCompleted e => (e.Run, e.Attempt),
        RunPaused e => (e.Run, e.Attempt),
        RunFailed e => (e.Run, e.Attempt),
        _ => null,
    };

    // Each step's values are those of the last attempt that began before it.
    private void Values(RunKey run, TrialPlanned trial, AttemptsAudit attempts)
    {
        var points = metrics(run);
        var losses = Once(run, points, "loss");
        var marks = Once(run, points, FakeMark.Metric);
        var offset = double.Parse(trial.Options["offset"], CultureInfo.InvariantCulture);
        var training = FakeTraining.Begin(trial.Seeds[0]);
        var processes = new Dictionary<int, int>();
        while (training.Step < steps)
        {
            training.Advance();
            if (!losses.TryGetValue(training.Step, out var loss) || loss != training.Loss + offset) _wrong.Add($"Run {run} has {loss:R} at step {training.Step}, not {training.Loss + offset:R}.");
            if (!marks.TryGetValue(training.Step, out var value))
            {
                _wrong.Add($"Run {run} has no mark at step {training.Step}.");
                continue;
            }
            var (mark, owner) = (FakeMark.Of(value), attempts.OwnerOf(training.Step));
            if (mark.Attempt != owner) _wrong.Add($"Run {run} has a value of attempt {mark.Attempt} at step {training.Step}, which is attempt {owner}'s.");
            else if (processes.TryAdd(owner, mark.Process) || processes[owner] == mark.Process) continue;
            else _wrong.Add($"Run {run} has values of attempt {owner} from the processes {processes[owner]} and {mark.Process}.");
        }
        if (attempts.Mark is not { } final) return;
        var last = attempts.OwnerOf(steps);
        if (final.Attempt != last || processes.GetValueOrDefault(last) != final.Process) _wrong.Add($"Run {run} has scores of attempt {final.Attempt} in process {final.Process}, not of attempt {last} in process {processes.GetValueOrDefault(last)}.");
    }

    private Dictionary<long, double> Once(RunKey run, IReadOnlyList<MetricPoint> points, string name)
    {
        var values = new Dictionary<long, double>();
        foreach (var point in points.Where(point => point.Name == name))
        {
            if (!values.TryAdd(point.Step, point.Value)) _wrong.Add($"Run {run} has {name} twice at step {point.Step}.");
        }
        if (values.Count != steps) _wrong.Add($"Run {run} has {name} at {values.Count} steps, not {steps}.");
        return values;
    }
}

/// <summary>What a log says of one run, in its order.</summary>
internal sealed class AttemptsAudit(RunKey run, List<string> wrong)
{
    private readonly List<(int Attempt, long From)> _starts = [];
    private readonly List<long> _checkpoints = [];
    private int _holder;
    private int _completed;

    /// <summary>Of the scores; null where the run has not completed.</summary>
    public FakeMark? Mark { get; private set; }

    /// <summary>The last attempt that began before a step; 0 where none did.</summary>
    public int OwnerOf(long step) => _starts.LastOrDefault(start => start.From < step).Attempt;

    public void Saw(SweepEvent happened, int attempt)
    {
        if (happened is RunStarted started)
        {
            if (_holder != 0) wrong.Add($"Attempt {attempt} of run {run} began while attempt {_holder} had it.");
            if (attempt != _starts.Count + 1) wrong.Add($"Attempt {attempt} of run {run} began after {_starts.Count} others.");
            if ((started.From ?? 0) != _checkpoints.LastOrDefault()) wrong.Add($"Attempt {attempt} of run {run} began at step {started.From ?? 0}; the newest checkpoint was recorded at step {_checkpoints.LastOrDefault()}.");
            _holder = attempt;
            _starts.Add((attempt, started.From ?? 0));
            return;
        }
        if (attempt != _holder) wrong.Add($"Attempt {attempt} of run {run} wrote '{happened.GetType().Name}' while {(_holder == 0 ? "nobody" : $"attempt {_holder}")} had it.");
        switch (happened)
        {
            case WentBack back:
                _checkpoints.RemoveAll(step => step > (back.From ?? 0));
                _starts[^1] = (attempt, back.From ?? 0);
                break;
            case CheckpointRecorded saved:
                _checkpoints.Add(saved.Step);
                if (!saved.File.Contains($"attempt-{attempt}/", StringComparison.Ordinal)) wrong.Add($"Attempt {attempt} of run {run} recorded {saved.File}, which is another's.");
                break;
            case RunCompleted completed:
                (_holder, _completed) = (0, _completed + 1);
                if (completed.Scores.TryGetValue(FakeMark.Metric, out var mark)) Mark = FakeMark.Of(mark);
                else wrong.Add($"Run {run} has scores without a mark.");
                break;
            case RunPaused or RunFailed:
                _holder = 0;
                break;
        }
    }

    public void Ended()
    {
        if (_completed != 1) wrong.Add($"Run {run} was completed {_completed} times.");
    }
}
#endif
