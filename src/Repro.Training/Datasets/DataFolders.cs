using Repro.Studies;

namespace Repro.Training.Datasets;

/// <summary>Where data sets are looked for, in order.</summary>
/// <param name="Candidates">Full paths; each may hold one folder a data set.</param>
public sealed record DataFolders(IReadOnlyList<string> Candidates)
{
    /// <summary>Told of every data set that <see cref="DatasetEntry.Load"/> reads from here, on the thread that reads: a run records what it was trained on.</summary>
    public Action<Dataset>? Loaded { get; init; }

    /// <summary>The test split of what is read from here cannot be had: see <see cref="Dataset.TestIsSealed"/>.</summary>
    public bool TestIsSealed { get; init; }

    /// <summary><paramref name="given"/> (from <c>--data-dir</c>) alone where it is set; otherwise REPRO_DATA, <c>../shared/data</c> and the per-user cache, in this order.</summary>
    /// <exception cref="BadInputException"><paramref name="given"/> is a file.</exception>
    public static DataFolders FromEnvironment(string? given)
    {
        if (File.Exists(given)) throw new BadInputException($"--data-dir takes a folder; {Path.GetFullPath(given)} is a file.");
        if (!string.IsNullOrEmpty(given)) return new DataFolders([Path.GetFullPath(given)]);
        var folders = new List<string>();
        if (Environment.GetEnvironmentVariable("REPRO_DATA") is { Length: > 0 } set) folders.Add(Path.GetFullPath(set));
        folders.Add(Path.GetFullPath(Path.Combine(Environment.GetEnvironmentVariable("REPRO_ROOT") ?? ".", "..", "shared", "data")));
        folders.Add(Cache);
        return new DataFolders(folders);
    }

    /// <summary>The per-user cache, where <c>repro data fetch</c> puts what it downloads.</summary>
    public static string Cache => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "repro", "data");
}
