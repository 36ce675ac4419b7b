using Repro.Experiments.Images;
using Repro.Figures.Images;
using Repro.Studies;
using Repro.Studies.Sweeps;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Checks;
using static TorchSharp.torch;

namespace Repro.Experiments.Ddpm;

/// <summary>
/// Ho, Jain, Abbeel 2020, "Denoising diffusion probabilistic models" (arXiv:2006.11239). The mathematics is in <see cref="GaussianDiffusion"/>, the network in <see cref="DdpmModel"/>, how it is
/// trained and measured in <see cref="DdpmTask"/>, the card in <c>papers/ddpm.md</c>.
/// </summary>
public sealed class DdpmExperiment : Experiment
{
    /// <summary>
    /// 8 x 8 digits. A tenth of the paper's steps, each ten times as long, leaves the same noise at the end: steps are what sampling costs. Two levels, attention at the lower one as in the
    /// paper's net, which has it at the second of four.
    /// </summary>
    internal static readonly DdpmOptions SmallDigits = new()
    {
        Data = "optdigits", TrainOn = "split", Flip = false, Timesteps = 100, FirstBeta = 1e-3, LastBeta = 0.2,
        Width = 24, Multipliers = "1-2", Blocks = 1, Attention = 4, Groups = 8, Steps = 3000, BatchSize = 64, LearningRate = 1e-3, Warmup = 200, EmaDecay = 0.995, BoundTerms = 20,
    };

    /// <summary>The same digits for few steps of sampling: the process has the paper's T and betas, so that a tenth or a hundredth of its steps is what Song et al. 2020 mean by that. Two terms of its
    /// bound, of 1,000, make its bits a dimension no measurement: it is for distances.</summary>
    internal static readonly DdpmOptions Implicit = SmallDigits with
    {
        Evaluate = "validation", Timesteps = 1000, FirstBeta = 1e-4, LastBeta = 0.02, SampleSteps = 10, Eta = 0, BoundTerms = 2,
    };

    public override string Name => "ddpm";

    public override string Title => "Denoising diffusion probabilistic models (Ho et al. 2020)";

    public override Type OptionsType => typeof(DdpmOptions);

    public override string MainMetric => "test_frechet_distance";

    public override string Floor => "test_frechet_floor";

    public override IReadOnlyList<string> Metrics { get; } =
        [.. new[] { "frechet_distance", "frechet_floor", "bits_per_dim", "loss", "noise_error" }.SelectMany(quantity => new[] { $"validation_{quantity}", $"test_{quantity}" }), "train_loss", "train_gradient_norm"];

    public override IReadOnlyList<Profile> Profiles { get; } =
    [
        new("smoke", "A mixture of four Gaussians in the plane, whose density is known; seconds.", new DdpmOptions
        {
            Data = "generated", TrainOn = "split", Flip = false, Timesteps = 100, FirstBeta = 1e-3, LastBeta = 0.2, Width = 64, Multipliers = "1", Attention = 0,
            Steps = 2000, BatchSize = 256, LearningRate = 2e-3, Warmup = 100, EmaDecay = 0.99, Samples = 5000, BoundTerms = 0,
        }),
        new("quick",
            "8 x 8 digits with 32 channels, one residual block a level and T = 100; trains on 2,000, draws a curve with 999 others and reads test once, at the end. Five to ten minutes on two CPU " +
            "cores. Its Frechet distance is by a classifier's features and compares with no published one.",
            SmallDigits with { Width = 32, Steps = 4000 }),
        new("sweep", "A trial of a search: 8 x 8 digits with 24 channels and one block a level, 1,200 steps, T = 100; evaluated on validation, test is never computed. About a minute on two CPU cores.",
            SmallDigits with { Evaluate = "validation", Steps = 1200 }),
        new("paper", "The paper's own setting for CIFAR-10: 35.7 million parameters, 800,000 steps. Days on a GPU.", new DdpmOptions()),
        new("digits", "What the ablations compare, such as the cells of Table 2: 8 x 8 digits as in a trial of a search, but 3,000 steps; validation only. About two minutes on two CPU cores.",
            SmallDigits with { Evaluate = "validation" }),
        new("fashion", "What the ablation of Table 2's cells on harder images compares: Fashion-MNIST shrunk to 14 x 14 pixels in 256 levels, otherwise as digits, of 1,000 samples; validation only. " +
            "About ten minutes on two CPU cores, a minute on a GPU.",
            SmallDigits with { Evaluate = "validation", Data = "fashion-mnist", Shrink = 2, Attention = 7, Samples = 1000 }),
        new("ddim", "What the ablation of samplers compares (Song et al. 2020): as digits, with the paper's own 1,000 steps of noise, sampled in 10 of them with eta = 0; validation only. About two minutes on two CPU cores.",
            Implicit),
    ];

    public override IReadOnlyList<NamedStudy> Studies => DdpmStudies.Searches;

    public override IReadOnlyList<Ablation> Ablations => DdpmStudies.Ablations;

    public override IReadOnlyList<string> DataSets(object options) => ImageParts.DataSets(((DdpmOptions)options).Data);

    public override IReadOnlyDictionary<string, double> BestPossible(object options)
    {
        if (options is not DdpmOptions { Data: "generated" } setting) return base.BestPossible(options);
        // Validation and test are drawn from the same mixture.
        var best = (from bound in MixtureBound.Best(GeneratedPoints.Mixture, setting) from split in new[] { Splits.Validation, Splits.Test } select ($"{split}_{bound.Metric}", bound.Value)).ToDictionary();
        best[MainMetric] = GeneratedPoints.ExpectedDistance(Math.Min(setting.Samples, DdpmData.HeldOutPoints), DdpmData.Points);
        return best;
    }

    public override string? Complaint(object options) => ((DdpmOptions)options).Complaint();

    public override TrainingTask CreateTask(object options, RunContext context) =>
        new DdpmTask((DdpmOptions)options, context, DdpmData.Open((DdpmOptions)options, context));

    public override Recipe CreateRecipe(object options, RunContext context) => DdpmRecipe.Create((DdpmOptions)options, context);

    public override string SampleExample(object options) => "--count 64";

    public override object? SampleOptions(object options) => DdpmSampling.AsTheRun((DdpmOptions)options);

    public override SampleResult Sample(object options, RunContext context, Checkpoint trained, SampleRequest request) => request.Texts.Count > 0
        ? throw new BadInputException("These models draw from noise alone; leave --text out.")
        : DdpmSampling.Draw((DdpmOptions)options, context, trained, request);

    /// <summary>How many bits a number of each image takes, at most: the variational bound. Images unlike those learned take more.</summary>
    public override IReadOnlyList<ImagePrediction> Predict(object options, RunContext context, Checkpoint trained, IReadOnlyList<RgbImage> images)
    {
        var setting = (DdpmOptions)options;
        if (setting.Data == "generated")
            throw new BadInputException($"This run of {Name} learned points in the plane, which no image shows. Train on a data set first: ./repro run {Name} --profile quick.");
        var device = Devices.Select(context.Device);
        using var evaluating = no_grad();
        using var model = DdpmTask.Build(setting, DdpmData.Shape(setting), seed: 0, device);
        trained.LoadResult(model);
        model.eval();
        using var diffusion = DdpmTask.Diffusion(setting, device);
        EngineGenerator.SeedEvaluation(context.Seed, trained.Step);
        var predictions = new List<ImagePrediction>();
        foreach (var image in images)
        {
            using var scope = NewDisposeScope();
            var bits = (double)DdpmEvaluation.Bits(diffusion, model.call, DdpmData.ToInput(image, setting, device), terms: 0).sum();
            predictions.Add(new ImagePrediction([]) { Metrics = new Dictionary<string, double> { ["bits_per_dim"] = bits } });
        }
        return predictions;
    }

    public override IReadOnlyList<RgbImage> ExampleImages(object options, RunContext context, string split, IReadOnlyList<int> positions) =>
        ImageParts.Pictures(((DdpmOptions)options).Data, context, split, positions);
}
