using Repro.Experiments.Images;
using Repro.Figures.Images;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using static TorchSharp.torch;

namespace Repro.Experiments.Ddpm;

/// <summary>Images for a diffusion model: every pixel one of evenly spaced levels from -1 to 1 ("scaled linearly to [-1, 1]", section 3.3).</summary>
internal static class DdpmData
{
    /// <summary>Points of the generated task: to train on, and in each of the other two parts.</summary>
    public const int Points = 20_000, HeldOutPoints = 5_000;

    /// <summary>The images that the options name.</summary>
    public static ImageParts Open(DdpmOptions options, RunContext context)
    {
        if (options.Data == "generated") return Generate(options.TrainOn);
        var dataset = DatasetRegistry.Find(options.Data).LoadImages(context.Data);
        // Seed 0 and not the run's: runs that are compared on validation must be compared on the same examples.
        var split = options.TrainOn == "split" ? Division(dataset.Train.Count) : TrainValidationSplit.Whole(dataset.Train.Count);
        return new ImageParts(Source(dataset.Train), split, () => Source(dataset.Test));

        IImageSource Source(ImageSplit images)
        {
            var middle = (images.Shape.Levels - 1) / 2f;
            IImageSource source = new NormalizedImages(images, dataset.Classes, PixelNormalization.Fixed(images.Shape, middle, middle));
            return options.Shrink == 1 ? source : new ShrunkImages(source, options.Shrink);
        }
    }

    private static ImageParts Generate(string trainOn)
    {
        var split = new TrainValidationSplit(Enumerable.Range(0, Points).ToArray(), trainOn == "split" ? Enumerable.Range(0, HeldOutPoints).ToArray() : []);
        return new ImageParts(GeneratedPoints.Train(Points), split, () => GeneratedPoints.Test(HeldOutPoints), GeneratedPoints.Validation(HeldOutPoints));
    }

    /// <summary>
    /// Which training examples are held out: a third, so that a distance has enough of them, but at most 5,000. The feature classifier of a data set is trained with this division
    /// whatever <c>train_on</c> says.
    /// </summary>
    public static TrainValidationSplit Division(int count) => TrainValidationSplit.Random(count, Math.Min(count / 3, ImageParts.HeldOut), seed: 0);

    /// <summary>Values of a pixel; 0 for points, which are continuous.</summary>
    public static int Levels(string data) => data == "generated" ? 0 : DatasetRegistry.Find(data).Shape.Levels;

    /// <summary>Of one example, after shrinking.</summary>
    public static ImageShape Shape(DdpmOptions options) => options.Data == "generated" ? new ImageShape(2, 1, 1)
        : DatasetRegistry.Find(options.Data).Shape is var whole ? whole with { Height = whole.Height / options.Shrink, Width = whole.Width / options.Shrink } : default;

    /// <summary>A person's own image as the network takes it: <see cref="OwnImages.ToTensor"/>, in levels from -1 to 1; [1, channels, height, width].</summary>
    public static Tensor ToInput(RgbImage image, DdpmOptions options, Device device)
    {
        using var counts = OwnImages.ToTensor(image, Shape(options), device);
        using var scaled = counts * (2.0 / (Levels(options.Data) - 1));
        return scaled - 1;
    }

    /// <summary>Pixels along a side before shrinking.</summary>
    public static int Size(string data) => DatasetRegistry.Find(data).Shape.Height;
}

/// <summary>Images with several pixels made one, their mean, rounded to a level again so that the decoder's levels stay those of the source.</summary>
internal sealed class ShrunkImages(IImageSource source, int factor) : IImageSource
{
    public ImageShape Shape { get; } = source.Shape with { Height = source.Shape.Height / factor, Width = source.Shape.Width / factor };

    public IReadOnlyList<string> Classes => source.Classes;

    public int Count => source.Count;

    public int Label(int example) => source.Label(example);

    public void Read(int example, Span<float> pixels)
    {
        var (large, half) = (new float[source.Shape.Size], (source.Shape.Levels - 1) / 2f);
        source.Read(example, large);
        for (var at = 0; at < pixels.Length; at++)
        {
            var (plane, place) = Math.DivRem(at, Shape.Height * Shape.Width);
            var (row, column) = Math.DivRem(place, Shape.Width);
            var sum = 0f;
            for (var y = 0; y < factor; y++)
                for (var x = 0; x < factor; x++)
                    sum += large[(((plane * source.Shape.Height) + (row * factor) + y) * source.Shape.Width) + (column * factor) + x];
            pixels[at] = MathF.Round((sum / (factor * factor)) * half + half) / half - 1;
        }
    }
}
