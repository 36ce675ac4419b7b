using Repro.Studies;
using Repro.Studies.Runs;

namespace Repro.Results.Runs;

/// <summary>Copies of runs that are small enough to review and keep: all that a run folder has but checkpoints, lock, report and figures.</summary>
public static class RunExport
{
    /// <summary>Copies a run that is not being written into <paramref name="folder"/>, in place of an earlier copy there.</summary>
    /// <returns>The full path of the copy, which is a run folder itself.</returns>
    /// <exception cref="BadInputException">The run is being written, or the folder holds another experiment's run or something else.</exception>
    public static string Copy(RunRecord run, string folder)
    {
        folder = Path.GetFullPath(folder);
        if (folder == run.Folder) throw new BadInputException($"The run {run.Id} lies in {folder} itself; name another folder, or leave --output out.");
        if (run.State == RunState.Running) throw new BadInputException($"The run {run.Id} is being written; export it when it has ended.");
        if (File.Exists(Path.Combine(folder, "run.json")) && RunJson.ReadRequest(folder) is var there && there.Experiment != run.Experiment)
            throw new BadInputException($"{folder} holds the run {there.Id} of the experiment '{there.Experiment}'; name another folder.");
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var old in Directory.EnumerateFiles(folder, "predictions-*.safetensors")) File.Delete(old);
            foreach (var file in Directory.EnumerateFiles(run.Folder).Where(IsRecord)) DurableFile.Write(Path.Combine(folder, Path.GetFileName(file)), File.ReadAllBytes(file));
            foreach (var below in Directory.EnumerateFiles(run.Folder, "dirty.diff", SearchOption.AllDirectories).Concat(CheckPictures(run.Folder)))
            {
                var place = Path.Combine(folder, Path.GetRelativePath(run.Folder, below));
                Directory.CreateDirectory(Path.GetDirectoryName(place)!);
                DurableFile.Write(place, File.ReadAllBytes(below));
            }
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot export to {folder}: {StorageException.Reason(e)}.", e);
        }
    }

    private static IEnumerable<string> CheckPictures(string folder) =>
        Path.Combine(folder, RunFolderReader.CheckPictures) is var pictures && Directory.Exists(pictures) ? Directory.EnumerateFiles(pictures, "*.png") : [];

    private static bool IsRecord(string file) =>
        Path.GetFileName(file) is "run.json" or "events.jsonl" or "metrics.jsonl"
        || Path.GetFileName(file).StartsWith("predictions-", StringComparison.Ordinal) && Path.GetExtension(file) == ".safetensors";
}
