using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;

namespace Repro.Experiments.Ddpm;

/// <summary>Points of a <see cref="GaussianMixture"/> as images of two channels and one pixel, x and y; all of one class.</summary>
internal sealed class MixturePoints : IImageSource
{
    private readonly float[] _points;

    private MixturePoints(GaussianMixture data, ulong seed, long first, int count)
    {
        Data = data;
        _points = new float[2 * count];
        for (var i = 0; i < count; i++) data.Draw(seed, first + i, _points.AsSpan(2 * i, 2));
    }

    public GaussianMixture Data { get; }

    public ImageShape Shape { get; } = new(2, 1, 1);

    public IReadOnlyList<string> Classes { get; } = ["point"];

    public int Count => _points.Length / 2;

    /// <summary>Points to train on.</summary>
    public static MixturePoints Train(GaussianMixture data, ulong seed, int count) => new(data, seed, 0, count);

    /// <summary>Points to choose by.</summary>
    public static MixturePoints Validation(GaussianMixture data, ulong seed, int count) => new(data, seed, 1L << 40, count);

    /// <summary>Points to judge by.</summary>
    public static MixturePoints Test(GaussianMixture data, ulong seed, int count) => new(data, seed, 1L << 41, count);

    public int Label(int example) => 0;

    public void Read(int example, Span<float> pixels) => _points.AsSpan(2 * example, 2).CopyTo(pixels);
}
