using Repro.Experiments.Images;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using Repro.Training.Datasets.Generated;

namespace Repro.Experiments.Tests;

/// <summary>Images of the generated task whose test part cannot be opened.</summary>
internal static class SealedTest
{
    public const string Seal = "The test images were opened.";

    public static ImageParts Parts(ImageShape shape, int train = 256, int heldOut = 64)
    {
        var task = new GeneratedImageTask(10, shape, 0.05);
        var split = new TrainValidationSplit(Enumerable.Range(0, train).ToArray(), Enumerable.Range(0, heldOut).ToArray());
        return new ImageParts(
            GeneratedImages.Train(task, 0, train), split, () => throw new InvalidOperationException(Seal), GeneratedImages.Validation(task, 0, heldOut));
    }
}
