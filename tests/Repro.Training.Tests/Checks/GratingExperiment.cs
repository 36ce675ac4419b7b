using Repro.Figures.Images;
using Repro.Training.Checks;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Tests.Checks;

/// <summary>A correct experiment on <see cref="GratingImages"/>; a test sets one property to break it.</summary>
internal sealed class GratingExperiment : Experiment
{
    /// <summary>Replaces something of the recipe.</summary>
    public Func<Recipe, Recipe> Break { get; init; } = recipe => recipe;

    /// <summary>Replaces the images.</summary>
    public Func<ulong, GratingImages> Images { get; init; } = seed => new GratingImages(seed);

    /// <summary>Changes the model of a run after it was built.</summary>
    public Action<GratingNet> BreakModel { get; init; } = _ => { };

    /// <summary>Changes the pixels of a run's batch.</summary>
    public Action<float[]> BreakPixels { get; init; } = _ => { };

    /// <summary>Replaces the seed of a run.</summary>
    public Func<ulong, ulong> BreakSeed { get; init; } = seed => seed;

    public override string Name => "gratings";

    public override string Title => "Orientations of gratings";

    public override IReadOnlyList<Profile> Profiles => [new Profile("smoke", "Seconds.", new object())];

    public override Type OptionsType => typeof(object);

    public override string MainMetric => "validation_error";

    public override IReadOnlyList<string> DataSets(object options) => [];

    public override TrainingTask CreateTask(object options, RunContext context)
    {
        var seed = BreakSeed(context.Seed);
        EngineGenerator.SeedInitialization(seed);
        return new Task(this, Images(seed));
    }

    public override Recipe CreateRecipe(object options, RunContext context)
    {
        var images = Images(context.Seed);
        return Break(new Recipe
        {
            Build = (seed, capacity) => Model(seed, new GratingNetSettings((int)(8 * capacity))),
            CapacityIs = "channels of both convolutions",
            Baseline = Linear,
            BaselineIs = "a linear classifier of the pixels",
            LossAtInit = Math.Log(4),
            LossAtInitTolerance = 0.1,
            LossAtInitBecause = "ln 4, four classes equally likely",
            Batch = step =>
            {
                var (pixels, labels) = images.Batch(step);
                return new RecipeBatch(GratingImages.Inputs(pixels), tensor(labels));
            },
            Augmented = images.Augmented,
            HeldOut = images.HeldOut,
            InputShape = [1, GratingImages.Size, GratingImages.Size],
            Classes = GratingImages.Classes,
            Pictures = inputs => GrayImages(inputs.reshape(-1, GratingImages.Size * GratingImages.Size), GratingImages.Size),
            FirstLayer = model => GrayImages(((GratingNet)model.Module).conv1.weight.reshape(-1, 9), 3),
            Steps = 40,
            OverfitSteps = 150,
        });
    }

    /// <summary>The network from a seed, with the optimizer and the loss of all tests.</summary>
    public static RecipeModel Model(ulong seed, GratingNetSettings settings)
    {
        EngineGenerator.SeedInitialization(seed);
        var net = new GratingNet(settings.Channels, settings.TrackStatistics, settings.Detached);
        return Recipe(net, net.forward, settings.LearningRate);
    }

    public static RecipeModel Linear(ulong seed) => Linear(seed, learningRate: 0.01);

    public static RecipeModel Linear(ulong seed, double learningRate)
    {
        EngineGenerator.SeedInitialization(seed);
        var linear = nn.Linear(GratingImages.Size * GratingImages.Size, GratingImages.Classes.Length);
        return Recipe(linear, inputs => linear.forward(inputs.flatten(1)), learningRate);
    }

    private static RecipeModel Recipe(nn.Module module, Func<Tensor, Tensor> outputs, double learningRate) => new(
        module, outputs, (logits, labels) => nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None),
        optim.SGD(module.parameters(), learningRate, momentum: 0.9));

    private static List<RgbImage> GrayImages(Tensor rows, int width)
    {
        var images = new List<RgbImage>();
        for (var i = 0L; i < rows.shape[0]; i++)
        {
            var values = rows[i].detach().cpu().data<float>().ToArray();
            images.Add(new RgbImage(width, values.Length / width, [.. values.SelectMany(v => Enumerable.Repeat((byte)Math.Clamp(128 + 60 * v, 0, 255), 3))]));
        }
        return images;
    }

    private sealed class Task : TrainingTask<(float[] Pixels, long[] Labels)>
    {
        private readonly GratingExperiment _experiment;
        private readonly GratingImages _images;
        private readonly GratingNet _net;
        private readonly optim.Optimizer _optimizer;

        public Task(GratingExperiment experiment, GratingImages images)
        {
            (_experiment, _images) = (experiment, images);
            _net = new GratingNet(8);
            experiment.BreakModel(_net);
            _optimizer = optim.SGD(_net.parameters(), 0.1, momentum: 0.9);
        }

        public override nn.Module Model => _net;

        public override IReadOnlyList<optim.Optimizer> Optimizers => [_optimizer];

        public override long Steps => 40;

        public override long StepsPerEpoch => _images.StepsPerEpoch;

        public override double LearningRate(long step, MetricHistory history) => 0.1;

        public override (float[] Pixels, long[] Labels) Prepare(long step, int part)
        {
            var batch = _images.Batch(step);
            _experiment.BreakPixels(batch.Pixels);
            return batch;
        }

        public override StepResult Forward((float[] Pixels, long[] Labels) batch) =>
            new(nn.functional.cross_entropy(_net.forward(GratingImages.Inputs(batch.Pixels)), tensor(batch.Labels)));

        public override Evaluation Evaluate(string split, bool keepPredictions) => throw new InvalidOperationException("No check evaluates a run.");
    }
}

/// <summary>What a test changes of the network or its training.</summary>
internal sealed record GratingNetSettings(int Channels = 8, bool TrackStatistics = true, bool Detached = false, double LearningRate = 0.1);
