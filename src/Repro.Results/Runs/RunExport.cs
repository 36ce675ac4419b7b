using System.Text.Json;
using Repro.Results.Provenance;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Formats;
using Repro.Studies.Runs;

namespace Repro.Results.Runs;

/// <summary>Copies of runs that are small enough to review and keep: all that a run folder has but checkpoints, lock, report and figures.</summary>
/// <remarks><c>export.json</c> has the digest of every file as it was exported: who judges the run asks for it, so that no number is changed by a slip of an editor and judged.</remarks>
public static class RunExport
{
    private const string Seal = "export.json";

    /// <summary>
    /// Copies a run that is not being written into <paramref name="folder"/>, in place of an earlier copy there: all that belongs to that one goes,
    /// with its report and figures, and what is a person's own (a README) stays.
    /// </summary>
    /// <returns>The full path of the copy, which is a run folder itself.</returns>
    /// <exception cref="BadInputException">The run is being written, or the folder lies in a run's folder, holds runs, is a run itself, another experiment's copy, or something else.</exception>
    public static string Copy(RunRecord run, string folder)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (run.State == RunState.Running) throw new BadInputException($"The run {run.Id} is being written; export it when it has ended.");
        Require(run, folder);
        try
        {
            // All is read before anything old goes.
            var files = Records(run.Folder)
                .Select(file => (Place: Path.Combine(folder, Path.GetRelativePath(run.Folder, file)), Content: File.ReadAllBytes(file))).ToList();
            Directory.CreateDirectory(folder);
            RemoveEarlierCopy(folder);
            foreach (var (place, content) in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(place)!);
                DurableFile.Write(place, content);
            }
            DurableFile.Write(Path.Combine(folder, Seal), JsonSerializer.SerializeToUtf8Bytes(new Sealed(run.Id, Digests(folder)), RunJson.Indented));
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot export to {folder}: {StorageException.Reason(e)}.", e);
        }
    }

    /// <summary>SHA-256 of what an export of the run has, by the files' names in its folder with slashes; none where there is no run. What a person or a report put beside is not among it.</summary>
    public static SortedDictionary<string, string> Digests(string folder)
    {
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(Path.Combine(folder, "run.json"))) return digests;
        foreach (var file in Records(folder)) digests[Path.GetRelativePath(folder, file).Replace('\\', '/')] = FileDigest.Of(file);
        return digests;
    }

    /// <summary>Whether the folder is a copy, and not the one that a run writes.</summary>
    public static bool IsExport(string folder) => File.Exists(Path.Combine(folder, Seal));

    /// <summary>What of a copy is not what was exported, as sentences that begin with a file's name in it; none where all is.</summary>
    /// <param name="now">Digests of the copy's files as they are (<see cref="Digests"/>), where the caller has them already.</param>
    public static IEnumerable<string> Faults(string folder, IReadOnlyDictionary<string, string>? now = null)
    {
        var seal = Path.Combine(folder, Seal);
        if (!File.Exists(seal))
        {
            yield return $"{Seal}, which says what was exported, is missing";
            yield break;
        }
        if (ReadSeal(seal) is not { } exported)
        {
            yield return $"{Seal} is corrupt";
            yield break;
        }
        now ??= Digests(folder);
        foreach (var (file, digest) in exported)
        {
            if (!now.TryGetValue(file, out var there)) yield return $"{file} is missing";
            else if (there != digest) yield return $"{file} is not what was exported: its digest differs from the one in {Seal}";
        }
        foreach (var file in now.Keys.Where(file => !exported.ContainsKey(file))) yield return $"{file} was not exported: {Seal} does not name it";
    }

    /// <exception cref="BadInputException">The folder is no copy of a run, or not as it was exported: says what differs.</exception>
    public static void RequireWhole(string folder)
    {
        var faults = Faults(folder).ToList();
        if (faults.Count > 0)
            throw new NotWholeException(folder, faults, $"Export the run again (./repro report RUN --output {folder})");
    }

    private static SortedDictionary<string, string>? ReadSeal(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Sealed>(File.ReadAllBytes(file), RunJson.Indented)?.Files;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Require(RunRecord run, string folder)
    {
        RequireApart(run, RealPath.Of(folder));
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any(entry => Path.GetFileName(entry) != "README.md")) return;
        if (!File.Exists(Path.Combine(folder, "run.json")))
            throw new BadInputException($"{folder} holds something that is no export of a run; name a new or an empty folder.");
        if (RunJson.ReadRequest(folder) is var there && there.Experiment != run.Experiment)
            throw new BadInputException($"{folder} holds the run {there.Id} of the experiment '{there.Experiment}'; name another folder.");
        // Only a run's own folder has a lock; by whatever path it is named, through links too.
        if (File.Exists(Path.Combine(folder, RunLock.FileName))) throw new BadInputException($"{folder} is a run's own folder; name another one, or leave --output out.");
    }

    // What lies in a run's folder belongs to that run: clean frees it, a resume writes it, the next export replaces it.
    private static void RequireApart(RunRecord run, string folder)
    {
        for (var above = Path.GetDirectoryName(folder); above is not null; above = Path.GetDirectoryName(above))
        {
            if (File.Exists(Path.Combine(above, "run.json")))
                throw new BadInputException($"{folder} lies within {above}, which is the folder of a run, and would go with what is cleaned or replaced there; name a folder outside of it.");
        }
        var within = Path.GetDirectoryName(RealPath.Of(run.Folder)) == folder ? run.Folder
            : !Directory.Exists(folder) ? null
            : Directory.EnumerateDirectories(folder).FirstOrDefault(below => File.Exists(Path.Combine(below, "run.json")));
        if (within is not null)
            throw new BadInputException($"{folder} is a folder of runs, which holds {Path.GetFileName(within)}; name a folder of the export's own, for example {Path.Combine(folder, run.Experiment)}.");
    }

    private static void RemoveEarlierCopy(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder).Where(file => IsRecord(file) || Path.GetFileName(file) is "report.md" or "report.html" or Seal)) File.Delete(file);
        foreach (var below in Directory.EnumerateDirectories(folder)
            .Where(below => Path.GetFileName(below) is "figures" or RunFolderReader.CheckPictures || Path.GetFileName(below).StartsWith("attempt-", StringComparison.Ordinal)))
            Directory.Delete(below, recursive: true);
    }

    /// <summary>Whether a file of a run's folder, by its name in it with slashes, is one that an export of the run has.</summary>
    public static bool IsPartOf(string file) => file.Contains('/', StringComparison.Ordinal)
        ? file.EndsWith("/dirty.diff", StringComparison.Ordinal) || (file.StartsWith(RunFolderReader.CheckPictures + "/", StringComparison.Ordinal) && file.EndsWith(".png", StringComparison.Ordinal))
        : file == Seal || IsRecord(file);

    private static IEnumerable<string> Records(string folder) => Directory.EnumerateFiles(folder).Where(IsRecord)
        .Concat(Directory.EnumerateFiles(folder, "dirty.diff", SearchOption.AllDirectories)).Concat(CheckPictures(folder));

    private static IEnumerable<string> CheckPictures(string folder) =>
        Path.Combine(folder, RunFolderReader.CheckPictures) is var pictures && Directory.Exists(pictures) ? Directory.EnumerateFiles(pictures, "*.png") : [];

    private static bool IsRecord(string file) =>
        Path.GetFileName(file) is "run.json" or "events.jsonl" or "metrics.jsonl"
        || EvidenceFile.Is(file);

    private sealed record Sealed(string Run, SortedDictionary<string, string> Files);
}
