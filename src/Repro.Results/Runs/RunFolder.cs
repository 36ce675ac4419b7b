using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Repro.Studies;
using Repro.Studies.Runs;

namespace Repro.Results.Runs;

/// <summary>
/// The folder of one run, held for writing by this process alone. It is complete in itself: what a store knows of a run can be rebuilt from it.
/// <code>
/// run.json                       what was asked (RunRequest); never changed
/// events.jsonl                   what happened: started, data, checkpoint, message, completed ...; synced line by line
/// metrics.jsonl                  one measured value a line: step, name, value, seconds
/// predictions-SPLIT.safetensors  what the model said of each example
/// attempt-1/ attempt-2/ ...      checkpoints and dirty.diff of each attempt
/// checks/                        pictures of the recipe's checks, where the run was started with them
/// figures/ report.md report.html
/// lock                           held by the process that writes, and names it
/// </code>
/// </summary>
/// <remarks>
/// Metrics are written through to the operating system at once and synced before a checkpoint is recorded, so whatever ends the process, the
/// rows up to the newest recorded checkpoint are there; those after it are dropped when an attempt goes on from it. Only recorded checkpoints
/// count, never what happens to lie in a folder.
/// </remarks>
public sealed class RunFolder : IDisposable
{
    private readonly RunLock _lock;
    private readonly TimeProvider _time;
    private readonly JsonLinesFile _events;
    private readonly HashSet<(string Name, long Step)> _measured = [];
    private JsonLinesFile? _metrics;

    private RunFolder(string path, RunLock held, TimeProvider time)
    {
        Path = path;
        _lock = held;
        _time = time;
        try
        {
            Request = RunJson.ReadRequest(path);
            var log = RunLog.Read(path);
            Attempt = log.Attempts.Count > 0 ? log.Attempts[^1].Number : 0;
            _events = new JsonLinesFile(RunLog.FileOf(path));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    public RunRequest Request { get; }

    public string Id => Request.Id;

    /// <summary>The newest attempt; 0 before the first.</summary>
    public int Attempt { get; private set; }

    /// <summary>Where the newest attempt's checkpoints go.</summary>
    public string AttemptFolder => System.IO.Path.Combine(Path, $"attempt-{Attempt}");

    /// <summary>Where the pictures of the recipe's checks go.</summary>
    public string CheckFolder => System.IO.Path.Combine(Path, RunFolderReader.CheckPictures);

    /// <summary>Makes the folder of a new run under <paramref name="runs"/>, which is made where it is absent.</summary>
    /// <exception cref="StorageException">The disk is full or refuses.</exception>
    public static RunFolder Create(string runs, RunRequest request, TimeProvider? time = null)
    {
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(runs, request.Id));
        if (Directory.Exists(path)) throw new BadInputException($"The run folder {path} is there already.");
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot make the run folder {path}: {StorageException.Reason(e)}.", e);
        }
        var held = RunLock.Take(path);
        try
        {
            DurableFile.Write(System.IO.Path.Combine(path, "run.json"), JsonSerializer.SerializeToUtf8Bytes(RunJson.Write(request), RunJson.Indented));
            DurableFile.SyncFolder(runs);
        }
        catch
        {
            held.Dispose();
            throw;
        }
        return new RunFolder(path, held, time ?? TimeProvider.System);
    }

    /// <summary>Opens a run that is there, to go on with it or to write its report.</summary>
    /// <exception cref="BadInputException">It is no run folder, it is corrupt, or another process writes it.</exception>
    public static RunFolder Open(string path, TimeProvider? time = null)
    {
        if (!File.Exists(System.IO.Path.Combine(path, "run.json"))) throw new BadInputException($"{path} is no run folder: it has no run.json.");
        return new RunFolder(System.IO.Path.GetFullPath(path), RunLock.Take(path), time ?? TimeProvider.System);
    }

    /// <summary>Begins the next attempt, and drops every metric row after the step that it goes on from.</summary>
    /// <param name="resumedFrom">Step of the checkpoint that it goes on from; null begins anew.</param>
    /// <param name="dirtyDiff">The difference of the working tree from the commit; null or empty where there is none.</param>
    /// <returns>What differs from the attempt that wrote that checkpoint among the conditions under which equal bits are promised; see <see cref="RunAttempt.Differences"/>.</returns>
    public IReadOnlyList<string> StartAttempt(RunEnvironment environment, long? resumedFrom, string? dirtyDiff = null)
    {
        var log = RunLog.Read(Path);
        var writer = RunAttempt.WriterOf(log.Attempts, resumedFrom);
        var differences = writer is null ? [] : environment.DifferencesFrom(writer.Environment);
        KeepMetricsUpTo(resumedFrom ?? -1);
        Attempt++;
        try
        {
            Directory.CreateDirectory(AttemptFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot make {AttemptFolder}: {StorageException.Reason(e)}.", e);
        }
        if (!string.IsNullOrEmpty(dirtyDiff)) DurableFile.Write(System.IO.Path.Combine(AttemptFolder, "dirty.diff"), Encoding.UTF8.GetBytes(dirtyDiff));
        DurableFile.SyncFolder(Path);
        Append(RunLog.Started(Attempt, resumedFrom, differences, environment));
        return differences;
    }

    /// <summary>The data sets that the attempt reads.</summary>
    public void Data(IReadOnlyList<DataSetUsed> sets) => Append(RunLog.Data(Attempt, sets));

    /// <summary>Appends a metric. A (name, step) that is there already, as after going on from a checkpoint of the same step, is not written again.</summary>
    public void Metric(MetricPoint point)
    {
        var metrics = _metrics ?? throw new InvalidOperationException("No attempt was started.");
        if (!_measured.Add((point.Name, point.Step))) return;
        metrics.Append(RunJson.Write(point), sync: false);
    }

    /// <summary>Records a checkpoint that is on disk, whole and synced, under the run's folder.</summary>
    public void Checkpoint(long step, string file, string sha256, long bytes)
    {
        _metrics?.Sync();
        Append(RunLog.Checkpoint(Attempt, new RecordedCheckpoint(step, System.IO.Path.GetRelativePath(Path, file), sha256, bytes)));
    }

    /// <summary>A sentence for a person, kept with the run.</summary>
    public void Message(string text) => Append(RunLog.Message(Attempt, text));

    /// <summary>What a check of the recipe found before the attempt's first step.</summary>
    public void Check(RecordedCheck check) => Append(RunLog.Check(Attempt, check));

    /// <summary>Ends the attempt.</summary>
    public void End(RunEnding ending)
    {
        _metrics?.Sync();
        Append(RunLog.Ended(Attempt, ending));
    }

    /// <summary>What is stored up to now.</summary>
    public RunRecord Read() => RunFolderReader.Read(Path);

    public void Dispose()
    {
        _metrics?.Dispose();
        _events.Dispose();
        _lock.Dispose();
    }

    private void Append(JsonObject json)
    {
        json.Insert(1, "time", RunJson.Time(_time.GetUtcNow()));
        _events.Append(JsonSerializer.SerializeToUtf8Bytes(json, RunJson.Compact), sync: true);
    }

    private void KeepMetricsUpTo(long step)
    {
        var path = RunFolderReader.MetricsOf(Path);
        _metrics?.Dispose();
        _metrics = null;
        _measured.Clear();
        var kept = new MemoryStream();
        var dropped = false;
        foreach (var point in RunFolderReader.ReadMetrics(Path))
        {
            if (point.Step <= step && _measured.Add((point.Name, point.Step)))
            {
                kept.Write(RunJson.Write(point));
                kept.WriteByte((byte)'\n');
            }
            else
            {
                dropped = true;
            }
        }
        if (dropped) DurableFile.Write(path, kept.ToArray());
        _metrics = new JsonLinesFile(path);
    }
}
