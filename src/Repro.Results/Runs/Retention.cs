using Repro.Studies.Runs;

namespace Repro.Results.Runs;

/// <summary>
/// Which files of runs may go. The rule: a run that is held by a process keeps everything; a completed, pruned or cancelled run keeps its last
/// checkpoint, from which it predicts; any other keeps its newest two, so that there is one before a damaged one. Checkpoints beyond that, and
/// files of attempts that no event records (torn, temporary), may go. Metrics, events, predictions, figures and reports always stay.
/// </summary>
public static class Retention
{
    public const string Rule =
        "a finished run keeps its last checkpoint, an unfinished one its newest two, a running one everything; metrics, events, predictions, figures and reports always stay";

    /// <summary>What may go of one run. Nothing is touched.</summary>
    public static IReadOnlyList<FreeableFile> Freeable(RunRecord run) =>
        run.State == RunState.Running || RunFolderReader.IsHeld(run.Folder) ? [] : FreeableUnderLock(run);

    /// <summary>Removes what may go of a run, under its lock; what it removed.</summary>
    /// <exception cref="Repro.Studies.BadInputException">Another process began to write the run.</exception>
    public static IReadOnlyList<FreeableFile> Free(string folder)
    {
        using var held = RunLock.Take(folder);
        // Looked at again under the lock: what was shown may be minutes old.
        var freeable = FreeableUnderLock(RunFolderReader.ReadUnderLock(folder));
        foreach (var file in freeable) File.Delete(file.File);
        return freeable;
    }

    private static List<FreeableFile> FreeableUnderLock(RunRecord run)
    {
        var recorded = RunFolderReader.Checkpoints(run);
        var keep = run.State is RunState.Completed or RunState.Pruned or RunState.Cancelled ? 1 : 2;
        var kept = recorded.Take(keep).Select(c => c.File).ToHashSet(StringComparer.Ordinal);
        var older = recorded.Skip(keep).Select(c => c.File).ToHashSet(StringComparer.Ordinal);
        var freeable = new List<FreeableFile>();
        foreach (var attempt in Directory.EnumerateDirectories(run.Folder, "attempt-*").Order(StringComparer.Ordinal))
        {
            foreach (var file in Directory.EnumerateFiles(attempt).Order(StringComparer.Ordinal))
            {
                if (kept.Contains(file) || Path.GetFileName(file) == "dirty.diff") continue;
                freeable.Add(new FreeableFile(run.Id, file, new FileInfo(file).Length, older.Contains(file) ? "an older checkpoint" : "recorded by no event"));
            }
        }
        foreach (var file in Directory.EnumerateFiles(run.Folder, "*.tmp").Order(StringComparer.Ordinal))
            freeable.Add(new FreeableFile(run.Id, file, new FileInfo(file).Length, "left by a write that did not end"));
        return freeable;
    }
}

/// <param name="Reason">Why it may go.</param>
public sealed record FreeableFile(string Run, string File, long Bytes, string Reason);
