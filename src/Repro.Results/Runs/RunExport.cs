using Repro.Studies;
using Repro.Studies.Runs;

namespace Repro.Results.Runs;

/// <summary>Copies of runs that are small enough to review and keep: all that a run folder has but checkpoints, lock, report and figures.</summary>
public static class RunExport
{
    /// <summary>
    /// Copies a run that is not being written into <paramref name="folder"/>, in place of an earlier copy there: all that belongs to that one goes,
    /// with its report and figures, and what is a person's own (a README) stays.
    /// </summary>
    /// <returns>The full path of the copy, which is a run folder itself.</returns>
    /// <exception cref="BadInputException">The run is being written, or the folder holds a run itself, another experiment's copy, or something else.</exception>
    public static string Copy(RunRecord run, string folder)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (run.State == RunState.Running) throw new BadInputException($"The run {run.Id} is being written; export it when it has ended.");
        Require(run, folder);
        try
        {
            // All is read before anything old goes.
            var files = Directory.EnumerateFiles(run.Folder).Where(IsRecord)
                .Concat(Directory.EnumerateFiles(run.Folder, "dirty.diff", SearchOption.AllDirectories)).Concat(CheckPictures(run.Folder))
                .Select(file => (Place: Path.Combine(folder, Path.GetRelativePath(run.Folder, file)), Content: File.ReadAllBytes(file))).ToList();
            Directory.CreateDirectory(folder);
            RemoveEarlierCopy(folder);
            foreach (var (place, content) in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(place)!);
                DurableFile.Write(place, content);
            }
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot export to {folder}: {StorageException.Reason(e)}.", e);
        }
    }

    private static void Require(RunRecord run, string folder)
    {
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any(entry => Path.GetFileName(entry) != "README.md")) return;
        if (!File.Exists(Path.Combine(folder, "run.json")))
            throw new BadInputException($"{folder} holds something that is no export of a run; name a new or an empty folder.");
        if (RunJson.ReadRequest(folder) is var there && there.Experiment != run.Experiment)
            throw new BadInputException($"{folder} holds the run {there.Id} of the experiment '{there.Experiment}'; name another folder.");
        // Only a run's own folder has a lock; by whatever path it is named, through links too.
        if (File.Exists(Path.Combine(folder, RunLock.FileName))) throw new BadInputException($"{folder} is a run's own folder; name another one, or leave --output out.");
    }

    private static void RemoveEarlierCopy(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder).Where(file => IsRecord(file) || Path.GetFileName(file) is "report.md" or "report.html")) File.Delete(file);
        foreach (var below in Directory.EnumerateDirectories(folder)
            .Where(below => Path.GetFileName(below) is "figures" or RunFolderReader.CheckPictures || Path.GetFileName(below).StartsWith("attempt-", StringComparison.Ordinal)))
            Directory.Delete(below, recursive: true);
    }

    private static IEnumerable<string> CheckPictures(string folder) =>
        Path.Combine(folder, RunFolderReader.CheckPictures) is var pictures && Directory.Exists(pictures) ? Directory.EnumerateFiles(pictures, "*.png") : [];

    private static bool IsRecord(string file) =>
        Path.GetFileName(file) is "run.json" or "events.jsonl" or "metrics.jsonl"
        || Path.GetFileName(file).StartsWith("predictions-", StringComparison.Ordinal) && Path.GetExtension(file) == ".safetensors";
}
