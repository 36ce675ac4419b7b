namespace Repro.Training.Datasets.Inspection;

/// <summary>Brightness and contrast of an image.</summary>
/// <param name="Sum">Of all bytes.</param>
/// <param name="Brightness">Mean of all bytes, 0 to 255.</param>
/// <param name="Contrast">Standard deviation around the mean of each channel, so that an even colour has none, over all channels together.</param>
internal readonly record struct ImageMoments(long Sum, double Brightness, double Contrast)
{
    internal static ImageMoments Of(ImageShape shape, ReadOnlySpan<byte> image)
    {
        var (sum, variance, plane) = (0L, 0.0, shape.Height * shape.Width);
        for (var c = 0; c < shape.Channels; c++)
        {
            var (channelSum, squares) = OfChannel(image.Slice(c * plane, plane));
            var mean = (double)channelSum / plane;
            sum += channelSum;
            variance += Math.Max((double)squares / plane - mean * mean, 0) / shape.Channels;
        }
        return new ImageMoments(sum, (double)sum / image.Length, Math.Sqrt(variance));
    }

    internal static (long Sum, long Squares) OfChannel(ReadOnlySpan<byte> plane)
    {
        var (sum, squares) = (0L, 0L);
        foreach (var value in plane) (sum, squares) = (sum + value, squares + value * value);
        return (sum, squares);
    }
}
