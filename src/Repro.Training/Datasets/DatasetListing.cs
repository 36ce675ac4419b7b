namespace Repro.Training.Datasets;

/// <summary>A line of <c>repro data list</c>.</summary>
/// <param name="Folder">Where it was found; null where it is in no folder that is looked at.</param>
/// <param name="MissingFiles">Files that the folder lacks; empty where nothing is missing or nothing was found.</param>
/// <param name="BytesOnDisk">Of the files found.</param>
/// <param name="DownloadBytes">What fetching it would transfer.</param>
public sealed record DatasetListing(
    string Name, string What, string Licence, string Citation, string Homepage, int Records, string? Folder, IReadOnlyList<string> MissingFiles, long BytesOnDisk,
    long DownloadBytes)
{
    internal static DatasetListing Of(DatasetEntry entry, DataFolders folders)
    {
        var folder = entry.Find(folders);
        var files = entry.Files.Select(file => (file.Name, Path: folder?.Find(file.Name))).ToList();
        return new DatasetListing(
            entry.Name, entry.What, entry.Licence, entry.Citation, entry.Homepage, entry.Splits.Sum(split => split.Records), folder?.Path,
            folder is null ? [] : files.Where(file => file.Path is null).Select(file => file.Name).ToList(),
            files.Where(file => file.Path is not null).Sum(file => new FileInfo(file.Path!).Length),
            entry.Downloads.Sum(download => download.Bytes));
    }
}
