using System.Globalization;
using System.Text;
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
    private readonly Lock _lock = new();
    private StreamWriter? _log;

    /// <param name="complain">Takes a sentence where the log cannot be written any more; the run goes on without.</param>
    /// <exception cref="StorageException">The folder cannot be made.</exception>
    public RunFiles(string sweep, RunKey run, int attempt, TimeProvider time, Action<string> complain)
    {
        (_sweep, _time, _complain) = (sweep, time, complain);
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

    /// <summary>As the store records it.</summary>
    public CheckpointRecorded ToRecord(CheckpointMessage written, RunKey run, int attempt) =>
        new(run, attempt, written.Step, Path.GetRelativePath(_sweep, written.File), written.Sha256, written.Bytes) { At = default };

    /// <summary>Removes the recorded checkpoints that need not be kept, now that the newest is in the store.</summary>
    /// <param name="newestFirst">Of all attempts that hold.</param>
    /// <param name="kept">How many stay; see <see cref="Retention"/>.</param>
    public void Clean(IReadOnlyList<CheckpointRecorded> newestFirst, int kept)
    {
        var there = newestFirst.Where(checkpoint => File.Exists(FileOf(checkpoint))).ToList();
        // Whoever goes on from one reads it whole and holds it against its digest; here its length must do, or a host would read all that its workers write.
        foreach (var checkpoint in Retention.Superseded(there, kept, c => new FileInfo(FileOf(c)).Length == c.Bytes)) Remove(FileOf(checkpoint));
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

    private string FileOf(CheckpointRecorded checkpoint) => Path.Combine(_sweep, checkpoint.File);
}
