using System.Security.Cryptography;
using Repro.Figures;
using Repro.Figures.Images;
using Repro.Studies;
using Repro.Studies.Formats;
using Repro.Studies.Randomness;
using Repro.Studies.Runs;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Checks;

namespace Repro.Cli.Tests.Fakes;

/// <summary>Stands in for the trainer and the recipe's runner: the same contract, with faults where a test wants them. Its checkpoints are real ones without parameters.</summary>
internal static class FakeTraining
{
    public static RunOutcome Run(
        Experiment experiment, object options, RunContext context, IRunSink sink, IReadOnlyList<string> resumeFrom, CancellationToken stop)
    {
        var fake = (FakeOptions)options;
        var step = resumeFrom.Count > 0 ? (int)Checkpoint.Read(resumeFrom[0]).Step : 0;
        while (step < fake.Steps)
        {
            if (step == fake.FaultAt) Act(fake.Fault, sink, stop);
            if (stop.IsCancellationRequested)
            {
                Save(context, sink, step);
                return new RunOutcome(RunState.Paused, step, new Dictionary<string, double>(), null, 0);
            }
            step++;
            var loss = fake.Fault == Fault.Diverge && step > fake.FaultAt ? double.NaN : Loss(context.Seed, step);
            sink.Metric(new MetricPoint("train_loss", step, loss, step));
            sink.Progress(new TrainingProgress("training", step, fake.Steps, step / 2.0, new Dictionary<string, double> { ["train_loss"] = loss }, 10, TimeSpan.FromSeconds(fake.Steps - step), 1 << 20));
            if (double.IsNaN(loss)) return new RunOutcome(RunState.Failed, step, new Dictionary<string, double>(), $"The loss is no number any more at step {step}; lower the learning rate.", 0) { Why = RunFailure.NotFinite };
            if (InSweep(context)) sink.Metric(new MetricPoint("validation_error", step, Error(fake, context.Seed, step), step));
            if (step % fake.CheckpointEvery == 0 || step == fake.Steps) Save(context, sink, step);
        }
        var sealedScores = new Dictionary<string, double> { ["validation_error"] = Error(fake, context.Seed, step) };
        if (context.TestIsSealed) return new RunOutcome(RunState.Completed, step, sealedScores, null, 0.25);
        sink.Predictions(new PredictionSet("test", step, [0, 1], [0, 1], ["dark", "bright"], [-0.1f, -2, -3, -0.05f]));
        sink.Samples(new SampleSet(
            "test", step,
            [new Figure("grid", "Drawn samples", new Axis(""), new Axis(""), [new ImageGrid([new RgbImage(4, 4)], [], 1)])],
            [new TextSamples("text", "Sampled text", "At temperature 1.", [new TextSample("Once", " upon a time")]), new TextSamples("pairs", "Translations", "Greedy.", [new TextSample("a dog", "ein hund", "ein Hund")])]));
        if (context.EvaluatesTest) return new RunOutcome(RunState.Completed, step, new Dictionary<string, double>(sealedScores) { ["test_error"] = 50 }, null, 0.25);
        return new RunOutcome(RunState.Completed, step, new Dictionary<string, double> { ["test_error"] = Loss(context.Seed, step), ["test_loss"] = double.PositiveInfinity }, null, 0.25);
    }

    /// <summary>One check that passes, one that fails for a negative margin of learning rate, one picture, one that cannot be asked.</summary>
    public static IReadOnlyList<CheckResult> Check(
        Experiment experiment, object options, RunContext context, IReadOnlyCollection<string>? only, Action<CheckResult> each, CancellationToken stop)
    {
        var fake = (FakeOptions)options;
        var picture = new Figure("batch", "The batch", new Axis(""), new Axis(""), [new ImageGrid([new RgbImage(8, 8)], [], 1)]);
        CheckResult[] results =
        [
            new("loss-at-init", "Is the first loss as declared?", 2.3, "2.303 +- 0.05", CheckVerdict.Passed, "It is.", []),
            new("overfit-batch", "Does one batch overfit?", fake.LearningRate, "<= 1", fake.LearningRate > 1 ? CheckVerdict.Failed : CheckVerdict.Passed, "The rate is too high.", []),
            new("augmented-batch", "What does the network see?", double.NaN, "a picture", CheckVerdict.Look, "Look at it.", [picture]),
            new("no-leak", "Is nothing leaked?", double.NaN, "0", CheckVerdict.NotApplicable, "It has no batch.", []),
        ];
        results = results.Where(r => only?.Contains(r.Name) ?? true).ToArray();
        foreach (var result in results)
        {
            stop.ThrowIfCancellationRequested();
            each(result);
        }
        return results;
    }

    /// <summary>What the loss of a step is in every attempt.</summary>
    public static double Loss(ulong seed, long step) => new Philox(seed, RandomPurpose.GeneratedData, step).NextDouble();

    /// <summary>In a sweep: percent, best at a rate of 0.1, falling with the steps, with a little of the seed in it.</summary>
    public static double Error(FakeOptions fake, ulong seed, long step) =>
        (10 * Math.Abs(Math.Log10(Math.Max(fake.LearningRate, 1e-9) / 0.1))) + (10.0 / step) + (0.001 * Loss(seed, 0));

    private static bool InSweep(RunContext context) => context.TestIsSealed || context.EvaluatesTest;

    private static void Act(Fault fault, IRunSink sink, CancellationToken stop)
    {
        switch (fault)
        {
            case Fault.Throw: throw new InvalidOperationException("something nobody thought of\nwith a second line");
            case Fault.BadInput: throw new BadInputException("The file labels.bin has 3 bytes; 4 are needed.");
            case Fault.Missing: throw new MissingComponentException("The data set cifar-10 is not here. Get it with: ./repro data fetch cifar-10");
            case Fault.Hold: stop.WaitHandle.WaitOne(); break;
            case Fault.Hang: new ManualResetEvent(false).WaitOne(); break;
            case Fault.OutOfMemory: throw new InvalidOperationException("CUDA out of memory. Tried to allocate 2.00 GiB");
            case Fault.Print:
                Console.WriteLine("printed by .NET");
                // Descriptor 1 itself, as a native library would.
                using (var native = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(1, ownsHandle: false), FileAccess.Write, 0)) native.Write("printed natively\n"u8);
                break;
            case Fault.Flood:
                for (var i = 0; i < 10_000_000; i++) sink.Metric(new MetricPoint($"flood_{i}", 1_000, 0.5, 1));
                break;
        }
    }

    private static void Save(RunContext context, IRunSink sink, int step)
    {
        using var content = new MemoryStream();
        var writer = new SafetensorsWriter(
            content,
            [
                ("loop.step", SafetensorsType.I64, []), ("history.name", SafetensorsType.I64, [0]), ("history.step", SafetensorsType.I64, [0]),
                ("history.value", SafetensorsType.F64, [0]), ("time.history", SafetensorsType.F64, [0]), ("__sha256__", SafetensorsType.U8, [32]),
            ],
            new Dictionary<string, string> { ["format"] = "repro-checkpoint", ["version"] = "1", ["seed"] = context.Seed.ToString(), ["history_names"] = "[]" });
        writer.Write(BitConverter.GetBytes((long)step));
        for (var i = 0; i < 4; i++) writer.Write([]);
        var digest = SHA256.HashData(content.ToArray());
        writer.Write(digest);
        writer.End();
        Directory.CreateDirectory(context.Folder);
        var file = Path.Combine(context.Folder, $"step-{step:000000000}.safetensors");
        File.WriteAllBytes(file, content.ToArray());
        sink.Checkpoint(new CheckpointWritten(step, file, Convert.ToHexStringLower(digest), content.Length));
    }
}
