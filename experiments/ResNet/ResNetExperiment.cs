using Repro.Experiments.Images;
using Repro.Figures.Images;
using Repro.Studies.Sweeps;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Checks;
using TorchSharp;

namespace Repro.Experiments.ResNet;

/// <summary>
/// He et al. 2015 on CIFAR-10. The model is in <see cref="ResNetModel"/>, how it is trained and evaluated in <see cref="ResNetTask"/>, the card in
/// <c>papers/resnet.md</c>. A modern fast recipe for the same data is an experiment of its own: <see cref="Airbench.AirbenchExperiment"/>.
/// </summary>
public sealed class ResNetExperiment : Experiment
{
    public override string Name => "resnet";

    public override string Title => "Deep residual learning on CIFAR-10 (He et al. 2015, section 4.2)";

    public override Type OptionsType => typeof(ResNetOptions);

    public override string MainMetric => "test_error";

    public override string LossUnit => "nats";

    public override IReadOnlyList<Profile> Profiles { get; } =
    [
        new("smoke", "8 layers, 8 filters wide, on the generated task, whose best possible error is 5 %; seconds.", new ResNetOptions
        {
            Data = "generated", TrainOn = "split", Evaluate = "test", Augment = false,
            Depth = 8, Width = 8, Steps = 300, BatchSize = 64,
        }),
        new("quick",
            "ResNet-20 on real CIFAR-10 for 2,000 steps instead of 64,000, with the schedule's shape kept; about ten minutes on two CPU cores. " +
            "Trains on 45,000 images, draws a validation curve with the other 5,000, chooses nothing by it, and reads test once, at the end. " +
            "Its error is no reproduction of Table 6: 5.7 epochs are not 164.",
            new ResNetOptions { TrainOn = "split", Evaluate = "test", Steps = 2000 }),
        new("sweep",
            "A trial of a search: 8 layers, 300 steps on real CIFAR-10, 45k/5k split, evaluated on validation; test is never computed. " +
            "About a minute on two CPU cores.",
            new ResNetOptions { TrainOn = "split", Evaluate = "validation", Depth = 8, Steps = 300 }),
        new("paper",
            "The paper's own setting for ResNet-20: 64,000 steps on all 50,000 images, the last iterate on test. Hours on a CPU, tens of minutes on a GPU.",
            new ResNetOptions()),
    ];

    public override IReadOnlyList<NamedStudy> Studies => ResNetStudies.Searches;

    public override IReadOnlyList<Ablation> Ablations => ResNetStudies.Ablations;

    public override IReadOnlyList<string> DataSets(object options) => ImageParts.DataSets(((ResNetOptions)options).Data);

    public override IReadOnlyDictionary<string, double> BestPossible(object options) => ((ResNetOptions)options).Data == "generated"
        ? ImageParts.BestPossible(ResNetTask.BayesError)
        : base.BestPossible(options);

    public override string? Complaint(object options) => ((ResNetOptions)options).Complaint();

    public override TrainingTask CreateTask(object options, RunContext context) =>
        new ResNetTask((ResNetOptions)options, context, ResNetTask.Open((ResNetOptions)options, context));

    public override Recipe CreateRecipe(object options, RunContext context) => ResNetRecipe.Create((ResNetOptions)options, context);

    public override IReadOnlyList<RgbImage> ExampleImages(object options, RunContext context, string split, IReadOnlyList<int> positions) =>
        ImageParts.Pictures(((ResNetOptions)options).Data, context, split, positions);

    public override IReadOnlyList<ImagePrediction> Predict(object options, RunContext context, Checkpoint trained, IReadOnlyList<RgbImage> images)
    {
        var setting = (ResNetOptions)options;
        if (setting.Data == "generated")
            throw OwnImages.NotFromGenerated(Name);
        return OwnImages.Predict(
            images, setting.Data, trained,
            (shape, classes, scale) => new ResNetModel(setting.BlocksPerStage, setting.Width, setting.Network, shape.Channels, classes.Count, seed: 0, scale),
            model => model.Scale, Devices.Select(context.Device));
    }
}
