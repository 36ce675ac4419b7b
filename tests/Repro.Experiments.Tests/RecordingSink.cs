using Repro.Studies.Runs;
using Repro.Training;

namespace Repro.Experiments.Tests;

/// <summary>Keeps what a run reports.</summary>
internal sealed class RecordingSink : IRunSink
{
    public List<MetricPoint> Metrics { get; } = [];

    public List<CheckpointWritten> Checkpoints { get; } = [];

    public List<PredictionSet> PredictionSets { get; } = [];

    public List<SampleSet> SampleSets { get; } = [];

    public void Metric(MetricPoint point) => Metrics.Add(point);

    public void Checkpoint(CheckpointWritten checkpoint) => Checkpoints.Add(checkpoint);

    public void Progress(TrainingProgress progress)
    {
    }

    public void Message(string text)
    {
    }

    public void Predictions(PredictionSet predictions) => PredictionSets.Add(predictions);

    public void Samples(SampleSet samples) => SampleSets.Add(samples);
}
