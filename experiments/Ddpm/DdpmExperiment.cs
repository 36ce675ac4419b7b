using Repro.Experiments.Images;
using Repro.Figures.Images;
using Repro.Studies;
using Repro.Studies.Sweeps;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Checks;

namespace Repro.Experiments.Ddpm;

/// <summary>
/// Ho, Jain, Abbeel 2020, "Denoising diffusion probabilistic models" (arXiv:2006.11239). The mathematics is in <see cref="GaussianDiffusion"/>, the network in <see cref="DdpmModel"/>, how it is
/// trained and measured in <see cref="DdpmTask"/>, the card in <c>papers/ddpm.md</c>.
/// </summary>
public sealed class DdpmExperiment : Experiment
{
    /// <summary>8 x 8 digits: 0.65 million parameters, and steps of the forward process that are ten times longer than the paper's, so that a tenth of them leave the same noise.</summary>
    internal static readonly DdpmOptions Digits = new()
    {
        Data = "optdigits", TrainOn = "split", Flip = false, Timesteps = 100, FirstBeta = 1e-3, LastBeta = 0.2,
        Width = 32, Multipliers = "1-2", Attention = 4, Groups = 8, Steps = 4000, BatchSize = 64, LearningRate = 1e-3, Warmup = 200, EmaDecay = 0.995, BoundTerms = 20,
    };

    /// <summary>The same digits for few steps of sampling: the process has the paper's T and betas, so that a tenth or a hundredth of its steps is what Song et al. 2020 mean by that.</summary>
    internal static readonly DdpmOptions Implicit = Digits with
    {
        Evaluate = "validation", Timesteps = 1000, FirstBeta = 1e-4, LastBeta = 0.02, SampleSteps = 10, Eta = 0, BoundTerms = 2,
    };

    public override string Name => "ddpm";

    public override string Title => "Denoising diffusion probabilistic models (Ho et al. 2020)";

    public override Type OptionsType => typeof(DdpmOptions);

    public override string MainMetric => "test_frechet_distance";

    public override IReadOnlyList<string> Metrics { get; } =
        [.. new[] { "frechet_distance", "frechet_floor", "bits_per_dim", "loss", "noise_error" }.SelectMany(quantity => new[] { $"validation_{quantity}", $"test_{quantity}" }), "train_loss"];

    public override IReadOnlyList<Profile> Profiles { get; } =
    [
        new("smoke", "A mixture of four Gaussians in the plane, whose density is known; seconds.", new DdpmOptions
        {
            Data = "generated", TrainOn = "split", Flip = false, Timesteps = 100, FirstBeta = 1e-3, LastBeta = 0.2, Width = 64, Multipliers = "1", Attention = 0,
            Steps = 2000, BatchSize = 256, LearningRate = 2e-3, Warmup = 100, EmaDecay = 0.99, Samples = 5000, BoundTerms = 0,
        }),
        new("quick", "", Digits),
        new("sweep", "", Digits with { Evaluate = "validation" }),
        new("paper", "The paper's own setting for CIFAR-10: 35.7 million parameters, 800,000 steps. Days on a GPU.", new DdpmOptions()),
        new("ddim", "What the ablation of samplers compares (Song et al. 2020): 8 x 8 digits with the paper's own 1,000 steps of noise, sampled in 10 of them without noise; validation only.", Implicit),
    ];

    public override IReadOnlyList<NamedStudy> Studies => DdpmStudies.Searches;

    public override IReadOnlyList<Ablation> Ablations => DdpmStudies.Ablations;

    public override IReadOnlyList<string> DataSets(object options) => ImageParts.DataSets(((DdpmOptions)options).Data);

    public override double? BestPossible(object options) => options is DdpmOptions { Data: "generated" } setting
        ? GeneratedPoints.ExpectedDistance(Math.Min(setting.Samples, DdpmData.HeldOutPoints), DdpmData.Points)
        : null;

    public override string? Complaint(object options) => ((DdpmOptions)options).Complaint();

    public override TrainingTask CreateTask(object options, RunContext context) =>
        new DdpmTask((DdpmOptions)options, context, DdpmData.Open((DdpmOptions)options, context));

    public override Recipe CreateRecipe(object options, RunContext context) => DdpmRecipe.Create((DdpmOptions)options, context);

    public override object? SampleOptions => new DdpmSampleOptions();

    public override SampleResult Sample(object options, RunContext context, Checkpoint trained, SampleRequest request) => request.Texts.Count > 0
        ? throw new BadInputException("These models draw from noise alone; leave --text out.")
        : DdpmSampling.Draw((DdpmOptions)options, context, trained, request.Count, (DdpmSampleOptions)request.Options);

    public override IReadOnlyList<RgbImage> ExampleImages(object options, RunContext context, string split, IReadOnlyList<int> positions) =>
        ImageParts.Pictures(((DdpmOptions)options).Data, context, split, positions);
}
