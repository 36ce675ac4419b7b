using Repro.Studies.Randomness;
using Repro.Training.Checks;
using static TorchSharp.torch;

namespace Repro.Training.Tests.Checks;

/// <summary>
/// Noisy 8 x 8 gratings of random phase in four orientations, generated from the index of an example alone. No linear function of the pixels tells the
/// orientations apart (over the phases every pixel has mean zero in each class); a small convolutional network learns to in seconds.
/// </summary>
internal sealed class GratingImages(ulong seed)
{
    public const int Size = 8;
    public const int BatchSize = 64;
    public const int HeldOutExamples = 128;
    private const int TrainingExamples = 512;
    private const double Wavelength = 4;

    public static readonly string[] Classes = ["0 degrees", "45 degrees", "90 degrees", "135 degrees"];

    /// <summary>Training labels are dealt to the images anew, once and for all: they can be learned by heart and no other way.</summary>
    public bool ShuffleLabels { get; init; }

    public long StepsPerEpoch => TrainingExamples / BatchSize;

    /// <summary>Training examples of a step: each epoch in its own order, each image inverted or not and made brighter or darker.</summary>
    public (float[] Pixels, long[] Labels) Batch(long step)
    {
        var order = new Philox(seed, RandomPurpose.Order, step / StepsPerEpoch).Permutation(TrainingExamples);
        var examples = order.AsSpan((int)(step % StepsPerEpoch) * BatchSize, BatchSize).ToArray();
        var pixels = new List<float>();
        for (var i = 0; i < examples.Length; i++) pixels.AddRange(Augment(Image(examples[i]), new Philox(seed, RandomPurpose.Augmentation, step * BatchSize + i)));
        return ([.. pixels], [.. examples.Select(TrainingLabel)]);
    }

    /// <summary>The first eight training examples as a step would augment them.</summary>
    public Tensor Augmented(long step)
    {
        var pixels = Enumerable.Range(0, 8).SelectMany(i => Augment(Image(i), new Philox(seed, RandomPurpose.Augmentation, step * BatchSize + i)));
        return Inputs([.. pixels]);
    }

    public RecipeBatch HeldOut()
    {
        var examples = Enumerable.Range(TrainingExamples, HeldOutExamples).ToArray();
        return new RecipeBatch(Inputs([.. examples.SelectMany(Image)]), tensor(examples.Select(Orientation).ToArray()));
    }

    public static Tensor Inputs(float[] pixels) => tensor(pixels).reshape(-1, 1, Size, Size);

    private long TrainingLabel(int example) => ShuffleLabels ? new Philox(seed, RandomPurpose.Checks, example).NextInt32(Classes.Length) : Orientation(example);

    private static long Orientation(int example) => example % Classes.Length;

    private static float[] Image(int example)
    {
        var numbers = new Philox(0, RandomPurpose.GeneratedData, example);
        var phase = 2 * Math.PI * numbers.NextDouble();
        var (sin, cos) = Math.SinCos(Math.PI / 4 * Orientation(example));
        var pixels = new float[Size * Size];
        for (var y = 0; y < Size; y++)
        {
            for (var x = 0; x < Size; x++)
                pixels[y * Size + x] = (float)(Math.Cos(2 * Math.PI / Wavelength * (x * cos + y * sin) + phase) + 0.3 * numbers.NextNormal());
        }
        return pixels;
    }

    private static float[] Augment(float[] pixels, Philox numbers)
    {
        var contrast = numbers.NextInt32(2) == 0 ? 1f : -1f;
        var brightness = (float)(0.2 * numbers.NextNormal());
        return [.. pixels.Select(p => contrast * p + brightness)];
    }
}
