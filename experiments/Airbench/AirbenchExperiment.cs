using Repro.Experiments.Images;
using Repro.Figures.Images;
using Repro.Studies.Sweeps;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Checks;
using static TorchSharp.torch;

namespace Repro.Experiments.Airbench;

/// <summary>
/// A modern fast recipe for CIFAR-10, beside the paper's: airbench94 with Muon (Jordan 2024). Another network, another optimizer; it says nothing about the
/// claims of He et al. The card is <c>papers/airbench.md</c>.
/// </summary>
public sealed class AirbenchExperiment : Experiment
{
    /// <summary>Of the SGD that trains a model in a check; high, because the head divides its logits by its width.</summary>
    private const double CheckRate = 10;

    public override string Name => "airbench";

    public override string Title => "A fast recipe for CIFAR-10 in the spirit of airbench94 (Jordan 2024)";

    public override Type OptionsType => typeof(AirbenchOptions);

    public override string MainMetric => "test_error";

    public override string LossUnit => "nats";

    public override IReadOnlyList<Profile> Profiles { get; } =
    [
        new("smoke", "8 filters wide on the generated task, whose best possible error is 0.1 %; seconds.", new AirbenchOptions
        {
            Data = "generated", TrainOn = "split", Width = 8, Steps = 200, BatchSize = 64, Translate = 0, Flip = false, Views = 1,
        }),
        new("quick", "A quarter of the width and 2 of the 8 epochs on real CIFAR-10, 45k/5k split with a validation curve, test once at the end; minutes on two CPU cores.",
            new AirbenchOptions { TrainOn = "split", Width = 16, Steps = 176, BatchSize = 512 }),
        new("sweep", "A trial of a search: an eighth of the width, one epoch, 45k/5k split, evaluated on validation; test is never computed. Under a minute on two CPU cores.",
            new AirbenchOptions { TrainOn = "split", Evaluate = "validation", Width = 8, Steps = 87, BatchSize = 512, Views = 1 }),
        new("paper", "airbench94_muon's own setting: 8 epochs in batches of 2,000 on all 50,000 images. Meant for a GPU; more than an hour on two CPU cores.", new AirbenchOptions()),
    ];

    public override IReadOnlyList<NamedStudy> Studies => AirbenchStudies.Searches;

    public override IReadOnlyList<Ablation> Ablations => AirbenchStudies.Ablations;

    public override IReadOnlyList<string> DataSets(object options) => ImageParts.DataSets(((AirbenchOptions)options).Data);

    public override IReadOnlyDictionary<string, double> BestPossible(object options) => ((AirbenchOptions)options).Data == "generated"
        ? ImageParts.BestPossible(AirbenchTask.BayesError)
        : base.BestPossible(options);

    public override string? Complaint(object options) => ((AirbenchOptions)options).Complaint();

    public override TrainingTask CreateTask(object options, RunContext context) =>
        new AirbenchTask((AirbenchOptions)options, context, AirbenchTask.Open((AirbenchOptions)options, context));

    public override Recipe CreateRecipe(object options, RunContext context)
    {
        var setting = (AirbenchOptions)options with { TrainOn = "split" };      // checks look at unseen examples, and never at test
        var (parts, device) = (AirbenchTask.Open(setting, context), Devices.Select(context.Device));
        return new Recipe
        {
            Build = (seed, capacity) =>
            {
                var model = AirbenchTask.Build(setting, parts, Math.Max(1, (int)Math.Round(setting.Width * capacity)), seed, device);
                // A check trains with one optimizer at one rate; the pair of Muon and SGD is what the task itself trains with.
                return ImageRecipe.Classifier(model, optim.SGD(model.parameters().Where(p => p.requires_grad), CheckRate, momentum: 0.9), setting.LabelSmoothing);
            },
            CapacityIs = "filters of every group",
            Fixed = new HashSet<string> { "whiten.weight" },
            Baseline = _ => ImageRecipe.Baseline(parts, device),
            BaselineIs = ImageRecipe.BaselineIs(parts),
            LossAtInit = Math.Log(parts.Classes.Count),
            LossAtInitTolerance = 0.1,
            LossAtInitBecause = $"ln {parts.Classes.Count}: the head's logits are divided by its width",
            Batch = ImageRecipe.Batches(AirbenchTask.Batches(setting, parts, context.Seed), device),
            Augmented = ImageRecipe.Augmented(parts, AirbenchTask.AugmentationOf(setting), context.Seed, device),
            HeldOut = () => ImageRecipe.HeldOut(parts, device),
            InputShape = [parts.Shape.Channels, parts.Shape.Height, parts.Shape.Width],
            Classes = parts.Classes,
            Pictures = ImageRecipe.Pictures,
            // No prediction has a lower loss against smoothed labels than the labels' own entropy.
            OverfitLoss = SmoothedEntropy(setting.LabelSmoothing, parts.Classes.Count) + 0.05,
            FirstLayer = model => ImageRecipe.Filters(((AirbenchModel)model.Module).FirstFilters),
        };
    }

    private static double SmoothedEntropy(double smoothing, int classes)
    {
        var (others, own) = (smoothing / classes, 1 - smoothing + (smoothing / classes));
        return -(own * Math.Log(own)) - (smoothing > 0 ? (classes - 1) * others * Math.Log(others) : 0);
    }

    public override IReadOnlyList<RgbImage> ExampleImages(object options, RunContext context, string split, IReadOnlyList<int> positions) =>
        ImageParts.Pictures(((AirbenchOptions)options).Data, context, split, positions);

    public override IReadOnlyList<ImagePrediction> Predict(object options, RunContext context, Checkpoint trained, IReadOnlyList<RgbImage> images)
    {
        var setting = (AirbenchOptions)options;
        if (setting.Data == "generated")
            throw OwnImages.NotFromGenerated(Name);
        return OwnImages.Predict(
            images, setting.Data, trained, (shape, classes, scale) => new AirbenchModel(setting.Width, shape.Channels, classes.Count, seed: 0, scale),
            model => model.Scale, Devices.Select(context.Device), (model, input) => AirbenchTask.Views(model, input, setting.Views));
    }
}
