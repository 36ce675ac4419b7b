using Repro.Studies;
using Repro.Studies.Runs;

namespace Repro.Results.Runs;

/// <summary>Reads run folders, also while another process writes them.</summary>
public static class RunFolderReader
{
    /// <exception cref="BadInputException">It is no run folder, or a file of it is corrupt (a torn last line is not: it is dropped).</exception>
    public static RunRecord Read(string folder) => Read(folder, RunLock.IsHeld);

    /// <summary>The same for the holder of the run's lock who is not training it: an attempt that seems to be running was left by a dead process.</summary>
    internal static RunRecord ReadUnderLock(string folder) => Read(folder, _ => false);

    private static RunRecord Read(string folder, Func<string, bool> isHeld)
    {
        folder = Path.GetFullPath(folder);
        var request = RunJson.ReadRequest(folder);
        var log = RunLog.Read(folder);
        RequireWholeLog(folder, log);
        var interrupted = log.State == RunState.Running && !isHeld(folder);
        var (state, failure) = interrupted ? (RunState.Failed, Interrupted(log)) : (log.State, log.Failure);
        // The last of two rows with one key counts: it was measured by the later attempt.
        var metrics = new Dictionary<(string, long), MetricPoint>();
        foreach (var point in ReadMetrics(folder)) metrics[(point.Name, point.Step)] = point;
        return new RunRecord
        {
            Id = request.Id,
            Experiment = request.Experiment,
            Profile = request.Profile,
            Options = request.Options,
            Seed = request.Seed,
            Command = request.Command,
            Created = request.Created,
            State = state,
            Interrupted = interrupted,
            Attempts = log.Attempts,
            Metrics = metrics.Values.OrderBy(m => m.Step).ThenBy(m => m.Name, StringComparer.Ordinal).ToList(),
            Scores = log.Scores,
            Messages = log.Messages,
            Checks = log.Checks,
            Failure = failure,
            FailureClass = interrupted ? Studies.Sweeps.FailureClass.Lost : log.FailureClass,
            WaitingShare = log.WaitingShare,
            Trained = metrics.Count > 0 ? TimeSpan.FromSeconds(metrics.Values.Max(m => m.Seconds)) : log.WallTime,
            Folder = folder,
        };
    }

    /// <summary>Whether a folder is of a run; <see cref="Read(string)"/> says whether it is whole.</summary>
    public static bool IsRun(string folder) => File.Exists(Path.Combine(folder, "run.json"));

    /// <summary>The id of a folder's run, also where its other files are large or cannot be read.</summary>
    /// <exception cref="BadInputException">It is no run folder.</exception>
    public static string IdOf(string folder) => RunJson.ReadRequest(folder).Id;

    /// <summary>Name of the folder with the pictures of the recipe's checks.</summary>
    public const string CheckPictures = "checks";

    /// <summary>Whether a process writes the run now.</summary>
    public static bool IsHeld(string folder) => RunLock.IsHeld(folder);

    /// <summary>The process that writes the run now, as <c>process 1234 on host</c>; null where the lock does not name it.</summary>
    public static string? Holder(string folder) => RunLock.Holder(folder);

    /// <summary>Recorded checkpoints whose files are there, newest first: the order in which going on tries them. Full paths.</summary>
    public static IReadOnlyList<RecordedCheckpoint> Checkpoints(RunRecord run) =>
        run.Attempts.SelectMany(a => a.Checkpoints.Select(c => (a.Number, Checkpoint: c)))
            .OrderByDescending(c => c.Number).ThenByDescending(c => c.Checkpoint.Step)
            .Select(c => c.Checkpoint with { File = Path.Combine(run.Folder, c.Checkpoint.File) })
            .Where(c => File.Exists(c.File))
            .DistinctBy(c => c.File)
            .ToList();

    internal static string MetricsOf(string folder) => Path.Combine(folder, "metrics.jsonl");

    internal static IEnumerable<MetricPoint> ReadMetrics(string folder)
    {
        var number = 0;
        foreach (var json in JsonLinesFile.Read(MetricsOf(folder)))
        {
            number++;
            MetricPoint point;
            try
            {
                point = RunJson.ReadMetric(json);
            }
            catch (Exception e) when (RunJson.IsMalformed(e))
            {
                throw new BadInputException(
                    $"Line {number} of {MetricsOf(folder)} is no metric: the file is corrupt. Restore it from a copy, or delete the run's folder.", e);
            }
            yield return point;
        }
    }

    // The line that begins an attempt is synced before its first checkpoint is written: where it is not there, lines were lost.
    private static void RequireWholeLog(string folder, RunLog log)
    {
        var newest = log.Attempts.Count > 0 ? log.Attempts[^1].Number : 0;
        var unknown = Directory.EnumerateDirectories(folder, "attempt-*")
            .Where(attempt => int.TryParse(Path.GetFileName(attempt)["attempt-".Length..], out var number) && number > newest)
            .FirstOrDefault(attempt => Directory.EnumerateFiles(attempt, "*.safetensors").Any());
        if (unknown is not null)
        {
            throw new BadInputException(
                $"{RunLog.FileOf(folder)} knows no {Path.GetFileName(unknown)}, which has checkpoints: lines of it are lost, and the file is corrupt. Restore it from a copy, or delete the run's folder.");
        }
    }

    private static string Interrupted(RunLog log) =>
        "The process ended without a word (killed, or the machine went down). "
        + (log.Attempts.SelectMany(a => a.Checkpoints).LastOrDefault() is { } last ? $"The last checkpoint is of step {last.Step}." : "There is no checkpoint yet.");
}
