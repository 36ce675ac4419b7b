using Repro.Studies.Runs;
using Repro.Training;

namespace Repro.Experiments.Tests;

/// <summary>Keeps what a run reports, and asks it to stop where that is wanted.</summary>
/// <param name="stopAt">The step whose metrics are waited for.</param>
internal sealed class RecordingSink(long stopAt = long.MaxValue, CancellationTokenSource? stop = null) : IRunSink
{
    public List<MetricPoint> Metrics { get; } = [];

    public List<CheckpointWritten> Checkpoints { get; } = [];

    public List<PredictionSet> PredictionSets { get; } = [];

    public List<SampleSet> SampleSets { get; } = [];

    public void Metric(MetricPoint point)
    {
        Metrics.Add(point);
        if (point.Step >= stopAt) stop?.Cancel();
    }

    public void Checkpoint(CheckpointWritten checkpoint) => Checkpoints.Add(checkpoint);

    public void Progress(TrainingProgress progress)
    {
    }

    public void Message(string text)
    {
    }

    public void Predictions(PredictionSet predictions) => PredictionSets.Add(predictions);

    /// <summary>Called after each set of samples.</summary>
    public Action WhenSamples { get; init; } = () => { };

    public void Samples(SampleSet samples)
    {
        SampleSets.Add(samples);
        WhenSamples();
    }
}
