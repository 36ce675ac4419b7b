using Repro.Studies.Runs;

namespace Repro.Training;

/// <summary>Takes what a run reports while it trains: the run folder, later a worker's protocol. Called from the training thread alone.</summary>
public interface IRunSink
{
    void Metric(MetricPoint point);

    /// <summary>A checkpoint is on disk, whole and synced.</summary>
    void Checkpoint(CheckpointWritten checkpoint);

    /// <summary>Often; for displays. Nothing of it is kept.</summary>
    void Progress(TrainingProgress progress);

    /// <summary>A sentence for a person: a fallback taken, a setting changed.</summary>
    void Message(string text);

    /// <summary>Per-example results of an evaluation, kept for later figures and questions.</summary>
    void Predictions(PredictionSet predictions);

    /// <summary>Figures, texts and translations of the final evaluation of a split, kept for reports; at least one of them.</summary>
    void Samples(SampleSet samples);
}

/// <param name="Step">Optimizer steps in it.</param>
/// <param name="File">Full path.</param>
/// <param name="Sha256">Of the whole content but the digest at its end, lower-case hex.</param>
public sealed record CheckpointWritten(long Step, string File, string Sha256, long Bytes);

/// <param name="Values">Metrics worth watching now, by name.</param>
/// <param name="StepsPerSecond">Over the last seconds.</param>
/// <param name="Phase">training, saving, or <c>evaluating validation</c>: with the split.</param>
public sealed record TrainingProgress(
    string Phase, long Step, long Steps, double Epoch, IReadOnlyDictionary<string, double> Values, double StepsPerSecond, TimeSpan Left, long MemoryBytes);

/// <summary>What the model said of each example of a split.</summary>
/// <param name="Split">validation or test.</param>
/// <param name="Step">When.</param>
/// <param name="Examples">Position of each example in the data set's canonical order (by content, not by file).</param>
/// <param name="Labels">The true class of each.</param>
/// <param name="Classes">Names of the classes.</param>
/// <param name="LogProbabilities">Examples x classes, row by row, kept as float16.</param>
public sealed record PredictionSet(string Split, long Step, int[] Examples, int[] Labels, IReadOnlyList<string> Classes, float[] LogProbabilities);
