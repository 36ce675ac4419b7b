using Repro.Figures.Images;

namespace Repro.Training.Datasets;

/// <summary>
/// One split of a data set. Its examples stand in canonical order: sorted by the SHA-256 of their content, so that an example's number means
/// the same image whatever the order in the files, and everything chosen by number (a validation part, the example of a report) stays the same.
/// </summary>
/// <remarks>Records that are equal byte for byte stand side by side; which of them comes first makes no difference to anything.</remarks>
public sealed class ImageSplit
{
    private readonly byte[] _digests;

    private ImageSplit(string name, ImageShape shape, byte[] labels, byte[] pixels, byte[] digests, int[] filePositions, string fileOrderHash)
    {
        (Name, Shape, Labels, Pixels, _digests, FilePositions, FileOrderHash) = (name, shape, labels, pixels, digests, filePositions, fileOrderHash);
        Identity = RecordDigests.OfSplit("repro-split-1", name, shape, labels.Length, digests);
    }

    /// <summary>train or test.</summary>
    public string Name { get; }

    public ImageShape Shape { get; }

    public int Count => Labels.Length;

    /// <summary>The class of each example.</summary>
    public byte[] Labels { get; }

    /// <summary>Count x channels x height x width, 0 to 255: one image after the other, each channel a plane.</summary>
    public byte[] Pixels { get; }

    /// <summary>Where each example stood in the files, counted from 0 through all files of the split.</summary>
    public int[] FilePositions { get; }

    /// <summary>SHA-256, lower-case hex, of the split's name, shape and sorted record digests: the same for every order of the same records.</summary>
    public string Identity { get; }

    /// <summary>The same over the digests in the order of the files.</summary>
    public string FileOrderHash { get; }

    /// <param name="labels">One a record, in the order of the files.</param>
    /// <param name="pixels">The images in the same order, planar.</param>
    public static ImageSplit FromFileOrder(string name, ImageShape shape, byte[] labels, byte[] pixels)
    {
        if (pixels.Length != (long)labels.Length * shape.Size)
            throw new ArgumentException($"{labels.Length:N0} images of {shape} need {(long)labels.Length * shape.Size:N0} bytes; there are {pixels.Length:N0}.", nameof(pixels));
        var digests = RecordDigests.Of(shape.Size, labels, pixels);
        var order = RecordDigests.SortedOrder(digests);

        var (sortedLabels, sortedPixels, sortedDigests) = (new byte[labels.Length], new byte[pixels.Length], new byte[digests.Length]);
        ParallelLoop.For(labels.Length, to =>
        {
            var source = order[to];
            sortedLabels[to] = labels[source];
            pixels.AsSpan(source * shape.Size, shape.Size).CopyTo(sortedPixels.AsSpan(to * shape.Size));
            digests.AsSpan(source * RecordDigests.Length, RecordDigests.Length).CopyTo(sortedDigests.AsSpan(to * RecordDigests.Length));
        });
        var fileOrder = RecordDigests.OfSplit("repro-split-order-1", name, shape, labels.Length, digests);
        return new ImageSplit(name, shape, sortedLabels, sortedPixels, sortedDigests, order, fileOrder);
    }

    /// <summary>Pixels of one example, planar.</summary>
    public ReadOnlySpan<byte> Image(int example) => Pixels.AsSpan(example * Shape.Size, Shape.Size);

    /// <summary>SHA-256 of the example's label (one byte) and pixels: 32 bytes.</summary>
    public ReadOnlySpan<byte> Digest(int example) => _digests.AsSpan(example * RecordDigests.Length, RecordDigests.Length);

    /// <summary>One example for people's eyes; one channel becomes grey.</summary>
    public RgbImage ToRgb(int example) => PlanarImage.ToRgb(Shape, Image(example));
}
