namespace Repro.Training.Loop;

/// <summary>Tells a display how far training is, a few times a second at most.</summary>
internal sealed class ProgressReports(IRunSink sink, TimeProvider time, long steps, long stepsPerEpoch)
{
    /// <summary>Time between two reports while training.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Queue<(long Timestamp, long Step)> _recent = new();
    private long? _last;
    private (string Phase, long Began)? _shared;

    /// <summary>Whether it is time for a report.</summary>
    public bool Due => _last is not { } last || time.GetElapsedTime(last) >= Interval;

    public void Report(string phase, long step, IReadOnlyDictionary<string, double> values)
    {
        var now = time.GetTimestamp();
        _last = now;
        _recent.Enqueue((now, step));
        while (_recent.Count > 2 && time.GetElapsedTime(_recent.Peek().Timestamp, now) > Window) _recent.Dequeue();
        var (began, first) = _recent.Peek();
        var seconds = time.GetElapsedTime(began, now).TotalSeconds;
        var rate = seconds > 0 ? (step - first) / seconds : 0;
        var left = rate > 0 ? TimeSpan.FromSeconds(Math.Min((steps - step) / rate, TimeSpan.MaxValue.TotalSeconds / 2)) : TimeSpan.Zero;
        sink.Progress(new TrainingProgress(phase, step, steps, (double)step / stepsPerEpoch, values, rate, left, Environment.WorkingSet));
    }

    /// <summary>Of a phase in which no step is taken.</summary>
    /// <param name="share">Done of it, 0 .. 1; the first report begins its time.</param>
    public void ReportShare(string phase, long step, double share)
    {
        var now = time.GetTimestamp();
        if (_shared is not { } shared || shared.Phase != phase || share == 0) _shared = shared = (phase, now);
        if (!Due) return;
        _last = now;
        var left = share > 0 ? time.GetElapsedTime(shared.Began, now) * ((1 - share) / share) : TimeSpan.Zero;
        sink.Progress(new TrainingProgress(phase, step, steps, (double)step / stepsPerEpoch, new Dictionary<string, double> { ["evaluated_percent"] = Math.Round(100 * share) }, 0, left, Environment.WorkingSet));
    }
}
