using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using Repro.Training.Metrics;

namespace Repro.Experiments.Ddpm;

/// <summary>Points of <see cref="GaussianMixture.FourBumps"/> as images of two channels and one pixel. Parts have no point in common; all have one class.</summary>
internal sealed class GeneratedPoints : IImageSource
{
    private readonly float[] _points;

    private GeneratedPoints(long firstIndex, int count)
    {
        _points = new float[2 * count];
        for (var i = 0; i < count; i++) Mixture.Draw(seed: 0, firstIndex + i, _points.AsSpan(2 * i, 2));
    }

    public static GaussianMixture Mixture => GaussianMixture.FourBumps;

    public ImageShape Shape { get; } = new(2, 1, 1);

    public IReadOnlyList<string> Classes { get; } = ["point"];

    public int Count => _points.Length / 2;

    public static GeneratedPoints Train(int count) => new(0, count);

    public static GeneratedPoints Validation(int count) => new(1L << 40, count);

    public static GeneratedPoints Test(int count) => new(1L << 41, count);

    public int Label(int example) => 0;

    public void Read(int example, Span<float> pixels) => _points.AsSpan(2 * example, 2).CopyTo(pixels);

    /// <summary>Their moments; a point's features are its coordinates.</summary>
    public FeatureMoments Moments(int count) => FeatureMoments.Of(Array.ConvertAll(_points[..(2 * count)], value => (double)value), 2);

    /// <summary>
    /// The Frechet distance that <paramref name="count"/> points of a perfect model have from <paramref name="train"/> ones to learn from, in the mean over 50 sets of them; not 0,
    /// because both are samples.
    /// </summary>
    public static double ExpectedDistance(int count, int train)
    {
        const int Sets = 50;
        var learned = Train(train).Moments(train);
        return Enumerable.Range(1, Sets).Average(set => FrechetDistance.Between(new GeneratedPoints((1L << 42) + ((long)set * count), count).Moments(count), learned));
    }
}
