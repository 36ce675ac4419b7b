using Repro.Cli.Running;
using Repro.Results.Runs;
using Repro.Studies.Runs;
using Repro.Training;
using Repro.Workers.Protocol;

namespace Repro.Cli.Workers;

/// <summary>Takes what a run reports to the host: measured values in batches, about two a second, and always before a checkpoint that rests on them.</summary>
/// <param name="folder">The attempt's, which takes the predictions.</param>
internal sealed class WorkerSink(Action<WorkerMessage> say, string folder, TimeProvider time) : IRunSink
{
    // Each batch is a durable write, which costs the host a millisecond or so of the core that its slots train on.
    private static readonly TimeSpan Batch = TimeSpan.FromMilliseconds(500), SignOfLife = TimeSpan.FromMilliseconds(750);

    private readonly List<MetricPoint> _points = [];
    private long _sent = time.GetTimestamp();
    private (string Phase, long At)? _progress;

    public void Metric(MetricPoint point)
    {
        _points.Add(point);
        if (time.GetElapsedTime(_sent) >= Batch) Flush();
    }

    public void Checkpoint(CheckpointWritten checkpoint)
    {
        Flush();
        say(new CheckpointMessage(checkpoint.Step, checkpoint.File, checkpoint.Sha256, checkpoint.Bytes));
    }

    public void Progress(TrainingProgress progress)
    {
        if (_progress is { } last && last.Phase == progress.Phase && time.GetElapsedTime(last.At) < SignOfLife) return;
        _progress = (progress.Phase, time.GetTimestamp());
        Flush();
        say(new ProgressMessage(progress.Phase, progress.Step, progress.Steps, progress.StepsPerSecond, progress.MemoryBytes));
    }

    public void Message(string text) => say(new SentenceMessage(text));

    public void Samples(SampleSet samples) => SampleFiles.Write(folder, samples);

    public void Predictions(PredictionSet predictions) => StoredPredictions.Write(
        folder, new StoredPredictions(predictions.Split, predictions.Step, predictions.Examples, predictions.Labels, predictions.Classes, predictions.LogProbabilities));

    /// <summary>Sends what waits.</summary>
    public void Flush()
    {
        _sent = time.GetTimestamp();
        if (_points.Count == 0) return;
        say(new MetricsMessage(_points.ToArray()));
        _points.Clear();
    }
}
