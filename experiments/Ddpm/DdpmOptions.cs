using Repro.Experiments.Images;
using Repro.Studies.Options;

namespace Repro.Experiments.Ddpm;

/// <summary>The setting of a DDPM run. Every default is that of Ho et al. 2020 for CIFAR-10 (appendix B, unless another place is given).</summary>
public sealed record DdpmOptions
{
    [Option("What to learn; 'generated' is a mixture of Gaussians in the plane, whose density is known, and needs no file.",
        Choices = ["cifar-10", "fashion-mnist", "optdigits", "generated"], Source = "section 4; the paper has CIFAR-10, LSUN and CelebA-HQ")]
    public string Data { get; init; } = "cifar-10";

    [Option("'all' trains on the whole training set, for judged numbers; 'split' holds some out for validation, for every choice that is made.", Choices = ["all", "split"])]
    public string TrainOn { get; init; } = "all";

    [Option("'validation' never computes a test metric; 'test' reads test once, at the end.", Choices = ["validation", "test"], Source = "section 4")]
    public string Evaluate { get; init; } = "test";

    [Option("Images are shrunk by this factor along each side, each pixel the mean of those it covers.", Choices = [1, 2, 4], Source = "the paper shrinks nothing of CIFAR-10")]
    public int Shrink { get; init; } = 1;

    [Option("What the network predicts: the posterior's mean mu~, the image x_0, or the noise epsilon.", Source = "section 3.2, Table 2")]
    public MeanKind Mean { get; init; } = MeanKind.Noise;

    [Option("The variance of the reverse process: beta~, beta, or learned number by number.", Source = "section 3.2, Table 2; the reference code's command for CIFAR-10 has beta")]
    public VarianceKind Variance { get; init; } = VarianceKind.FixedLarge;

    [Option(
        "The variational bound L, or the unweighted squared error of what is predicted: with mean=noise that is L_simple, with mean=posterior Table 2's error of mu~.",
        Source = "Eqs. (5), (14), Table 2")]
    public LossKind Loss { get; init; } = LossKind.Simple;

    [Option("Steps of the forward process, T.", Min = 2, Max = 100_000, Source = "section 4")]
    public int Timesteps { get; init; } = 1000;

    [Option("Variance that the first step adds.", Min = 1e-12, Max = 0.999, Source = "section 4")]
    public double FirstBeta { get; init; } = 1e-4;

    [Option("Variance that the last step adds; those between lie evenly.", Min = 1e-12, Max = 0.999, Source = "section 4")]
    public double LastBeta { get; init; } = 0.02;

    [Option("Channels of the first level; units of a layer where the data are points.", Min = 4, Max = 4096)]
    public int Width { get; init; } = 128;

    [Option("Channels of each level as multiples of width; each level but the first has half the size of the one before.", Choices = ["1", "1-2", "1-2-2", "1-2-2-2"])]
    public string Multipliers { get; init; } = "1-2-2-2";

    [Option("Residual blocks of a level on the way down; one more on the way up.", Min = 1, Max = 16)]
    public int Blocks { get; init; } = 2;

    [Option("Pixels along a side of the level with self-attention; 0: only the one in the middle.", Min = 0, Max = 4096)]
    public int Attention { get; init; } = 16;

    [Option("Groups of a group normalization.", Min = 1, Max = 1024, Source = "the reference code's default")]
    public int Groups { get; init; } = 32;

    [Option("Share of the activations that dropout removes.", Min = 0, Max = 0.99)]
    public double Dropout { get; init; } = 0.1;

    [Option("Optimizer steps.", Min = 1, Max = 100_000_000)]
    public long Steps { get; init; } = 800_000;

    [Option("Images a step.", Min = 1, Max = 65_536)]
    public int BatchSize { get; init; } = 128;

    [Option("Learning rate of Adam after the warm-up.", Min = 0, Max = 10)]
    public double LearningRate { get; init; } = 2e-4;

    [Option("Steps over which the rate rises from 0.", Min = 0, Max = 100_000_000, Source = "the reference code")]
    public long Warmup { get; init; } = 5000;

    [Option("Largest norm of the gradient; longer ones are scaled down.", Min = 1e-6, Max = 1e9, Source = "the reference code")]
    public double ClipNorm { get; init; } = 1;

    [Option("Decay a step of the moving average of the parameters, which is what is sampled from and evaluated.", Min = 0, Max = 0.9999999)]
    public double EmaDecay { get; init; } = 0.9999;

    [Option("Trains on images flipped left to right half of the time.")]
    public bool Flip { get; init; } = true;

    [Option(
        "Images to generate for the Frechet distance, at most as many as the evaluated split has: both sides of the floor have equally many.",
        Min = 1, Max = 1_000_000, Source = "section 4")]
    public int Samples { get; init; } = 50_000;

    [Option("Steps to sample in; 0: all T, by Algorithm 2. Fewer are taken as in Song et al. 2020 (arXiv:2010.02502).", Min = 0, Max = 100_000, Source = "Algorithm 2")]
    public int SampleSteps { get; init; }

    [Option("With sample_steps: noise of the reduced process, 0 none (DDIM) to 1.", Min = 0, Max = 1, Source = "Song et al. 2020, Eq. (16)")]
    public double Eta { get; init; } = 1;

    [Option(
        "With sample_steps: which steps are taken; 'quadratic' takes more of those near the data.",
        Choices = ["linear", "quadratic"], Source = "Song et al. 2020, appendix D.2: quadratic for CIFAR-10, linear elsewhere")]
    public string SampleSpacing { get; init; } = "linear";

    [Option(
        "Terms of the variational bound that are computed for each evaluated image: 0 all T, otherwise the first, and so many less one that are drawn and stand for the others.",
        Min = 0, Max = 100_000)]
    public int BoundTerms { get; init; }

    /// <summary>The forward process.</summary>
    public NoiseSchedule Schedule() => NoiseSchedule.Linear(Timesteps, FirstBeta, LastBeta);

    /// <summary>The steps that samples take where <see cref="SampleSteps"/> names some, ascending.</summary>
    public IReadOnlyList<int> StepsToSample() => DiffusionSampler.Spaced(Timesteps, SampleSteps, SampleSpacing == "quadratic");

    /// <summary>The multiples of the width, level by level.</summary>
    public IReadOnlyList<int> Multiples => Multipliers.Split('-').Select(int.Parse).ToArray();

    /// <summary>Numbers by which samples are compared with the training examples; a distance needs more samples than that.</summary>
    public int Features => Data == "generated" ? 2 : FeatureNetwork.FeaturesAt(DdpmData.Size(Data) / Shrink);

    /// <summary>What is wrong with the options together; null where nothing is.</summary>
    public string? Complaint() =>
        ImageParts.Complaint(TrainOn, Evaluate)
        ?? (Loss == LossKind.Simple && Variance == VarianceKind.Learned
            ? "The squared error says nothing of the variance, so nothing would learn it; set loss=bound, or variance=fixed_large."
        : Samples <= Features
            ? $"A Frechet distance by {Features} features needs more samples than that: samples={Samples} has to be at least {Features + 1}."
        : FirstBeta > LastBeta
            ? $"The variances rise from first_beta to last_beta; first_beta={FirstBeta} is above last_beta={LastBeta}."
        : Schedule().AlphaBar(Timesteps - 1) < 1e-30
            ? $"After all steps nothing is left of the data (less than 1e-30 of its variance), which no network can go back from; lower last_beta={LastBeta} or timesteps={Timesteps}."
        : SampleSteps == 0 && (Eta != 1 || SampleSpacing != "linear")
            ? $"eta and sample_spacing are about sampling in fewer steps; eta={Eta} and sample_spacing={SampleSpacing} with all of them would change nothing. Set sample_steps too."
        : Data == "generated" && (Shrink != 1 || Flip || Attention != 0)
            ? "Points in the plane have no pixels: data=generated goes with shrink=1, flip=false and attention=0, as the profile smoke has them."
        : SampleSteps > Timesteps
            ? $"There are timesteps={Timesteps} steps to sample in; sample_steps={SampleSteps} are more. 0 takes all."
        : BoundTerms is 1 || BoundTerms > Timesteps
            ? $"bound_terms is 0 for all, or 2 to timesteps={Timesteps}; it is {BoundTerms}."
        : Data != "generated" && Width % 2 != 0
            ? $"Half of the width are sines and half cosines of the timestep; width={Width} is odd."
        : Data != "generated" && Width % Groups != 0
            ? $"groups must divide the channels of every level; groups={Groups} does not divide width={Width}."
        : Data != "generated" && DdpmData.Size(Data) / Shrink % (1 << (Multiples.Count - 1)) != 0
            ? $"Images of {Data} have {DdpmData.Size(Data) / Shrink} pixels along a side at shrink={Shrink}, " +
              $"which multipliers={Multipliers} cannot halve {Multiples.Count - 1} times; set fewer levels."
        : null);
}
