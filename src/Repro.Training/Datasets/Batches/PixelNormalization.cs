using System.Numerics;

namespace Repro.Training.Datasets.Batches;

/// <summary>
/// Turns bytes into centred floats: (byte - mean) / deviation. Means come from integer sums over the training examples alone, so they are exact
/// and the same whatever the order of the examples or the number of threads.
/// </summary>
public sealed class PixelNormalization
{
    private readonly float[] _scale;

    private PixelNormalization(ImageShape shape, float[] mean, float[] deviation)
    {
        (Shape, Mean, Deviation) = (shape, mean, deviation);
        _scale = deviation.Select(d => 1 / d).ToArray();
    }

    public ImageShape Shape { get; }

    /// <summary>What is subtracted at each place, channels first, on the scale 0 to 255.</summary>
    public float[] Mean { get; }

    /// <summary>What each channel is divided by, on the same scale.</summary>
    public float[] Deviation { get; }

    /// <summary>One that was computed before, such as from a checkpoint.</summary>
    /// <param name="mean">One a place, channels first.</param>
    /// <param name="deviation">One a channel, above zero.</param>
    public static PixelNormalization Of(ImageShape shape, float[] mean, float[] deviation) =>
        mean.Length == shape.Size && deviation.Length == shape.Channels && Array.TrueForAll(deviation, d => d > 0)
            ? new PixelNormalization(shape, mean, deviation)
            : throw new ArgumentException($"Images of {shape} need {shape.Size} means and {shape.Channels} deviations above zero; there are {mean.Length} and {deviation.Length}.", nameof(mean));

    /// <summary>
    /// He et al. 2015, section 4.2: the mean image is subtracted. The paper names no scale; all pixels are divided by one number, the standard
    /// deviation around the mean image, which a network that begins with convolution and batch normalization cancels.
    /// </summary>
    /// <param name="examples">The training examples; at least one.</param>
    public static PixelNormalization PerPixelMean(ImageSplit split, ReadOnlySpan<int> examples)
    {
        ArgumentOutOfRangeException.ThrowIfZero(examples.Length);
        var size = split.Shape.Size;
        var (sums, squares) = (new long[size], 0L);
        foreach (var example in examples)
        {
            var image = split.Image(example);
            for (var i = 0; i < size; i++)
            {
                sums[i] += image[i];
                squares += image[i] * image[i];
            }
        }
        double n = examples.Length;
        var variance = (squares - sums.Sum(sum => sum * (sum / n))) / (n * size);
        var deviation = (float)Math.Sqrt(Math.Max(variance, 0));
        return new PixelNormalization(
            split.Shape, sums.Select(sum => (float)(sum / n)).ToArray(), Enumerable.Repeat(deviation > 0 ? deviation : 1, split.Shape.Channels).ToArray());
    }

    /// <summary>The mean and the standard deviation of each channel over all places and the given examples.</summary>
    /// <param name="examples">The training examples; at least one.</param>
    public static PixelNormalization PerChannel(ImageSplit split, ReadOnlySpan<int> examples)
    {
        ArgumentOutOfRangeException.ThrowIfZero(examples.Length);
        var (shape, plane) = (split.Shape, split.Shape.Height * split.Shape.Width);
        var (sums, squares) = (new long[shape.Channels], new long[shape.Channels]);
        foreach (var example in examples)
        {
            for (var c = 0; c < shape.Channels; c++)
            {
                var (sum, square) = (0L, 0L);
                foreach (var value in split.Image(example).Slice(c * plane, plane))
                {
                    sum += value;
                    square += value * value;
                }
                sums[c] += sum;
                squares[c] += square;
            }
        }
        var n = (double)examples.Length * plane;
        var means = sums.Select(sum => sum / n).ToArray();
        var deviations = squares.Zip(means, (square, mean) => Math.Sqrt(Math.Max(square / n - mean * mean, 0))).Select(d => d > 0 ? (float)d : 1).ToArray();
        return new PixelNormalization(shape, Enumerable.Range(0, shape.Size).Select(i => (float)means[i / plane]).ToArray(), deviations);
    }

    /// <summary>The same for every pixel and every data set: a paper that names the values of black and white.</summary>
    /// <param name="mean">Subtracted, on the scale 0 to 255.</param>
    /// <param name="deviation">What is then divided by, on the same scale; above 0.</param>
    public static PixelNormalization Fixed(ImageShape shape, float mean, float deviation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(deviation);
        return new PixelNormalization(shape, Enumerable.Repeat(mean, shape.Size).ToArray(), Enumerable.Repeat(deviation, shape.Channels).ToArray());
    }

    /// <summary>Normalizes one image; both are channels first. The same bits on every machine.</summary>
    public void Apply(ReadOnlySpan<byte> image, Span<float> result)
    {
        var plane = Shape.Height * Shape.Width;
        for (var c = 0; c < Shape.Channels; c++)
            Apply(image.Slice(c * plane, plane), Mean.AsSpan(c * plane, plane), _scale[c], result.Slice(c * plane, plane));
    }

    // Not fused: a multiply-add would round differently where the hardware has none.
    private static void Apply(ReadOnlySpan<byte> image, ReadOnlySpan<float> mean, float scale, Span<float> result)
    {
        var i = 0;
        var width = Vector<float>.Count;
        for (; i <= image.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(image[i..]), out var low, out var high);
            Vector.Widen(low, out var first, out var second);
            Vector.Widen(high, out var third, out var fourth);
            Store(first, mean[i..], scale, result[i..]);
            Store(second, mean[(i + width)..], scale, result[(i + width)..]);
            Store(third, mean[(i + 2 * width)..], scale, result[(i + 2 * width)..]);
            Store(fourth, mean[(i + 3 * width)..], scale, result[(i + 3 * width)..]);
        }
        for (; i < image.Length; i++) result[i] = (image[i] - mean[i]) * scale;
    }

    private static void Store(Vector<uint> values, ReadOnlySpan<float> mean, float scale, Span<float> result) =>
        ((Vector.ConvertToSingle(Vector.AsVectorInt32(values)) - new Vector<float>(mean)) * scale).CopyTo(result);
}
