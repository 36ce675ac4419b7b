namespace Repro.Figures.Images;

/// <summary>Lays many images out in rows and columns of one.</summary>
public static class ContactSheet
{
    /// <summary>Row by row from the top left. Images smaller than the largest stand at the top left of their cell; cells left over stay background.</summary>
    /// <param name="columns">Images a row, at least 1; with fewer images the sheet is narrower.</param>
    /// <param name="scale">Each pixel becomes a block of this many by this many, so that small images can be seen pixel by pixel.</param>
    /// <param name="gap">Pixels of the sheet between neighbours and around the edge.</param>
    /// <param name="background">Grey level of the gaps, 0 black to 255 white.</param>
    /// <exception cref="ArgumentOutOfRangeException">No images, or a number out of range.</exception>
    public static RgbImage Arrange(IReadOnlyList<RgbImage> images, int columns, int scale = 1, int gap = 2, byte background = 255)
    {
        ArgumentOutOfRangeException.ThrowIfZero(images.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(gap);
        columns = Math.Min(columns, images.Count);
        var rows = (images.Count + columns - 1) / columns;
        var cellWidth = images.Max(image => image.Width) * scale + gap;
        var cellHeight = images.Max(image => image.Height) * scale + gap;
        var sheet = new RgbImage(checked(columns * cellWidth + gap), checked(rows * cellHeight + gap));
        Array.Fill(sheet.Pixels, background);
        for (var i = 0; i < images.Count; i++)
            Draw(images[i], sheet, gap + i % columns * cellWidth, gap + i / columns * cellHeight, scale);
        return sheet;
    }

    private static void Draw(RgbImage image, RgbImage sheet, int left, int top, int scale)
    {
        var row = new byte[image.Width * scale * 3];
        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width * scale; x++)
                image.Pixels.AsSpan((y * image.Width + x / scale) * 3, 3).CopyTo(row.AsSpan(x * 3));
            for (var copy = 0; copy < scale; copy++)
                row.CopyTo(sheet.Pixels.AsSpan(((top + y * scale + copy) * sheet.Width + left) * 3));
        }
    }
}
