using Repro.Figures.Images;
using Repro.Studies.Options;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Checks;

namespace Repro.Cli.Tests.Fakes;

/// <summary>What <see cref="FakeTraining"/> is to do.</summary>
public sealed record FakeOptions
{
    [Option("Optimizer steps.", Min = 1, Source = "section 4.2")]
    public int Steps { get; init; } = 6;

    [Option("Rate of the first steps.", Min = 0, Max = 10, Source = "Table 1")]
    public double LearningRate { get; init; } = 0.1;

    [Option("Steps between checkpoints.", Min = 1)]
    public int CheckpointEvery { get; init; } = 2;

    [Option("Asks for CIFAR-10, though nothing reads it.")]
    public bool NeedsData { get; init; }

    [Option("What happens at the step fault_at.")]
    public Fault Fault { get; init; }

    [Option("Steps before the fault.", Min = 0)]
    public int FaultAt { get; init; } = 3;
}

public enum Fault
{
    None,

    /// <summary>An unexpected exception.</summary>
    Throw,

    /// <summary>The loss is no number any more; the run ends as failed.</summary>
    Diverge,

    /// <summary>Input that only training finds to be wrong.</summary>
    BadInput,

    /// <summary>A data set is not there.</summary>
    Missing,

    /// <summary>Waits until it is asked to stop.</summary>
    Hold,

    /// <summary>Waits for ever, whatever it is asked.</summary>
    Hang,

    /// <summary>Prints to standard output, by .NET and around it, and trains on.</summary>
    Print,

    /// <summary>The engine has not the memory.</summary>
    OutOfMemory,

    /// <summary>Metrics without end, until the disk is full.</summary>
    Flood,
}

/// <summary>An experiment whose training is a test's: no tensors, no data, milliseconds.</summary>
public sealed class FakeExperiment(string name) : Experiment
{
    public override string Name => name;

    public override string Title => "A network that is none";

    public override IReadOnlyList<Profile> Profiles { get; } =
    [
        new("smoke", "Two steps.", new FakeOptions { Steps = 2, CheckpointEvery = 1 }),
        new("quick", "Six steps.", new FakeOptions()),
        new("paper", "A hundred steps.", new FakeOptions { Steps = 100 }),
    ];

    public override Type OptionsType => typeof(FakeOptions);

    public override string MainMetric => "test_error";

    public override IReadOnlyList<string> DataSets(object options) => options is FakeOptions { NeedsData: true } ? ["cifar-10"] : [];

    public override string? Complaint(object options) => options is FakeOptions { Steps: 13 } ? "Thirteen steps bring bad luck; take 12 or 14." : null;

    public override TrainingTask CreateTask(object options, RunContext context) => throw new InvalidOperationException("A fake experiment has no task: FakeTraining trains it.");

    public override Recipe CreateRecipe(object options, RunContext context) => throw new InvalidOperationException("A fake experiment has no recipe: FakeTraining checks it.");

    public override IReadOnlyList<ImagePrediction> Predict(object options, RunContext context, Checkpoint trained, IReadOnlyList<RgbImage> images) => images
        .Select(image => image.Pixels.Average(p => p) / 255)
        .Select(bright => new ImagePrediction(((string Class, double Probability)[])[("bright", bright), ("dark", 1 - bright)] is var c && bright < 0.5 ? [c[1], c[0]] : c))
        .ToList();
}
