using System.Buffers.Binary;
using Repro.Studies;

namespace Repro.Training.Datasets.Files;

/// <summary>
/// Reads Fashion-MNIST (https://github.com/zalandoresearch/fashion-mnist): 28 x 28 grey images and their labels in MNIST's IDX format, big-endian
/// headers of a magic number and the dimensions, then one byte a value.
/// </summary>
public static class FashionMnistFiles
{
    public static readonly ImageShape Shape = new(1, 28, 28);

    public static readonly IReadOnlyList<string> Classes =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    /// <summary>Official names: images and labels of train, then of test.</summary>
    public static readonly IReadOnlyList<string> Names =
        ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

    // Two zero bytes, 8 for unsigned bytes, the number of dimensions.
    private const int ImagesMagic = 0x0803;
    private const int LabelsMagic = 0x0801;

    /// <param name="train">Records of the training split; 60,000 in the official files.</param>
    /// <param name="test">Records of the test split; 10,000 in the official files.</param>
    /// <exception cref="BadInputException">A file is missing, not IDX, of other dimensions, of the wrong size, corrupt, or has a label above 9.</exception>
    public static ImageDataset Read(DatasetFolder folder, int train = 60_000, int test = 10_000)
    {
        var contents = new byte[Names.Count][];
        var checksums = new FileChecksum[Names.Count];
        ParallelLoop.ForEach(Names.Count, i =>
        {
            int[] dimensions = (i % 2 == 0, i < 2 ? train : test) switch { (true, var n) => [n, Shape.Height, Shape.Width], (false, var n) => [n] };
            (contents[i], checksums[i]) = ReadIdx(folder, Names[i], dimensions);
        });
        for (var i = 1; i < Names.Count; i += 2)
        {
            var bad = contents[i].AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)(Classes.Count - 1));
            if (bad >= 0)
                throw folder.Refuse(folder.Find(Names[i])!, $"must hold labels from 0 to {Classes.Count - 1}", $"record {bad} has {contents[i][bad]}");
        }
        return new ImageDataset(
            folder.Dataset, folder.Path, Classes,
            [ImageSplit.FromFileOrder("train", Shape, contents[1], contents[0]), ImageSplit.FromFileOrder("test", Shape, contents[3], contents[2])], checksums);
    }

    private static (byte[] Values, FileChecksum Checksum) ReadIdx(DatasetFolder folder, string name, int[] dimensions)
    {
        var header = 4 + 4 * dimensions.Length;
        var values = dimensions.Aggregate(1L, (product, d) => product * d);
        var meaning = $"a header of {header} and {string.Join(" x ", dimensions)} values";
        var (content, checksum) = folder.Read(name, header + values, meaning, header, (file, bytes) =>
        {
            var magic = BinaryPrimitives.ReadInt32BigEndian(bytes.Span);
            var expected = dimensions.Length == 3 ? ImagesMagic : LabelsMagic;
            if (magic != expected) throw folder.Refuse(file, $"must begin with IDX's magic number 0x{expected:x8}", $"it begins with 0x{magic:x8}");
            var found = Enumerable.Range(0, dimensions.Length).Select(d => BinaryPrimitives.ReadUInt32BigEndian(bytes.Span[(4 + 4 * d)..])).ToList();
            if (!found.SequenceEqual(dimensions.Select(d => (uint)d)))
                throw folder.Refuse(file, $"must have the dimensions {string.Join(" x ", dimensions)}", $"its header says {string.Join(" x ", found)}");
        });
        return (content[header..], checksum);
    }
}
