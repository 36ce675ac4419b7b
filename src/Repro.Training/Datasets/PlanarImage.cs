using Repro.Figures.Images;

namespace Repro.Training.Datasets;

/// <summary>Between pictures for people (red, green, blue of each pixel together) and images for networks (one plane a channel).</summary>
public static class PlanarImage
{
    /// <summary>The bytes of a picture that has the shape's size already; one channel takes the luma of ITU-R BT.601.</summary>
    /// <exception cref="ArgumentException">Another size, or a number of channels that is neither 1 nor 3.</exception>
    public static byte[] FromRgb(RgbImage image, ImageShape shape)
    {
        if (image.Width != shape.Width || image.Height != shape.Height || shape.Channels is not (1 or 3))
            throw new ArgumentException($"A picture of {image.Width} x {image.Height} cannot be taken as {shape}; resize it first.", nameof(image));
        var (pixels, plane) = (new byte[shape.Size], shape.Height * shape.Width);
        for (var i = 0; i < plane; i++)
        {
            var rgb = image.Pixels.AsSpan(i * 3, 3);
            if (shape.Channels == 1) pixels[i] = (byte)((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
            else for (var c = 0; c < 3; c++) pixels[c * plane + i] = rgb[c];
        }
        if (shape.Levels < 256) for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)(((pixels[i] * (shape.Levels - 1)) + 127) / 255);
        return pixels;
    }

    /// <summary>A picture of planar bytes, the highest of the shape's levels full; one channel becomes grey.</summary>
    public static RgbImage ToRgb(ImageShape shape, ReadOnlySpan<byte> pixels)
    {
        var (image, plane) = (new RgbImage(shape.Width, shape.Height), shape.Height * shape.Width);
        for (var i = 0; i < plane; i++)
        {
            for (var c = 0; c < 3; c++) image.Pixels[i * 3 + c] = (byte)(pixels[Math.Min(c, shape.Channels - 1) * plane + i] * 255 / (shape.Levels - 1));
        }
        return image;
    }

    /// <summary>A picture of what a network takes: numbers from <paramref name="low"/> (black) to <paramref name="high"/> (full), beyond them cut off.</summary>
    public static RgbImage ToRgb(ImageShape shape, ReadOnlySpan<float> pixels, float low, float high)
    {
        var bytes = new byte[shape.Size];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)Math.Clamp(MathF.Round((pixels[i] - low) / (high - low) * 255), 0, 255);
        return ToRgb(shape with { Levels = 256 }, bytes);
    }
}
