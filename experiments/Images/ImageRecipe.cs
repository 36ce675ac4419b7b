using Repro.Figures.Images;
using Repro.Training;
using Repro.Training.Checks;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Images;

/// <summary>The parts of a recipe that all image classifiers share.</summary>
internal static class ImageRecipe
{
    private const int HeldOutExamples = 256, AugmentedExamples = 16;

    private const double BaselineRate = 1e-3;

    public static string BaselineIs(ImageParts parts) =>
        $"a linear classifier of {(IsGenerated(parts) ? "each channel's mean, since on the generated task one of the pixels is the best there can be," : "the pixels,")} trained by SGD at {BaselineRate} with momentum 0.9";

    /// <summary>Softmax regression, all zeros at first: on the pixels, or on the mean of each channel where the best classifier is itself linear in the pixels.</summary>
    public static RecipeModel Baseline(ImageParts parts, Device device)
    {
        var linear = Linear(IsGenerated(parts) ? parts.Shape.Channels : parts.Shape.Size, parts.Classes.Count);
        InitialValues.Constant(linear.weight!, 0);
        InitialValues.Constant(linear.bias!, 0);
        var model = IsGenerated(parts) ? Sequential(AvgPool2d((parts.Shape.Height, parts.Shape.Width)), Flatten(), linear) : Sequential(Flatten(), linear);
        model.to(device);
        return Classifier(model, optim.SGD(model.parameters(), BaselineRate, momentum: 0.9));
    }

    private static bool IsGenerated(ImageParts parts) => parts.Normalization is null;

    /// <summary>A model whose outputs are logits and whose loss is the cross-entropy.</summary>
    public static RecipeModel Classifier(Module<Tensor, Tensor> model, optim.Optimizer optimizer, double labelSmoothing = 0)
    {
        model.train();
        return new RecipeModel(
            model, model.call, (logits, labels) => functional.cross_entropy(logits, labels, reduction: Reduction.None, label_smoothing: labelSmoothing), optimizer);
    }

    /// <summary>The training batch of a step.</summary>
    public static Func<long, RecipeBatch> Batches(ImageBatches batches, Device device)
    {
        var pool = new BatchPool(batches);
        return step => Move(pool.Fill(step), device);
    }

    /// <summary>The first training examples, always in the same order, as the epoch with the step's number augments them; null where nothing is augmented.</summary>
    public static Func<long, Tensor>? Augmented(ImageParts parts, Augmentation augmentation, ulong seed, Device device)
    {
        if (augmentation == Augmentation.None) return null;
        var (shape, examples) = (parts.Shape, parts.Split.Train.Take(AugmentedExamples).ToArray());
        // Batches of all of them: one a step, so each step is an epoch of its own.
        var batches = ImageBatches.Shuffled(parts.TrainingSource, examples, examples.Length, seed, augmentation);
        return step =>
        {
            var (shuffled, ordered) = (new float[examples.Length * shape.Size], new float[examples.Length * shape.Size]);
            batches.Fill(step, shuffled, new long[examples.Length]);
            foreach (var (place, example) in batches.Examples(step).Index())
                shuffled.AsSpan(place * shape.Size, shape.Size).CopyTo(ordered.AsSpan(Array.IndexOf(examples, example) * shape.Size));
            return tensor(ordered, [examples.Length, shape.Channels, shape.Height, shape.Width], device: device);
        };
    }

    /// <summary>The first validation examples.</summary>
    public static RecipeBatch HeldOut(ImageParts parts, Device device)
    {
        var (source, examples) = parts.Evaluated(Splits.Validation);
        var count = Math.Min(HeldOutExamples, examples.Length);
        return Move(new BatchPool(ImageBatches.InOrder(source, examples[..count], count)).Fill(0), device);
    }

    /// <summary>Inputs as pictures: zero becomes middle grey, and the number furthest from zero in the whole batch becomes black or white.</summary>
    /// <param name="images">[N, channels, height, width], with one channel or three.</param>
    public static IReadOnlyList<RgbImage> Pictures(Tensor images)
    {
        var values = images.cpu().data<float>().ToArray();
        var reach = Math.Max(values.Max(Math.Abs), 1e-12f);
        return Draw(values, images.shape, _ => reach);
    }

    /// <summary>Filters as pictures: zero becomes middle grey, and the number furthest from zero in each filter becomes black or white.</summary>
    /// <param name="filters">[filters, channels, height, width], with one channel or three.</param>
    public static IReadOnlyList<RgbImage> Filters(Parameter filters)
    {
        using var detached = filters.detach().cpu();
        var values = detached.data<float>().ToArray();
        var size = (int)(filters.numel() / filters.shape[0]);
        return Draw(values, filters.shape, i => Math.Max(values.Skip(i * size).Take(size).Max(Math.Abs), 1e-12f));
    }

    private static List<RgbImage> Draw(float[] values, long[] shape, Func<int, float> reach)
    {
        var (count, channels, plane) = ((int)shape[0], (int)shape[1], (int)(shape[2] * shape[3]));
        var pictures = new List<RgbImage>(count);
        for (var i = 0; i < count; i++)
        {
            var (picture, largest) = (new RgbImage((int)shape[3], (int)shape[2]), reach(i));
            for (var at = 0; at < plane * 3; at++)
            {
                var value = values[(((i * channels) + Math.Min(at % 3, channels - 1)) * plane) + (at / 3)];
                picture.Pixels[at] = (byte)Math.Round(127.5 * (1 + Math.Clamp(value / largest, -1, 1)));
            }
            pictures.Add(picture);
        }
        return pictures;
    }

    private static RecipeBatch Move(ImageBatch batch, Device device)
    {
        using (batch)
        {
            var (images, labels) = batch.To(device);
            return new RecipeBatch(images, labels);
        }
    }
}
