using Repro.Experiments.Images;
using Repro.Studies.Options;

namespace Repro.Experiments.Airbench;

/// <summary>
/// The setting of an airbench run. Every default is that of <c>airbench94_muon.py</c> in KellerJordan/cifar10-airbench, the fastest of its
/// recipes to 94 %; the paper (arXiv:2404.00498) describes all but Muon.
/// </summary>
public sealed record AirbenchOptions
{
    [Option("Images to learn; 'generated' needs no file and has a known best possible error.",
        Choices = ["cifar-10", "fashion-mnist", "generated"], Source = "airbench94_muon")]
    public string Data { get; init; } = "cifar-10";

    [Option("'all' trains on the whole training set; 'split' holds 5,000 examples out for validation, for every choice that is made.",
        Choices = ["all", "split"], Source = "airbench94_muon")]
    public string TrainOn { get; init; } = "all";

    [Option("'validation' never computes a test metric; 'test' reads test once, at the end.", Choices = ["validation", "test"], Source = "airbench94_muon")]
    public string Evaluate { get; init; } = "test";

    [Option("Filters of the first group; the other two have four times as many.", Min = 1, Max = 1024, Source = "airbench94_muon")]
    public int Width { get; init; } = 64;

    [Option("Optimizer steps.", Min = 1, Max = 10_000_000, Source = "airbench94_muon: 8 epochs of 25 steps")]
    public long Steps { get; init; } = 200;

    [Option("Images a step.", Min = 2, Max = 65_536, Source = "airbench94_muon")]
    public int BatchSize { get; init; } = 2000;

    [Option("Learning rate of Muon, for the filters; falls linearly to 0.", Min = 0, Max = 100, Source = "airbench94_muon")]
    public double LearningRate { get; init; } = 0.24;

    [Option("Momentum of Muon.", Min = 0, Max = 0.9999, Source = "airbench94_muon")]
    public double MuonMomentum { get; init; } = 0.6;

    [Option("Newton-Schulz steps of Muon.", Min = 1, Max = 20, Source = "airbench94_muon")]
    public int NewtonSchulzSteps { get; init; } = 3;

    [Option("Learning rate of SGD for the shifts and the whitening bias, for a loss summed over the batch.", Min = 0, Max = 100, Source = "airbench94_muon")]
    public double BiasLearningRate { get; init; } = 0.053;

    [Option("Learning rate of SGD for the head, for a loss summed over the batch.", Min = 0, Max = 100, Source = "airbench94_muon")]
    public double HeadLearningRate { get; init; } = 0.67;

    [Option("Momentum of SGD (Nesterov).", Min = 0.0001, Max = 0.9999, Source = "airbench94_muon")]
    public double SgdMomentum { get; init; } = 0.85;

    [Option("Decay of SGD's parameters per example of a batch and step, whatever their learning rate.", Min = 0, Max = 1, Source = "airbench94_muon")]
    public double WeightDecay { get; init; } = 2e-6;

    [Option("Share of the steps in which the whitening bias is trained; its learning rate falls to 0 within it.", Min = 0.001, Max = 1,
        Source = "airbench94_muon: 3 of 8 epochs")]
    public double WhiteningBiasShare { get; init; } = 0.375;

    [Option("Probability that the loss spreads evenly over all classes.", Min = 0, Max = 0.99, Source = "airbench94_muon")]
    public double LabelSmoothing { get; init; } = 0.2;

    [Option("Largest shift of a training image in each direction, in pixels; what comes in is reflected.", Min = 0, Max = 8, Source = "airbench94_muon")]
    public int Translate { get; init; } = 2;

    [Option("Flips training images left to right: each begins on a random side and changes it every epoch.", Source = "airbench94_muon")]
    public bool Flip { get; init; } = true;

    [Option("Views of an image that evaluation averages: 1, 2 (mirrored too), 6 (shifted by a pixel, too).", Choices = [1, 2, 6], Source = "airbench94_muon")]
    public int Views { get; init; } = 6;

    /// <summary>What is wrong with the options together; null where nothing is.</summary>
    public string? Complaint() =>
        ImageParts.Complaint(TrainOn, Evaluate)
        ?? (Data == "generated" && (Translate > 0 || Flip)
            ? "The generated images are told apart by where their patterns begin, which shifts and flips move; set translate=0 and flip=false with data=generated."
        : null);
}
