using Repro.Experiments.Images;
using Repro.Studies.Options;

namespace Repro.Experiments.LeNet;

/// <summary>What classifies.</summary>
public enum LeNetNetwork
{
    /// <summary>LeNet-5.</summary>
    Lenet5,

    /// <summary>The paper's simplest rival (section III.C.1): each class is a weighted sum of the pixels.</summary>
    Linear,
}

/// <summary>The setting of a LeNet run. The paper's own experiment is on MNIST; here it is on Fashion-MNIST, so every default that it does not settle has no source.</summary>
public sealed record LeNetOptions
{
    [Option("Images to learn; 'generated' needs no file and has a known best possible error.", Choices = ["fashion-mnist", "generated"])]
    public string Data { get; init; } = "fashion-mnist";

    [Option("'all' trains on the whole training set, for judged numbers; 'split' holds 5,000 examples out for validation.", Choices = ["all", "split"], Source = "section III.A")]
    public string TrainOn { get; init; } = "all";

    [Option("'validation' never computes a test metric; 'test' reads test once, at the end.", Choices = ["validation", "test"], Source = "section III.B")]
    public string Evaluate { get; init; } = "test";

    [Option("What classifies.", Source = "section II.B; section III.C.1 for the linear one")]
    public LeNetNetwork Network { get; init; } = LeNetNetwork.Lenet5;

    [Option("Optimizer steps; 18,760 are 20 passes through 60,000 images.", Min = 1, Max = 100_000_000, Source = "section III.B: 20 passes")]
    public long Steps { get; init; } = 18_760;

    [Option("Images a step; the paper took one at a time.", Min = 1, Max = 65_536)]
    public int BatchSize { get; init; } = 64;

    [Option("Learning rate of SGD; falls linearly to 0. The paper scaled a rate for each weight by second derivatives.", Min = 0, Max = 100)]
    public double LearningRate { get; init; } = 0.05;

    [Option("Momentum of SGD.", Min = 0, Max = 0.9999)]
    public double Momentum { get; init; } = 0.9;

    /// <summary>What is wrong with the options together; null where nothing is.</summary>
    public string? Complaint() => ImageParts.Complaint(TrainOn, Evaluate);
}
