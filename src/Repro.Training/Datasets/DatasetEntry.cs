using Repro.Studies;
using Repro.Training.Datasets.Files;
using Repro.Training.Datasets.Inspection;

namespace Repro.Training.Datasets;

/// <summary>What the registry knows of one data set.</summary>
public sealed record DatasetEntry
{
    /// <summary>The word on the command line: <c>cifar-10</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in one line.</summary>
    public required string What { get; init; }

    /// <summary>Under which terms it may be used, as its authors state them.</summary>
    public required string Licence { get; init; }

    /// <summary>What to cite.</summary>
    public required string Citation { get; init; }

    /// <summary>Where its authors describe it.</summary>
    public required string Homepage { get; init; }

    /// <summary>Of its images; meaningless where it holds none.</summary>
    public ImageShape Shape { get; init; }

    /// <summary>Of its images; empty where it holds none.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Names under which the data set's folder is looked for in a data folder; the first is the one that fetching makes.</summary>
    public required IReadOnlyList<string> Folders { get; init; }

    /// <summary>Folders of other versions that are easily taken for this one, each with what it is.</summary>
    public IReadOnlyDictionary<string, string> OtherVersions { get; init; } = new Dictionary<string, string>();

    /// <summary>The files that must be in the folder, plain, .gz or .br; names without the extension of a compression.</summary>
    /// <remarks>The checksums are of the official files: equal ones mean the official order of the records.</remarks>
    public required IReadOnlyList<FileChecksum> Files { get; init; }

    public required IReadOnlyList<DatasetDownload> Downloads { get; init; }

    public required IReadOnlyList<RegisteredSplit> Splits { get; init; }

    /// <summary>Identity of the whole; see <see cref="Dataset.Identity"/>. Null where nobody has computed it: then only files of the published checksums are read.</summary>
    public required string? Identity { get; init; }

    /// <summary>When two of its images count as nearly equal; null where it holds none.</summary>
    public NearDuplicateRule? NearDuplicates { get; init; }

    /// <summary>Reads a folder that has the files.</summary>
    public required Func<DatasetFolder, Dataset> Reader { get; init; }

    /// <summary>
    /// The first folder that holds at least one of the files: <c>candidate/name</c> for each of <see cref="Folders"/>, or the candidate itself, so
    /// that <c>--data-dir</c> may name the data set's own folder. Null where there is none.
    /// </summary>
    public DatasetFolder? Find(DataFolders folders) => folders.Candidates
        .SelectMany(candidate => Folders.Select(name => Path.Combine(candidate, name)).Append(candidate))
        .Select(path => new DatasetFolder(Name, path))
        .FirstOrDefault(folder => Files.Any(file => folder.Find(file.Name) is not null));

    /// <summary>The folder that <see cref="Find"/> gives; nothing in it is read.</summary>
    /// <exception cref="MissingComponentException">It is in none of the folders.</exception>
    public DatasetFolder Require(DataFolders folders) => Find(folders) ?? throw Missing(folders);

    /// <exception cref="MissingComponentException">It is in none of the folders.</exception>
    /// <exception cref="BadInputException">It is there, but a file is missing, short, corrupt or foreign.</exception>
    public Dataset Load(DataFolders folders)
    {
        var dataset = Reader(Require(folders));
        folders.Loaded?.Invoke(dataset);
        return dataset with { TestIsSealed = folders.TestIsSealed };
    }

    /// <inheritdoc cref="Load"/>
    /// <exception cref="BadInputException">It holds no images, too.</exception>
    public ImageDataset LoadImages(DataFolders folders) => Load<ImageDataset>(folders, "images");

    /// <inheritdoc cref="Load"/>
    /// <exception cref="BadInputException">It holds no texts, too.</exception>
    public TextDataset LoadTexts(DataFolders folders) => Load<TextDataset>(folders, "texts");

    /// <inheritdoc cref="Load"/>
    /// <exception cref="BadInputException">It holds no series, too.</exception>
    public SeriesDataset LoadSeries(DataFolders folders) => Load<SeriesDataset>(folders, "series");

    /// <summary>Whether records of that identity are the official ones, as far as it is known.</summary>
    public bool Is(string identity) => Identity is null || Identity == identity;

    private T Load<T>(DataFolders folders, string wanted)
        where T : Dataset => Load(folders) as T ?? throw new BadInputException($"The data set {Name} holds no {wanted}: {What}.");

    private MissingComponentException Missing(DataFolders folders)
    {
        var lookedAt = string.Join(", ", folders.Candidates.Select(candidate => $"'{Path.Combine(candidate, Folders[0])}'"));
        var mistaken = folders.Candidates
            .SelectMany(candidate => OtherVersions.Select(other => (Path: Path.Combine(candidate, other.Key), What: other.Value)))
            .Where(other => Directory.Exists(other.Path))
            .Select(other => $" '{other.Path}' is {other.What}, which is not read here.");
        return new MissingComponentException(
            $"The data set {Name} is not on this machine; looked at {lookedAt}.{string.Concat(mistaken)} " +
            $"Get it with `./repro data fetch {Name}`, or name the folder that holds {Folders[0]} with --data-dir (or in REPRO_DATA).");
    }
}

/// <summary>A split as the registry knows it.</summary>
/// <param name="Records">Images, lines of the split's first text, or rows of a series.</param>
/// <param name="Identity">See <see cref="ImageSplit.Identity"/>, <see cref="TextSplit.Identity"/> and <see cref="SeriesTable.Identity"/>; null where that of the whole is.</param>
public sealed record RegisteredSplit(string Name, int Records, string? Identity);

/// <summary>A file that fetching downloads.</summary>
/// <param name="FileName">As the authors name it.</param>
/// <param name="Addresses">Official ones; tried in this order.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Md5">Published by the authors, lower-case hex.</param>
/// <param name="Sha256">Lower-case hex, as other public registries record it; null where none does.</param>
/// <param name="IsArchive">A .tar.gz with the data set's files in it; otherwise one of these files itself.</param>
public sealed record DatasetDownload(string FileName, IReadOnlyList<Uri> Addresses, long Bytes, string Md5, string? Sha256, bool IsArchive);
