using Repro.Experiments.Images;
using Repro.Figures.Images;
using Repro.Studies.Sweeps;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Checks;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using Repro.Training.Metrics;
using Repro.Training.Schedules;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.LeNet;

/// <summary>LeCun et al. 1998 on Fashion-MNIST: a transfer, since the paper's MNIST is another data set. The card is <c>papers/lenet.md</c>.</summary>
public sealed class LeNetExperiment : Experiment
{
    public override string Name => "lenet";

    public override string Title => "LeNet-5 (LeCun et al. 1998), transferred to Fashion-MNIST";

    public override Type OptionsType => typeof(LeNetOptions);

    public override string MainMetric => "test_error";

    public override string LossUnit => "nats";

    public override IReadOnlyList<Profile> Profiles { get; } =
    [
        new("smoke", "The generated task, whose best possible error is next to 0; seconds.",
            new LeNetOptions { Data = "generated", TrainOn = "split", Steps = 600, LearningRate = 0.02 }),
        new("quick", "Fashion-MNIST for 3 passes instead of 20, on 55,000 images with a validation curve on the other 5,000; test once, at the end. About a minute on two CPU cores.",
            new LeNetOptions { TrainOn = "split", Steps = 2580 }),
        new("sweep", "A trial of a search: one pass, 55k/5k split, evaluated on validation; test is never computed. Under half a minute on two CPU cores.",
            new LeNetOptions { TrainOn = "split", Evaluate = "validation", Steps = 860 }),
        new("paper", "20 passes through all 60,000 images of Fashion-MNIST, the last iterate on test; minutes on two CPU cores.", new LeNetOptions()),
    ];

    public override IReadOnlyList<NamedStudy> Studies => LeNetStudies.Searches;

    public override IReadOnlyList<Ablation> Ablations => LeNetStudies.Ablations;

    public override IReadOnlyList<string> DataSets(object options) => ImageParts.DataSets(((LeNetOptions)options).Data);

    public override IReadOnlyDictionary<string, double> BestPossible(object options) => ((LeNetOptions)options).Data == "generated"
        ? ImageParts.BestPossible(BayesError)
        : base.BestPossible(options);

    public override string? Complaint(object options) => ((LeNetOptions)options).Complaint();

    public override TrainingTask CreateTask(object options, RunContext context) => new LeNetTask((LeNetOptions)options, context, Open((LeNetOptions)options, context));

    public override Recipe CreateRecipe(object options, RunContext context)
    {
        // Checks look at examples that the model has not seen, and never at test.
        var setting = (LeNetOptions)options with { TrainOn = "split" };
        var (parts, device) = (Open(setting, context), Devices.Select(context.Device));
        return new Recipe
        {
            Build = (seed, capacity) =>
            {
                var model = Build(setting, parts.Classes.Count, seed, new InputScale(parts.Shape, parts.Normalization), capacity);
                model.to(device);
                return ImageRecipe.Classifier(model, Sgd(setting, model));
            },
            CapacityIs = "units in C5 and F6",
            Capacities = (0.02, 1),
            Baseline = _ => ImageRecipe.Baseline(parts, device),
            BaselineIs = ImageRecipe.BaselineIs(parts),
            LossAtInit = Math.Log(parts.Classes.Count),
            LossAtInitTolerance = 0.5,
            LossAtInitBecause = $"ln {parts.Classes.Count}: logits of a variance up to about 1 widen it by up to half of that",
            Batch = ImageRecipe.Batches(parts.Training(setting.BatchSize, context.Seed, Augmentation.None), device),
            HeldOut = () => ImageRecipe.HeldOut(parts, device),
            InputShape = [parts.Shape.Channels, parts.Shape.Height, parts.Shape.Width],
            Classes = parts.Classes,
            Pictures = ImageRecipe.Pictures,
            FirstLayer = model => model.Module is LeNetModel lenet ? ImageRecipe.Filters(lenet.FirstFilters) : [],
            Steps = 200,
            OverfitSteps = 400,
        };
    }

    public override IReadOnlyList<RgbImage> ExampleImages(object options, RunContext context, string split, IReadOnlyList<int> positions) =>
        ImageParts.Pictures(((LeNetOptions)options).Data, context, split, positions);

    public override IReadOnlyList<ImagePrediction> Predict(object options, RunContext context, Checkpoint trained, IReadOnlyList<RgbImage> images)
    {
        var setting = (LeNetOptions)options;
        if (setting.Data == "generated")
            throw OwnImages.NotFromGenerated(Name);
        return OwnImages.Predict(
            images, setting.Data, trained, (_, classes, scale) => Build(setting, classes.Count, seed: 0, scale),
            model => model is LeNetModel lenet ? lenet.Scale : ((LinearModel)model).Scale, Devices.Select(context.Device));
    }

    /// <summary>The error of the best classifier on the generated images, 0 to 1.</summary>
    internal const double BayesError = 1e-8;

    /// <summary>"The background level (white) corresponds to a value of -0.1 and the foreground (black) corresponds to 1.175" (section II.B).</summary>
    internal static ImageParts Open(LeNetOptions options, RunContext context) => options.Data == "generated"
        ? ImageParts.Generate(options.TrainOn, new ImageShape(1, 28, 28), BayesError, train: 4096, heldOut: 2000)
        : ImageParts.Open(options.Data, options.TrainOn, context, (train, _) => PixelNormalization.Fixed(train.Shape, mean: 20, deviation: 200));

    internal static Module<Tensor, Tensor> Build(LeNetOptions options, int classes, ulong seed, InputScale scale, double units = 1) =>
        options.Network == LeNetNetwork.Linear ? new LinearModel(28 * 28, classes, scale) : new LeNetModel(classes, seed, scale, units);

    internal static optim.Optimizer Sgd(LeNetOptions options, Module model) => optim.SGD(model.parameters(), options.LearningRate, options.Momentum);
}

/// <summary>LeNet-5 or its linear rival with data, optimizer and evaluation.</summary>
internal sealed class LeNetTask : TrainingTask<ImageBatch>
{
    private readonly LeNetOptions _options;
    private readonly ImageParts _parts;
    private readonly ImageBatches _batches;
    private readonly BatchPool _pool;
    private readonly Device _device;
    private readonly Module<Tensor, Tensor> _model;

    public LeNetTask(LeNetOptions options, RunContext context, ImageParts parts)
    {
        (_options, _parts, _device) = (options, parts, Devices.Select(context.Device));
        _batches = parts.Training(options.BatchSize, context.Seed, Augmentation.None);
        _pool = new BatchPool(_batches);
        _model = LeNetExperiment.Build(options, parts.Classes.Count, context.Seed, new InputScale(parts.Shape, parts.Normalization));
        _model.to(_device);
        Optimizers = [LeNetExperiment.Sgd(options, _model)];
    }

    public override Module Model => _model;

    public override IReadOnlyList<optim.Optimizer> Optimizers { get; }

    public override long Steps => _options.Steps;

    public override long StepsPerEpoch => _batches.StepsFor(1);

    public override long EvaluateEvery => ImageEvaluation.Every(Steps, StepsPerEpoch);

    // Departure: the paper's rates fall by a table of passes and are scaled for each weight by second derivatives (section III.B, Appendix C).
    public override double LearningRate(long step, MetricHistory history) =>
        LearningRates.WarmUpThenLinear(step, _options.Steps, warmup: 0, _options.LearningRate);

    public override IReadOnlyList<string> SplitsWhileTraining => _parts.SplitsWhileTraining(_options.Evaluate);

    public override IReadOnlyList<string> SplitsAtEnd => _parts.SplitsAtEnd(_options.Evaluate);

    public override ImageBatch Prepare(long step, int part) => _pool.Fill(step);

    // Departure: cross-entropy, where the paper has the mean squared error of distances (Eq. 8) or its MAP version (Eq. 9).
    public override StepResult Forward(ImageBatch batch)
    {
        var (images, labels) = batch.To(_device);
        var logits = _model.call(images);
        return new StepResult(functional.cross_entropy(logits, labels), ("error", Classification.ErrorPercent(logits, labels)));
    }

    public override Evaluation Evaluate(string split, bool keepPredictions) =>
        ImageEvaluation.Evaluate(_parts, split, _model.call, _device, keepPredictions);
}
