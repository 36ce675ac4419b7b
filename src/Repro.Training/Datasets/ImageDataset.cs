namespace Repro.Training.Datasets;

/// <summary>A data set of labelled 8-bit images.</summary>
/// <param name="Classes">Names of the labels 0, 1, 2 ...</param>
/// <param name="Splits">train, then test.</param>
public sealed record ImageDataset(
    string Name, string Folder, IReadOnlyList<string> Classes, IReadOnlyList<ImageSplit> Splits, IReadOnlyList<FileChecksum> Files) : Dataset(Name, Folder, Files)
{
    public ImageSplit Train => Split(Training.Splits.Train);

    public ImageSplit Test => Split(Training.Splits.Test);

    public ImageShape Shape => Splits[0].Shape;

    public override string Identity => RecordDigests.Combine("repro-data-1", Splits.Select(split => (split.Name, split.Identity)));

    public override string FileOrderHash => RecordDigests.Combine("repro-order-1", Splits.Select(split => (split.Name, split.FileOrderHash)));

    public override IReadOnlyList<RegisteredSplit> Parts => [.. Splits.Select(split => new RegisteredSplit(split.Name, split.Count, split.Identity))];

    /// <exception cref="ArgumentException">There is no such split.</exception>
    /// <exception cref="SealedTestException">It is the test split, and sealed.</exception>
    public ImageSplit Split(string name)
    {
        RequireOpen(name);
        return Splits.FirstOrDefault(split => split.Name == name)
            ?? throw new ArgumentException($"The data set '{Name}' has no split '{name}', only {string.Join(", ", Splits.Select(split => split.Name))}.", nameof(name));
    }
}
