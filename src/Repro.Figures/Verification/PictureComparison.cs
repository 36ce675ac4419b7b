using Repro.Figures.Images;

namespace Repro.Figures.Verification;

/// <summary>How much two pictures differ, pixel by pixel. Meaningful between pictures of one <see cref="RendererIdentity"/> only: another font moves every letter.</summary>
/// <param name="Pixels">Of the picture as it was.</param>
/// <param name="Differing">Pixels with a channel that differs by more than the level of the tolerance.</param>
/// <param name="Largest">The largest difference of any channel, 0 to 255.</param>
/// <param name="Sizes">Null where both are equally large; otherwise both sizes in words.</param>
public sealed record PictureComparison(long Pixels, long Differing, int Largest, string? Sizes)
{
    /// <summary>Of all pixels, 0 to 1.</summary>
    public double Share => Sizes is null ? (double)Differing / Pixels : 1;

    /// <summary>Compares two PNG files.</summary>
    /// <exception cref="ImageFileException">A file is missing or no picture.</exception>
    public static PictureComparison Of(string oldFile, string newFile, PictureTolerance tolerance) => Of(ImageFile.Read(oldFile), ImageFile.Read(newFile), tolerance);

    public static PictureComparison Of(RgbImage old, RgbImage @new, PictureTolerance tolerance)
    {
        var pixels = (long)old.Width * old.Height;
        if ((old.Width, old.Height) != (@new.Width, @new.Height))
            return new PictureComparison(pixels, pixels, 255, $"{old.Width} x {old.Height} pixels and {@new.Width} x {@new.Height}");
        long differing = 0;
        var largest = 0;
        for (var i = 0; i < old.Pixels.Length; i += 3)
        {
            var difference = 0;
            for (var c = 0; c < 3; c++) difference = Math.Max(difference, Math.Abs(old.Pixels[i + c] - @new.Pixels[i + c]));
            if (difference > tolerance.Level) differing++;
            largest = Math.Max(largest, difference);
        }
        return new PictureComparison(pixels, differing, largest, null);
    }

    /// <summary>Whether the two pass as the same picture.</summary>
    public bool Within(PictureTolerance tolerance) => Sizes is null && Share <= tolerance.Share;

    /// <summary>The finding in a sentence, with the tolerance it was judged by.</summary>
    public string Say(PictureTolerance tolerance) => Sizes is { } sizes
        ? $"the sizes differ: {sizes}"
        : FormattableString.Invariant(
            $"{Differing:N0} of {Pixels:N0} pixels ({Share:P3}) differ by more than {tolerance.Level} of 255, the largest by {Largest}; {(Within(tolerance) ? "within" : "beyond")} the tolerance of {tolerance.Share:P3}");
}

/// <summary>How far two pictures of the same data may be apart.</summary>
/// <param name="Level">A pixel differs where a channel differs by more than this, 0 to 255: rounding of antialiased edges stays below.</param>
/// <param name="Share">Of the pixels that may differ, 0 to 1: 0.0005 is about a letter of a figure's text.</param>
public sealed record PictureTolerance(int Level = 24, double Share = 0.0005)
{
    /// <summary>What <c>repro verify</c> holds pictures to unless told otherwise.</summary>
    public static PictureTolerance Default { get; } = new();
}
