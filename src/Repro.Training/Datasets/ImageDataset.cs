namespace Repro.Training.Datasets;

/// <summary>A data set of labelled 8-bit images in memory.</summary>
/// <param name="Name">As in the registry: <c>cifar-10</c>.</param>
/// <param name="Folder">Full path it was read from.</param>
/// <param name="Classes">Names of the labels 0, 1, 2 ...</param>
/// <param name="Splits">train, then test.</param>
/// <param name="Files">What was read, in the order of reading.</param>
public sealed record ImageDataset(
    string Name, string Folder, IReadOnlyList<string> Classes, IReadOnlyList<ImageSplit> Splits, IReadOnlyList<FileChecksum> Files)
{
    public ImageSplit Train => Split("train");

    public ImageSplit Test => Split("test");

    public ImageShape Shape => Splits[0].Shape;

    /// <summary>Asking for the test split throws <see cref="SealedTestException"/>. Identity and hashes are of all records all the same.</summary>
    public bool TestIsSealed { get; init; }

    /// <summary>Names the data whatever the order of the records in the files: equal for every copy that has the same records in the same splits.</summary>
    public string Identity => RecordDigests.Combine("repro-data-1", Splits, split => split.Identity);

    /// <summary>Names the data together with the order of the records in the files.</summary>
    public string FileOrderHash => RecordDigests.Combine("repro-order-1", Splits, split => split.FileOrderHash);

    /// <exception cref="ArgumentException">There is no such split.</exception>
    /// <exception cref="SealedTestException">It is the test split, and sealed.</exception>
    public ImageSplit Split(string name) => TestIsSealed && name == Training.Splits.Test ? throw new SealedTestException($"The test images of {Name} were to be read") : Splits.FirstOrDefault(split => split.Name == name)
        ?? throw new ArgumentException($"The data set '{Name}' has no split '{name}', only {string.Join(", ", Splits.Select(split => split.Name))}.", nameof(name));
}

/// <summary>One file of a data set as it was read.</summary>
/// <param name="Name">Official name, without the extension of a compression.</param>
/// <param name="Md5">Of the content after decompression, lower-case hex: the kind of checksum that is published for these files.</param>
public sealed record FileChecksum(string Name, string Md5);
