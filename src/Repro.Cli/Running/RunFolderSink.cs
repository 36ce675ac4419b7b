using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Results.Runs;
using Repro.Studies.Runs;
using Repro.Training;

namespace Repro.Cli.Running;

/// <summary>Takes what a run reports into its folder, to the person who watches, and to <c>--json</c>.</summary>
internal sealed class RunFolderSink(RunFolder folder, IRunDisplay display, CommandOutput output, TimeProvider time) : IRunSink
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(1);
    private long _progressed;

    /// <summary>Whether anything was measured or saved: from then on the folder is worth keeping.</summary>
    public bool HasRecords { get; private set; }

    public CheckpointWritten? LastCheckpoint { get; private set; }

    public void Metric(MetricPoint point)
    {
        folder.Metric(point);
        HasRecords = true;
        if (!output.Json) return;
        var json = new JsonObject { ["name"] = point.Name, ["step"] = point.Step };
        CommandOutput.Number(json, "value", point.Value);
        json["seconds"] = Math.Round(point.Seconds, 3);
        output.Event("metric", json);
    }

    public void Checkpoint(CheckpointWritten checkpoint)
    {
        folder.Checkpoint(checkpoint.Step, checkpoint.File, checkpoint.Sha256, checkpoint.Bytes);
        LastCheckpoint = checkpoint;
        HasRecords = true;
        output.Event("checkpoint", new JsonObject { ["step"] = checkpoint.Step, ["file"] = checkpoint.File, ["bytes"] = checkpoint.Bytes });
    }

    public void Progress(TrainingProgress progress)
    {
        display.Show(progress);
        if (!output.Json || time.GetElapsedTime(_progressed) < ProgressEvery) return;
        _progressed = time.GetTimestamp();
        output.Event("progress", new JsonObject
        {
            ["phase"] = progress.Phase,
            ["step"] = progress.Step,
            ["steps"] = progress.Steps,
            ["epoch"] = progress.Epoch,
            ["steps_per_second"] = progress.StepsPerSecond,
            ["seconds_left"] = Math.Round(progress.Left.TotalSeconds, 1),
            ["memory_bytes"] = progress.MemoryBytes,
        });
    }

    public void Message(string text)
    {
        folder.Message(text);
        display.Say(text);
        output.Event("message", new JsonObject { ["text"] = text });
    }

    public void Samples(SampleSet samples) => SampleFiles.Write(folder.Path, samples);

    public void Predictions(PredictionSet predictions) => StoredPredictions.Write(
        folder, new StoredPredictions(
            predictions.Split, predictions.Step, predictions.Examples, predictions.Labels, predictions.Classes, predictions.LogProbabilities));
}
