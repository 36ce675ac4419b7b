using System.Globalization;
using System.Text;
using Repro.Results.Objects;
using Repro.Results.Runs;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Protocol;

namespace Repro.Workers.Hosts;

/// <summary>The folder of a run within its sweep's: the log of all its attempts, and a folder for each with the checkpoints that it writes.</summary>
public sealed class RunFiles : IDisposable
{
    private readonly string _sweep;
    private readonly TimeProvider _time;
    private readonly Action<string> _complain;
    private readonly CheckpointObjects? _objects;
    private readonly CheckpointSharing? _sharing;
    private readonly CancellationToken _ending;
    private readonly Lock _lock = new();
    private StreamWriter? _log;

    /// <param name="complain">Takes a sentence for a person, of something that the run goes on without.</param>
    /// <param name="objects">Where checkpoints are shared with other machines; null where these see the same folder.</param>
    /// <param name="ending">Nothing is moved to or from other machines any more.</param>
    /// <exception cref="StorageException">The folder cannot be made.</exception>
    public RunFiles(string sweep, RunKey run, int attempt, TimeProvider time, Action<string> complain, CheckpointObjects? objects = null, CancellationToken ending = default)
    {
        (_sweep, _time, _complain, _objects, _ending) = (sweep, time, complain, objects, ending);
        (Run, Attempt) = (run, attempt);
        if (objects is not null) _sharing = new CheckpointSharing(objects, this, ending);
        var folder = Path.Combine(sweep, run.ToString());
        AttemptFolder = AttemptRecords.FolderOf(sweep, run, attempt);
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

    public RunKey Run { get; }

    public int Attempt { get; }

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

    /// <summary>Copies the log, as it is now, into the attempt's folder: it grows while it is sent.</summary>
    /// <exception cref="StorageException">The disk refuses.</exception>
    public void CopyLog()
    {
        lock (_lock)
        {
            try
            {
                File.Copy(LogOf(_sweep, Run), Path.Combine(AttemptFolder, AttemptRecords.Log), overwrite: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StorageException($"The run's log cannot be copied into {AttemptFolder}: {StorageException.Reason(e)}.", e);
            }
        }
    }

    /// <summary>Tells a person, and notes it.</summary>
    public void Complain(string sentence)
    {
        Log($"host: {sentence}");
        _complain(sentence);
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
            if (objects.Fetch(checkpoint, FileOf(checkpoint), _ending) is { } fault) Complain(fault);
            else
            {
                FetchConditions(objects, checkpoint);
                return;
            }
        }
    });

    // The worker compares them with its own.
    private void FetchConditions(CheckpointObjects objects, CheckpointRecorded checkpoint)
    {
        try
        {
            objects.Records.Fetch([(checkpoint.Run, checkpoint.Attempt)], _sweep, conditionsOnly: true, _ending);
        }
        catch (StorageException e)
        {
            Complain($"Whether the run goes on under the conditions of its attempt {checkpoint.Attempt} is not known: {e.Message}");
        }
    }

    /// <summary>What is to be recorded of what a worker wrote: everything, once other machines can reach it too; see <see cref="CheckpointSharing"/>.</summary>
    /// <param name="ends">It writes no more.</param>
    public Task<IReadOnlyList<CheckpointRecorded>> Publish(IReadOnlyList<CheckpointMessage> written, bool ends = false)
    {
        IReadOnlyList<CheckpointRecorded> records =
            written.Select(c => new CheckpointRecorded(Run, Attempt, c.Step, Path.GetRelativePath(_sweep, c.File), c.Sha256, c.Bytes) { At = default }).ToList();
        return _sharing is not { } sharing ? Task.FromResult(records) : Task.Run(() => sharing.Share(records, ends));
    }

    /// <inheritdoc cref="CheckpointSharing.ShareRecords"/>
    public Task ShareRecords() => _sharing is not { } sharing ? Task.CompletedTask : Task.Run(sharing.ShareRecords);

    /// <inheritdoc cref="CheckpointSharing.Close"/>
    public void Close(RunState? state, IReadOnlyList<CheckpointRecorded> recorded) => _sharing?.Close(state, recorded);

    /// <summary>Removes the recorded checkpoints that need not be kept, now that the newest is in the store.</summary>
    /// <param name="newestFirst">Of all attempts that hold.</param>
    /// <param name="kept">How many stay; see <see cref="Retention"/>.</param>
    public Task Clean(IReadOnlyList<CheckpointRecorded> newestFirst, int kept)
    {
        var there = newestFirst.Where(checkpoint => File.Exists(FileOf(checkpoint))).ToList();
        // Whoever goes on from one reads it whole and holds it against its digest; here its length must do, or a host would read all that its workers write.
        foreach (var checkpoint in Retention.Superseded(there, kept, c => new FileInfo(FileOf(c)) is { Exists: true } file && file.Length == c.Bytes)) Remove(checkpoint);
        return _sharing is not { } sharing ? Task.CompletedTask : Task.Run(() => sharing.Clean(newestFirst, kept));
    }

    /// <summary>Removes a checkpoint's file, which nothing needs; one that stays costs room and nothing else.</summary>
    public void Remove(CheckpointRecorded checkpoint)
    {
        try
        {
            File.Delete(FileOf(checkpoint));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log($"host: {FileOf(checkpoint)} could not be removed: {StorageException.Reason(e)}. It only takes up room.");
        }
    }

    /// <summary>Full path on this machine.</summary>
    public string FileOf(CheckpointRecorded checkpoint) => Path.Combine(_sweep, checkpoint.File);

    public void Dispose()
    {
        lock (_lock)
        {
            _log?.Dispose();
            _log = null;
        }
    }
}
