using System.Globalization;
using System.Text;
using Repro.Results.Objects;
using Repro.Results.Runs;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Protocol;

namespace Repro.Workers.Hosts;

/// <summary>The folder of a run within its sweep's: the log of all its attempts, and a folder for each with the checkpoints that it writes.</summary>
internal sealed class RunFiles : IDisposable
{
    private readonly string _sweep;
    private readonly TimeProvider _time;
    private readonly Action<string> _complain;
    private readonly CheckpointObjects? _objects;
    private readonly CancellationToken _ending;
    private readonly Lock _lock = new();
    private StreamWriter? _log;

    /// <param name="complain">Takes a sentence where the log cannot be written any more; the run goes on without.</param>
    /// <param name="objects">Where checkpoints are shared with other machines; null where these see the same folder.</param>
    /// <param name="ending">Nothing is moved to or from other machines any more.</param>
    /// <exception cref="StorageException">The folder cannot be made.</exception>
    public RunFiles(string sweep, RunKey run, int attempt, TimeProvider time, Action<string> complain, CheckpointObjects? objects = null, CancellationToken ending = default)
    {
        (_sweep, _time, _complain, _objects, _ending) = (sweep, time, complain, objects, ending);
        var folder = Path.Combine(sweep, run.ToString());
        AttemptFolder = Path.Combine(folder, $"attempt-{attempt}");
        try
        {
            Directory.CreateDirectory(AttemptFolder);
            DurableFile.SyncFolder(folder);
            _log = new StreamWriter(new FileStream(LogOf(sweep, run), FileMode.Append, FileAccess.Write, FileShare.ReadWrite), new UTF8Encoding(false)) { AutoFlush = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The run's folder {AttemptFolder} cannot be written: {StorageException.Reason(e)}.", e);
        }
        DurableFile.SyncFolder(sweep);
    }

    /// <summary>Full path.</summary>
    public string AttemptFolder { get; }

    /// <summary>Where everything that a run's workers printed and said is kept.</summary>
    public static string LogOf(string sweep, RunKey run) => Path.Combine(sweep, run.ToString(), "log.txt");

    /// <summary>Appends a line with the time.</summary>
    public void Log(string text)
    {
        lock (_lock)
        {
            try
            {
                _log?.WriteLine($"{_time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)} {text}");
            }
            catch (IOException e)
            {
                _complain($"The run's log cannot be written any more: {StorageException.Reason(e)}.");
                // Its buffer cannot be written either.
                _log = null;
            }
        }
    }

    /// <summary>What a worker is to go on from: recorded checkpoints that are there, and the newest whatever it is, so that its loss is told.</summary>
    public IReadOnlyList<CheckpointMessage> Recorded(IReadOnlyList<CheckpointRecorded> newestFirst) => newestFirst
        .Select(c => new CheckpointMessage(c.Step, Path.Combine(_sweep, c.File), c.Sha256, c.Bytes))
        .Where((c, place) => place == 0 || File.Exists(c.File)).ToList();

    /// <summary>Brings what a worker is to go on from to this machine: the newest recorded checkpoint that can be had.</summary>
    /// <exception cref="StorageException">The other machines cannot be reached, or this one's disk refuses.</exception>
    public Task Fetch(IReadOnlyList<CheckpointRecorded> newestFirst) => _objects is not { } objects || newestFirst.Count == 0 ? Task.CompletedTask : Task.Run(() =>
    {
        foreach (var checkpoint in newestFirst)
        {
            if (objects.Fetch(checkpoint, FileOf(checkpoint), _ending) is not { } fault) return;
            Log($"host: {fault}");
        }
    });

    /// <summary>What is to be recorded of what a worker wrote: everything, once other machines can reach it too.</summary>
    public Task<IReadOnlyList<CheckpointRecorded>> Publish(IReadOnlyList<CheckpointMessage> written, RunKey run, int attempt)
    {
        var records =
            written.Select(c => new CheckpointRecorded(run, attempt, c.Step, Path.GetRelativePath(_sweep, c.File), c.Sha256, c.Bytes) { At = default }).ToList();
        return _objects is null || records.Count == 0 ? Task.FromResult<IReadOnlyList<CheckpointRecorded>>(records) : Task.Run<IReadOnlyList<CheckpointRecorded>>(() => records.Where(IsShared).ToList());
    }

    /// <summary>Removes the recorded checkpoints that need not be kept, now that the newest is in the store.</summary>
    /// <param name="newestFirst">Of all attempts that hold.</param>
    /// <param name="kept">How many stay; see <see cref="Retention"/>.</param>
    public Task Clean(IReadOnlyList<CheckpointRecorded> newestFirst, int kept)
    {
        var there = newestFirst.Where(checkpoint => File.Exists(FileOf(checkpoint))).ToList();
        // Whoever goes on from one reads it whole and holds it against its digest; here its length must do, or a host would read all that its workers write.
        foreach (var checkpoint in Retention.Superseded(there, kept, c => new FileInfo(FileOf(c)) is { Exists: true } file && file.Length == c.Bytes)) Remove(FileOf(checkpoint));
        return _objects is not { } objects ? Task.CompletedTask : Task.Run(() =>
        {
            try
            {
                objects.Clean(newestFirst, kept, _ending);
            }
            catch (StorageException e)
            {
                Log($"host: {e.Message} What could not be removed only takes up room.");
            }
        });
    }

    /// <summary>Removes a file that nothing needs; one that stays costs room and nothing else.</summary>
    public void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log($"host: {file} could not be removed: {StorageException.Reason(e)}. It only takes up room.");
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _log?.Dispose();
            _log = null;
        }
    }

    private bool IsShared(CheckpointRecorded checkpoint)
    {
        try
        {
            _objects!.Upload(checkpoint, FileOf(checkpoint), _ending);
            return true;
        }
        catch (StorageException e)
        {
            var sentence = $"The checkpoint of step {checkpoint.Step} is not recorded, because other machines could not go on from it. {e.Message}";
            Log($"host: {sentence}");
            _complain(sentence);
            return false;
        }
    }

    private string FileOf(CheckpointRecorded checkpoint) => Path.Combine(_sweep, checkpoint.File);
}
