using Repro.Experiments.Images;
using Repro.Studies.Options;

namespace Repro.Experiments.ResNet;

/// <summary>The setting of a ResNet run. Every default is the paper's (He et al. 2015, section 4.2, unless another place is given).</summary>
public sealed record ResNetOptions
{
    [Option("Images to learn; 'generated' needs no file and has a known best possible error.",
        Choices = ["cifar-10", "fashion-mnist", "generated"], Source = "section 4.2")]
    public string Data { get; init; } = "cifar-10";

    [Option("'all' trains on the whole training set, for judged numbers; 'split' holds 5,000 examples out for validation, for every choice that is made.",
        Choices = ["all", "split"], Source = "section 4.2: the schedule was chosen on a 45k/5k split, Table 6 trains on all 50k")]
    public string TrainOn { get; init; } = "all";

    [Option("'validation' never computes a test metric; 'test' reads test once, at the end; 'test_curve' also after every epoch, as Fig. 6 shows it, never for a choice.",
        Choices = ["validation", "test", "test_curve"], Source = "Table 6")]
    public string Evaluate { get; init; } = "test";

    [Option("Weighted layers, 6n+2.", Choices = [8, 14, 20, 32, 44, 56, 110], Source = "section 4.2; 8 and 14 are smaller than any there")]
    public int Depth { get; init; } = 20;

    [Option("With shortcuts, or the plain twin without.", Source = "section 4.2, Fig. 6")]
    public ResNetKind Network { get; init; } = ResNetKind.Residual;

    [Option("Filters of the first stage; the others have twice and four times as many.", Min = 1, Max = 1024, Source = "section 4.2")]
    public int Width { get; init; } = 16;

    [Option("Optimizer steps.", Min = 1, Max = 100_000_000, Source = "section 4.2: 64k iterations")]
    public long Steps { get; init; } = 64_000;

    [Option("Images a step.", Min = 2, Max = 65_536, Source = "section 4.2; over two GPUs there")]
    public int BatchSize { get; init; } = 128;

    [Option("Learning rate before the first drop.", Min = 0, Max = 100, Source = "section 4.2")]
    public double LearningRate { get; init; } = 0.1;

    [Option("Share of the steps after which the learning rate is first divided by 10.", Min = 0, Max = 1, Source = "section 4.2: 32k of 64k")]
    public double FirstDrop { get; init; } = 0.5;

    [Option("Share of the steps after which it is divided by 10 again.", Min = 0, Max = 1, Source = "section 4.2: 48k of 64k")]
    public double SecondDrop { get; init; } = 0.75;

    [Option("Begins with a tenth of the learning rate until the training error is below 80 %: 'deep' does so from 110 layers on.",
        Choices = ["deep", "always", "never"], Source = "section 4.2, for n = 18")]
    public string WarmUp { get; init; } = "deep";

    [Option("Momentum of SGD.", Min = 0, Max = 0.9999, Source = "section 4.2")]
    public double Momentum { get; init; } = 0.9;

    [Option("L2 penalty on every parameter, batch normalization's included.", Min = 0, Max = 1, Source = "section 4.2")]
    public double WeightDecay { get; init; } = 1e-4;

    [Option("Trains on 32 x 32 crops of the images padded by 4, flipped left to right half of the time.", Source = "section 4.2")]
    public bool Augment { get; init; } = true;

    /// <summary>Blocks a stage; <see cref="Depth"/> is 6n+2.</summary>
    public int BlocksPerStage => (Depth - 2) / 6;

    /// <summary>What is wrong with the options together; null where nothing is.</summary>
    public string? Complaint() =>
        ImageParts.Complaint(TrainOn, Evaluate)
        ?? (Data == "generated" && Augment
            ? "The generated images are told apart by where their patterns begin, which crops and flips move; set augment=false with data=generated."
        : FirstDrop > SecondDrop
            ? $"The learning rate drops first at first_drop, then at second_drop; first_drop={FirstDrop} is after second_drop={SecondDrop}."
        : null);
}
