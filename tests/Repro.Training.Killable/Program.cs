using Repro.Studies.Options;
using Repro.Studies.Runs;
using Repro.Training;
using Repro.Training.Killable;

// Runs the tiny experiment in a process of its own and prints every event as a line, so that a test can kill it at one of them.
// Usage: FOLDER SEED CHECKPOINT_MILLISECONDS [NAME=VALUE ...] [--resume FILE ...]
var settings = args.Skip(3).TakeWhile(argument => argument != "--resume").Select(setting => setting.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1]));
var resume = args.SkipWhile(argument => argument != "--resume").Skip(1).ToList();
var context = new RunContext
{
    Folder = args[0],
    Seed = ulong.Parse(args[1]),
    CheckpointEvery = TimeSpan.FromMilliseconds(int.Parse(args[2])),
    Threads = 1,
};
var outcome = Trainer.Run(new TinyExperiment(), OptionSchema.Apply(new TinyOptions(), settings), context, new LineSink(), resume, CancellationToken.None);
foreach (var (name, value) in outcome.Scores) LineSink.Print($"score {name} {BitConverter.DoubleToInt64Bits(value):x16}");
LineSink.Print($"outcome {outcome.State} {outcome.Step} {outcome.Failure}");

/// <summary>One line an event, values as the bits of their doubles.</summary>
internal sealed class LineSink : IRunSink
{
    public static void Print(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }

    public void Metric(MetricPoint point) => Print($"metric {point.Name} {point.Step} {BitConverter.DoubleToInt64Bits(point.Value):x16}");

    public void Checkpoint(CheckpointWritten checkpoint) => Print($"checkpoint {checkpoint.Step} {checkpoint.File}");

    public void Progress(TrainingProgress progress)
    {
        if (progress.Phase == "saving") Print($"saving {progress.Step}");
    }

    public void Message(string text) => Print($"message {text}");

    public void Samples(SampleSet samples) => Print($"samples {samples.Split} {samples.Step}");

    public void Predictions(PredictionSet predictions) =>
        Print($"predictions {predictions.Split} {predictions.Step} {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(predictions.LogProbabilities)))}");
}
