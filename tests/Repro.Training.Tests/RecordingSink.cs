using Repro.Studies.Runs;

namespace Repro.Training.Tests;

/// <summary>Keeps everything that a run reports, and calls back where a test wants to interfere.</summary>
public sealed class RecordingSink : IRunSink
{
    public List<MetricPoint> Metrics { get; } = [];

    public List<CheckpointWritten> Checkpoints { get; } = [];

    public List<TrainingProgress> Reports { get; } = [];

    public List<string> Messages { get; } = [];

    public List<PredictionSet> PredictionSets { get; } = [];

    public List<SampleSet> SampleSets { get; } = [];

    public Action<MetricPoint> WhenMetric { get; set; } = _ => { };

    public Action<CheckpointWritten> WhenCheckpoint { get; set; } = _ => { };

    public Action<TrainingProgress> WhenProgress { get; set; } = _ => { };

    /// <summary>The newest checkpoint first, as a resume wants them.</summary>
    public IReadOnlyList<string> CheckpointFiles => Checkpoints.Select(checkpoint => checkpoint.File).Reverse().ToList();

    public IEnumerable<MetricPoint> Of(string name) => Metrics.Where(point => point.Name == name);

    public void Metric(MetricPoint point)
    {
        Metrics.Add(point);
        WhenMetric(point);
    }

    public void Checkpoint(CheckpointWritten checkpoint)
    {
        Checkpoints.Add(checkpoint);
        WhenCheckpoint(checkpoint);
    }

    public void Progress(TrainingProgress progress)
    {
        Reports.Add(progress);
        WhenProgress(progress);
    }

    public void Message(string text) => Messages.Add(text);

    public void Predictions(PredictionSet predictions) => PredictionSets.Add(predictions);

    public void Samples(SampleSet samples) => SampleSets.Add(samples);
}
