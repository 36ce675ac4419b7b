using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.Runs;

namespace Repro.Results.Runs;

/// <summary>The folder in which runs lie, one folder each.</summary>
/// <param name="Path">Full path; need not be there yet.</param>
public sealed record RunsFolder(string Path)
{
    /// <summary><paramref name="given"/> where it is set; otherwise REPRO_RUNS, <c>runs</c> under REPRO_ROOT, or <c>./runs</c>.</summary>
    /// <exception cref="BadInputException">Something that is no folder lies there.</exception>
    public static RunsFolder FromEnvironment(string? given)
    {
        var path = System.IO.Path.GetFullPath(
            given is { Length: > 0 } ? given
            : Environment.GetEnvironmentVariable("REPRO_RUNS") is { Length: > 0 } runs ? runs
            : System.IO.Path.Combine(Environment.GetEnvironmentVariable("REPRO_ROOT") is { Length: > 0 } root ? root : ".", "runs"));
        if (File.Exists(path)) throw new BadInputException($"The folder of the runs cannot be {path}: that is a file. Name a folder with --runs DIR, or in REPRO_RUNS.");
        return new RunsFolder(path);
    }

    /// <summary>Ids of the runs, newest first.</summary>
    public IReadOnlyList<string> Ids() => !Directory.Exists(Path) ? [] :
        Directory.EnumerateDirectories(Path)
            .Where(folder => File.Exists(System.IO.Path.Combine(folder, "run.json")))
            .Select(folder => System.IO.Path.GetFileName(folder))
            .OrderByDescending(RunId.Second, StringComparer.Ordinal)
            // Runs of one second: run.json is written once, when a run is made.
            .ThenByDescending(id => File.GetLastWriteTimeUtc(System.IO.Path.Combine(Path, id, "run.json")))
            .ToList();

    /// <summary>The folder of the run that <paramref name="text"/> means: an id, the unique beginning of one, <c>last</c>, or the path of a run folder.</summary>
    /// <param name="experiment">Whose last run is meant by <c>last</c>; null: the last of all.</param>
    /// <exception cref="BadInputException">None is meant, or several; lists them.</exception>
    public string Find(string text, string? experiment = null)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new BadInputException("A run's name cannot be empty; write its id, the beginning of it, or last.");
        if (File.Exists(System.IO.Path.Combine(text, "run.json"))) return System.IO.Path.GetFullPath(text);
        var ids = Ids();
        if (ids.Count == 0) throw new BadInputException($"There are no runs in {Path}. Start one with: ./repro run EXPERIMENT, or name another folder with --runs DIR.");
        if (text == "last" && experiment is not null)
            return All(experiment, _ => { }).FirstOrDefault()?.Folder ?? throw new BadInputException($"There is no run of '{experiment}' in {Path}. Start one with: ./repro run {experiment}, or name another folder with --runs DIR.");
        if (text == "last") return FolderOf(ids[0]);
        if (ids.Contains(text)) return FolderOf(text);
        var begun = ids.Where(id => id.StartsWith(text, StringComparison.OrdinalIgnoreCase)).ToList();
        return begun.Count switch
        {
            1 => FolderOf(begun[0]),
            0 => throw new BadInputException($"There is no run '{text}' in {Path}. Runs, nearest first: {List(NearestWords.Order(text, ids))}. 'last' is {ids[0]}."),
            _ => throw new BadInputException($"'{text}' begins the names of {begun.Count} runs: {List(begun)}. Write more of it."),
        };
    }

    /// <summary>The newest run of an experiment that can go on: started and neither completed, cancelled, pruned nor held by a process; null where there is none.</summary>
    /// <param name="leftOut">Told why a run was left out that cannot be read.</param>
    public RunRecord? NewestUnfinished(string experiment, Func<RunRecord, bool> fits, Action<BadInputException> leftOut) =>
        Newest(experiment, run => run.State is RunState.Planned or RunState.Paused or RunState.Failed && fits(run), leftOut);

    /// <summary>The newest run of an experiment that fits; null where there is none.</summary>
    /// <param name="leftOut">Told why a run was left out that cannot be read.</param>
    public RunRecord? Newest(string experiment, Func<RunRecord, bool> fits, Action<BadInputException> leftOut) => All(experiment, leftOut).FirstOrDefault(fits);

    /// <summary>The runs of an experiment, newest first, each read when it is asked for.</summary>
    /// <param name="leftOut">Told why a run was left out that cannot be read.</param>
    public IEnumerable<RunRecord> All(string experiment, Action<BadInputException> leftOut)
    {
        foreach (var id in Ids().Where(id => id.StartsWith(experiment + "-", StringComparison.Ordinal)))
        {
            RunRecord run;
            try
            {
                run = RunFolderReader.Read(FolderOf(id));
            }
            catch (BadInputException e)
            {
                leftOut(e);
                continue;
            }
            if (run.Experiment == experiment) yield return run;
        }
    }

    public string FolderOf(string id) => System.IO.Path.Combine(Path, id);

    private static string List(IReadOnlyList<string> ids) => string.Join(", ", ids.Take(8)) + (ids.Count > 8 ? $" and {ids.Count - 8} more" : "");
}
