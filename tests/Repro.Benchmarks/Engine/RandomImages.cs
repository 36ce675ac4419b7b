using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;

namespace Repro.Benchmarks.Engine;

/// <summary>Random bytes as images, normalized as they are read.</summary>
internal sealed class RandomImages : IImageSource
{
    public const int Examples = 10_000;
    private readonly byte[] _bytes;
    private readonly float _mean, _factor;

    /// <param name="mean">Taken from pixels of 0 to 1, which are then divided by <paramref name="deviation"/>.</param>
    public RandomImages(ImageShape shape, float mean, float deviation)
    {
        (Shape, _mean, _factor) = (shape, mean, 1 / deviation);
        _bytes = new byte[Examples * shape.Size];
        new Random(0).NextBytes(_bytes);
    }

    public ImageShape Shape { get; }

    public IReadOnlyList<string> Classes { get; } = [.. Enumerable.Range(0, 10).Select(i => $"{i}")];

    public int Count => Examples;

    public int Label(int example) => example % 10;

    public void Read(int example, Span<float> pixels)
    {
        var image = _bytes.AsSpan(example * Shape.Size, Shape.Size);
        for (var i = 0; i < pixels.Length; i++) pixels[i] = (image[i] * (1 / 255f) - _mean) * _factor;
    }
}
