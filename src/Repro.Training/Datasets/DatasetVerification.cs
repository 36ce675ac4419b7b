namespace Repro.Training.Datasets;

/// <summary>A data set that was read, compared with the registry.</summary>
/// <param name="Folder">Where it was read from.</param>
/// <param name="Identity">Of what was read.</param>
/// <param name="FileOrderHash">Of what was read.</param>
public sealed record DatasetVerification(
    string Name, string Folder, DataVerdict Verdict, string Identity, string FileOrderHash, IReadOnlyList<SplitVerification> Splits,
    IReadOnlyList<FileVerification> Files)
{
    /// <summary>The verdict in a sentence for people, naming the splits that differ.</summary>
    public string Sentence => Verdict switch
    {
        DataVerdict.SameData => $"{Name} in '{Folder}' is the official data in the official order.",
        DataVerdict.SameDataReordered => $"{Name} in '{Folder}' is the official data, record for record; the files differ in the order of the records or in what stands between them.",
        _ => $"{Name} in '{Folder}' is NOT the official data: the records of {string.Join(" and ", Splits.Where(split => !split.Same).Select(split => split.Name))} differ. " +
             $"Results on it do not compare with published ones; get the official files with `./repro data fetch {Name}`.",
    };

    /// <summary>Compares by the identities of the splits; the order by the checksums of the official files.</summary>
    public static DatasetVerification Of(DatasetEntry entry, Dataset dataset)
    {
        var parts = dataset.Parts;
        var splits = entry.Splits.Select(expected =>
        {
            var actual = parts.FirstOrDefault(split => split.Name == expected.Name);
            return new SplitVerification(expected.Name, expected.Records, actual?.Records ?? 0, expected.Identity, actual?.Identity ?? "", actual is not null && (expected.Identity ?? actual.Identity) == actual.Identity);
        }).ToList();
        var files = entry.Files.Select(expected =>
        {
            var actual = dataset.Files.FirstOrDefault(file => file.Name == expected.Name)?.Md5 ?? "";
            return new FileVerification(expected.Name, expected.Md5, actual, actual == expected.Md5);
        }).ToList();
        var same = splits.All(split => split.Same) && parts.Count == entry.Splits.Count && entry.Is(dataset.Identity);
        var verdict = !same ? DataVerdict.Different : files.All(file => file.Same) ? DataVerdict.SameData : DataVerdict.SameDataReordered;
        return new DatasetVerification(entry.Name, dataset.Folder, verdict, dataset.Identity, dataset.FileOrderHash, splits, files);
    }
}

public enum DataVerdict
{
    /// <summary>The official records in the official order.</summary>
    SameData,

    /// <summary>The official records, each in its split, in another order or with something else (a comment) between them.</summary>
    SameDataReordered,

    /// <summary>Not the official records.</summary>
    Different,
}

/// <param name="Expected">Identity in the registry; null where it has none.</param>
/// <param name="Actual">Identity of what was read.</param>
public sealed record SplitVerification(string Name, int ExpectedRecords, int Records, string? Expected, string Actual, bool Same);

/// <param name="Expected">MD5 of the official file.</param>
/// <param name="Actual">MD5 of what was read, after decompression.</param>
public sealed record FileVerification(string Name, string Expected, string Actual, bool Same);
