using Repro.Studies;
using Repro.Studies.Formats;
using Repro.Studies.Runs;

namespace Repro.Results.Runs;

/// <summary>
/// What may go of a run's folder: the checkpoints that <see cref="Retention"/> lets go, checkpoints that no event records, and files that a
/// killed writer left unfinished. Whatever else lies in the folder stays: a person may have put it there. A run that is held by a process keeps everything.
/// </summary>
public static class RunCleaning
{
    /// <summary>What may go of one run. Nothing is touched.</summary>
    public static IReadOnlyList<FreeableFile> Freeable(RunRecord run) =>
        run.State == RunState.Running || RunFolderReader.IsHeld(run.Folder) ? [] : FreeableUnderLock(run);

    /// <summary>Recorded checkpoints that stay although they are not whole, or not the recorded ones: where none is whole, none goes. Full paths.</summary>
    public static IReadOnlyList<string> Damaged(RunRecord run) => run.State == RunState.Running || RunFolderReader.IsHeld(run.Folder) ? []
        : RunFolderReader.Checkpoints(run).Where(checkpoint => !IsWhole(checkpoint)).Select(checkpoint => checkpoint.File).ToList();

    /// <summary>Removes what may go of a run, under its lock; what it removed.</summary>
    /// <param name="refused">Called for each file that the operating system keeps; the others go all the same.</param>
    /// <exception cref="BadInputException">Another process began to write the run.</exception>
    /// <exception cref="StorageException">The lock cannot be taken: the file system is read-only, or the folder is another person's.</exception>
    public static IReadOnlyList<FreeableFile> Free(string folder, Action<FreeableFile, Exception> refused)
    {
        using var held = RunLock.Take(folder);
        // Looked at again under the lock: what was shown may be minutes old.
        return FreeableUnderLock(RunFolderReader.ReadUnderLock(folder)).Where(Delete).ToList();

        bool Delete(FreeableFile file)
        {
            try
            {
                File.Delete(file.File);
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                refused(file, e);
                return false;
            }
        }
    }

    /// <summary>
    /// Folders in which a run was begun and its <c>run.json</c> never written, as where the process was killed between the two: there is nothing
    /// in them but the lock and what is left of <c>run.json</c>, and no process holds them.
    /// </summary>
    public static IReadOnlyList<string> Unbegun(RunsFolder runs) => !Directory.Exists(runs.Path) ? [] :
        Directory.EnumerateDirectories(runs.Path).Where(folder => IsUnbegun(folder) && !RunLock.IsHeld(folder)).Order(StringComparer.Ordinal).ToList();

    /// <summary>The files of such a folder.</summary>
    public static IReadOnlyList<FreeableFile> UnbegunFiles(string folder) => Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
        .Select(file => new FreeableFile(Path.GetFileName(folder), file, new FileInfo(file).Length, "of a run that never began")).ToList();

    /// <summary>Removes such a folder, under its lock; what it removed.</summary>
    /// <exception cref="BadInputException">Another process began to write the run.</exception>
    public static IReadOnlyList<FreeableFile> FreeUnbegun(string folder)
    {
        using var held = RunLock.Take(folder);
        if (!IsUnbegun(folder)) return [];
        var files = UnbegunFiles(folder);
        foreach (var file in files) File.Delete(file.File);
        Directory.Delete(folder);
        return files;
    }

    private static bool IsUnbegun(string folder)
    {
        var names = Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).ToList();
        return names.Contains(RunLock.FileName) && names.TrueForAll(name =>
            name == RunLock.FileName || name == "run.json.tmp" || name!.StartsWith("run.json.", StringComparison.Ordinal) && IsUnfinished(name));
    }

    private static List<FreeableFile> FreeableUnderLock(RunRecord run)
    {
        var recorded = RunFolderReader.Checkpoints(run);
        var damaged = new HashSet<string>(StringComparer.Ordinal);
        var superseded = Retention.Superseded(recorded, Retention.Kept(run.State), checkpoint => IsWhole(checkpoint) || !damaged.Add(checkpoint.File), evenOfFew: true)
            .Select(checkpoint => checkpoint.File).ToHashSet(StringComparer.Ordinal);
        var kept = recorded.Select(checkpoint => checkpoint.File).Except(superseded).ToHashSet(StringComparer.Ordinal);
        var freeable = new List<FreeableFile>();
        foreach (var attempt in Directory.EnumerateDirectories(run.Folder, "attempt-*").Order(StringComparer.Ordinal))
        {
            foreach (var file in Directory.EnumerateFiles(attempt).Order(StringComparer.Ordinal))
            {
                if (kept.Contains(file) || CheckpointFile.StepOf(file) is null && !superseded.Contains(file)) continue;
                var reason = damaged.Contains(file) ? "a damaged checkpoint" : superseded.Contains(file) ? "an older checkpoint" : "recorded by no event";
                freeable.Add(new FreeableFile(run.Id, file, new FileInfo(file).Length, reason));
            }
            AddUnfinished(attempt);
        }
        foreach (var folder in new[] { run.Folder, Path.Combine(run.Folder, "figures"), Path.Combine(run.Folder, RunFolderReader.CheckPictures) })
            if (Directory.Exists(folder)) AddUnfinished(folder);
        return freeable;

        void AddUnfinished(string folder)
        {
            foreach (var file in Directory.EnumerateFiles(folder).Where(IsUnfinished).Order(StringComparer.Ordinal))
                freeable.Add(new FreeableFile(run.Id, file, new FileInfo(file).Length, "left by a write that did not end"));
        }
    }

    private static bool IsUnfinished(string file) => file.EndsWith(DurableStorage.PartialSuffix, StringComparison.Ordinal);

    private static bool IsWhole(RecordedCheckpoint checkpoint)
    {
        try
        {
            return CheckpointFile.Verify(checkpoint.File) == checkpoint.Sha256;
        }
        catch (BadInputException)
        {
            // What is wrong with it is said by whoever wants to read it; here it only does not count.
            return false;
        }
    }
}

/// <param name="Reason">Why it may go.</param>
public sealed record FreeableFile(string Run, string File, long Bytes, string Reason);
