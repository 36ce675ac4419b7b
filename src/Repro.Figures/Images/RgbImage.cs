namespace Repro.Figures.Images;

/// <summary>An image in memory: 8-bit red, green, blue, row by row from the top left.</summary>
/// <param name="Pixels">Width x Height x 3 bytes.</param>
public sealed record RgbImage(int Width, int Height, byte[] Pixels)
{
    /// <summary>A black image.</summary>
    public RgbImage(int width, int height)
        : this(width, height, new byte[width * height * 3])
    {
    }
}
