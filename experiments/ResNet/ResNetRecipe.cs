using Repro.Experiments.Images;
using Repro.Training;
using Repro.Training.Checks;

namespace Repro.Experiments.ResNet;

/// <summary>What <c>repro check resnet</c> knows of the model.</summary>
internal static class ResNetRecipe
{
    /// <summary>Five thousand training examples are held out whatever <c>train_on</c> says: checks look at examples that the model has not seen, and never at test.</summary>
    public static Recipe Create(ResNetOptions options, RunContext context)
    {
        var parts = ResNetTask.Open(options with { TrainOn = "split" }, context);
        var device = Devices.Select(context.Device);
        var batches = parts.Training(options.BatchSize, context.Seed, ResNetTask.AugmentationOf(options));
        return new Recipe
        {
            Build = (seed, capacity) =>
            {
                var model = ResNetTask.Build(options, parts, Math.Max(1, (int)Math.Round(options.Width * capacity)), seed, device);
                return ImageRecipe.Classifier(model, ResNetTask.Sgd(options, model));
            },
            CapacityIs = "filters of every stage",
            Baseline = _ => ImageRecipe.Baseline(parts, device),
            BaselineIs = ImageRecipe.BaselineIs(parts),
            LossAtInit = Math.Log(parts.Classes.Count),
            LossAtInitTolerance = 0.1,
            LossAtInitBecause = $"ln {parts.Classes.Count}: the last layer begins with weights of 0.01, so all classes are about equally likely",
            Batch = ImageRecipe.Batches(batches, device),
            Augmented = ImageRecipe.Augmented(parts, ResNetTask.AugmentationOf(options), context.Seed, device),
            HeldOut = () => ImageRecipe.HeldOut(parts, device),
            InputShape = [parts.Shape.Channels, parts.Shape.Height, parts.Shape.Width],
            Classes = parts.Classes,
            Pictures = ImageRecipe.Pictures,
            FirstLayer = model => ImageRecipe.Filters(((ResNetModel)model.Module).FirstFilters),
        };
    }
}
