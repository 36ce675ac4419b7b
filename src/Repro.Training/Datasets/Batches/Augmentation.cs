using Repro.Studies.Randomness;

namespace Repro.Training.Datasets.Batches;

/// <summary>
/// Random changes of training images that leave their class alone: the image is padded on each side, a window of its own size is cut out at a
/// random place, and the window may be mirrored left to right. What happens to an example is a pure function of (seed, epoch, example).
/// </summary>
/// <param name="Padding">Pixels added on each side; 0 leaves the window where it is. Below the image's height and width.</param>
public sealed record Augmentation(int Padding, PaddingKind Kind, FlipKind Flip)
{
    /// <summary>Nothing is changed.</summary>
    public static readonly Augmentation None = new(0, PaddingKind.Zero, FlipKind.Never);

    /// <summary>He et al. 2015, section 4.2: 4 pixels padded on each side, a random crop of the image's size, a horizontal flip half the time.</summary>
    public static readonly Augmentation PadCropFlip = new(4, PaddingKind.Zero, FlipKind.Random);

    /// <summary>The airbench recipe (Jordan 2024, arXiv 2404.00498): translation by up to 2 pixels with reflection, alternating flip.</summary>
    public static readonly Augmentation TranslateAlternatingFlip = new(2, PaddingKind.Reflect, FlipKind.Alternating);

    /// <summary>What happens to an example in an epoch.</summary>
    /// <param name="epoch">From 0, below 2^31 - 1.</param>
    /// <param name="example">The example's number in its split.</param>
    public AugmentationDraw Draw(ulong seed, long epoch, int example)
    {
        if (this == None) return default;
        // Sequence 0 of an example belongs to no epoch: there lies the side on which alternation starts.
        var random = new Philox(seed, RandomPurpose.Augmentation, ((epoch + 1) << 32) | (uint)example);
        var down = random.NextInt32(2 * Padding + 1) - Padding;
        var right = random.NextInt32(2 * Padding + 1) - Padding;
        var flip = Flip switch
        {
            FlipKind.Random => random.NextInt32(2) == 1,
            FlipKind.Alternating => (new Philox(seed, RandomPurpose.Augmentation, (uint)example).NextInt32(2) + epoch) % 2 == 1,
            _ => false,
        };
        return new AugmentationDraw(down, right, flip);
    }

    /// <summary>Carries out what was drawn. Both images are normalized floats, channels first; they must not overlap.</summary>
    public void Apply(AugmentationDraw draw, ImageShape shape, ReadOnlySpan<float> image, Span<float> result)
    {
        var width = shape.Width;
        for (var c = 0; c < shape.Channels; c++)
        {
            for (var y = 0; y < shape.Height; y++)
            {
                var row = result.Slice((c * shape.Height + y) * width, width);
                var from = y + draw.Down;
                if (Kind == PaddingKind.Reflect) from = Reflect(from, shape.Height);
                if (from < 0 || from >= shape.Height) row.Clear();
                else CutRow(image.Slice((c * shape.Height + from) * width, width), draw.Right, row);
                if (draw.Flip) row.Reverse();
            }
        }
    }

    private void CutRow(ReadOnlySpan<float> source, int right, Span<float> row)
    {
        // Places [first, last) of the new row lie inside the image.
        var (first, last) = (Math.Max(0, -right), Math.Min(row.Length, row.Length - right));
        source[(first + right)..(last + right)].CopyTo(row[first..last]);
        if (Kind == PaddingKind.Zero)
        {
            row[..first].Clear();
            row[last..].Clear();
            return;
        }
        for (var x = 0; x < first; x++) row[x] = source[Reflect(x + right, source.Length)];
        for (var x = last; x < row.Length; x++) row[x] = source[Reflect(x + right, source.Length)];
    }

    // The mirror stands on the outermost pixel, which is not doubled: -1 is 1, and length is length - 2.
    private static int Reflect(int at, int length) => at < 0 ? -at : at >= length ? 2 * (length - 1) - at : at;
}

/// <summary>What lies in the padding.</summary>
public enum PaddingKind
{
    /// <summary>Zero after normalization, which is the training set's mean: the mean is subtracted before the padding is added.</summary>
    Zero,

    /// <summary>The image mirrored at its edge pixels.</summary>
    Reflect,
}

/// <summary>When an image is mirrored left to right.</summary>
public enum FlipKind
{
    Never,

    /// <summary>With probability one half, anew in each epoch.</summary>
    Random,

    /// <summary>
    /// Every second epoch; on which side an example starts is drawn once. So each two epochs in a row show both sides of every example, where
    /// random flips show one side twice half the time.
    /// </summary>
    Alternating,
}

/// <summary>What was drawn for one example.</summary>
/// <param name="Down">The window's shift downward in the image, in pixels; negative is upward.</param>
/// <param name="Right">The window's shift to the right.</param>
public readonly record struct AugmentationDraw(int Down, int Right, bool Flip);
