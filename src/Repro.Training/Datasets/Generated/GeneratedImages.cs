using Repro.Training.Datasets.Batches;

namespace Repro.Training.Datasets.Generated;

/// <summary>A split of a generated task, held in memory. Splits of one seed have no image in common.</summary>
public sealed class GeneratedImages : IImageSource
{
    private readonly float[] _pixels;
    private readonly int[] _labels;

    private GeneratedImages(GeneratedImageTask task, ulong seed, long firstIndex, int count)
    {
        Task = task;
        _labels = new int[count];
        _pixels = new float[checked(count * task.Shape.Size)];
        ParallelLoop.For(count, i => _labels[i] = task.Draw(seed, firstIndex + i, _pixels.AsSpan(i * task.Shape.Size, task.Shape.Size)));
    }

    public GeneratedImageTask Task { get; }

    public ImageShape Shape => Task.Shape;

    public IReadOnlyList<string> Classes => Task.Classes;

    public int Count => _labels.Length;

    /// <summary>Images to train on.</summary>
    public static GeneratedImages Train(GeneratedImageTask task, ulong seed, int count) => new(task, seed, 0, count);

    /// <summary>Images to choose by.</summary>
    public static GeneratedImages Validation(GeneratedImageTask task, ulong seed, int count) => new(task, seed, 1L << 40, count);

    /// <summary>Images to judge by.</summary>
    public static GeneratedImages Test(GeneratedImageTask task, ulong seed, int count) => new(task, seed, 1L << 41, count);

    public int Label(int example) => _labels[example];

    public void Read(int example, Span<float> pixels) => Pixels(example).CopyTo(pixels);

    /// <summary>The error of the best classifier on these very images, 0 to 1: scatters around <see cref="GeneratedImageTask.BayesError"/>.</summary>
    public double ErrorOfBestClassifier() => (double)Enumerable.Range(0, Count).Count(i => Task.Classify(Pixels(i)) != _labels[i]) / Count;

    private ReadOnlySpan<float> Pixels(int example) => _pixels.AsSpan(example * Shape.Size, Shape.Size);
}
