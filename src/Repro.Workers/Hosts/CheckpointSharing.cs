using Repro.Results.Objects;
using Repro.Results.Runs;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Workers.Hosts;

/// <summary>
/// Brings the checkpoints of one attempt to the other machines before they are recorded. The newest one that could not be brought there waits on this
/// machine, unrecorded, and is tried again with the next one and at the attempt's end; the run trains on meanwhile. Calls block.
/// </summary>
/// <param name="files">Keeps the log, tells a person, and removes what nothing needs.</param>
/// <param name="ending">Nothing is moved any more.</param>
internal sealed class CheckpointSharing(CheckpointObjects objects, RunFiles files, CancellationToken ending)
{
    private readonly HashSet<string> _gone = [];
    private CheckpointRecorded? _waits;
    private string _why = "";
    private bool _told, _described;

    /// <param name="written">Since the last call, oldest first.</param>
    /// <param name="ends">The attempt has ended: what waits is tried a last time, and <see cref="Close"/> tells what became of it.</param>
    /// <returns>What may be recorded, oldest first.</returns>
    public IReadOnlyList<CheckpointRecorded> Share(IReadOnlyList<CheckpointRecorded> written, bool ends)
    {
        if (written.Count == 0 && (_waits is null || !ends)) return [];
        List<CheckpointRecorded> shared = [];
        // The newest first: a run goes on from that one. While it cannot be brought there, one that waited before it cannot either, and is of no use.
        var (newest, waited) = (written.Count > 0 ? written[^1] : _waits!, written.Count > 0 ? _waits : null);
        var why = Send(newest);
        foreach (var older in written.SkipLast(1).Reverse().Append(waited).OfType<CheckpointRecorded>())
        {
            if ((older == waited && why is not null) || Send(older) is not null) files.Remove(older);
            else shared.Insert(0, older);
        }
        if (why is null)
        {
            if (_told) files.Complain($"Checkpoints reach the other machines again: that of step {newest.Step} is there.");
            (_waits, _told) = (null, false);
            shared.Add(newest);
            // Whoever goes on from it asks whether its conditions are the same, also where this machine is gone by then.
            if (!_described) _described = SendRecords() is null;
            return shared;
        }
        (_waits, _why) = (newest, why);
        if (_told || ends) return shared;
        _told = true;
        files.Complain($"The checkpoint of step {newest.Step} is not recorded, because other machines could not go on from it. {why} It waits on this machine, and is sent again with the next one; the run trains on.");
        return shared;
    }

    /// <summary>Brings to the other machines what reports and exports there read of the attempt; where that fails it costs a sentence.</summary>
    public void ShareRecords()
    {
        // A store that has just refused would only be waited for once more.
        if ((_waits is null ? SendRecords() : _why) is { } why) files.Complain($"What attempt {files.Attempt} ran under stays on this machine alone; reports elsewhere lack it. {why}");
    }

    /// <summary>Removes the objects that need not be kept; see <see cref="CheckpointObjects.Clean"/>.</summary>
    public void Clean(IReadOnlyList<CheckpointRecorded> newestFirst, int kept)
    {
        if (_waits is not null) return;
        try
        {
            objects.Clean(newestFirst, kept, _gone, ending);
        }
        catch (StorageException e)
        {
            files.Log($"host: {e.Message} What could not be removed only takes up room.");
        }
    }

    /// <summary>Tells of the newest checkpoint that nobody but this machine has, once the attempt's end is durable: nothing can record it any more.</summary>
    /// <param name="state">The run's, of which the attempt was the last until then; null where it is another attempt's.</param>
    /// <param name="recorded">Newest first.</param>
    public void Close(RunState? state, IReadOnlyList<CheckpointRecorded> recorded)
    {
        if (_waits is not { } left) return;
        _waits = null;
        var older = recorded.Count > 0 ? $"step {recorded[0].Step}" : null;
        if (state is RunState.Completed)
        {
            files.Complain($"The run is completed, but its last checkpoint, of step {left.Step}, could not be brought to the other machines. {_why} It stays on this one alone, at {files.FileOf(left)}; the newest elsewhere is {(older is null ? "none" : $"of {older}")}.");
            return;
        }
        if (state is RunState.Planned or RunState.Paused or RunState.Failed)
            files.Complain($"The newest checkpoint, of step {left.Step}, could not be brought to the other machines, and was never recorded. {_why} The run can go on from {older ?? "its beginning"}.");
        files.Remove(left);
    }

    /// <returns>Null where they are there now; otherwise why they are not.</returns>
    private string? SendRecords()
    {
        try
        {
            files.CopyLog();
            objects.Records.Upload(files.Run, files.Attempt, files.AttemptFolder, ending);
            return null;
        }
        catch (StorageException e)
        {
            files.Log($"host: {e.Message}");
            return e.Message;
        }
    }

    /// <returns>Null where it is there now; otherwise why it is not.</returns>
    private string? Send(CheckpointRecorded checkpoint)
    {
        try
        {
            objects.Upload(checkpoint, files.FileOf(checkpoint), ending);
            return null;
        }
        catch (StorageException e)
        {
            files.Log($"host: The checkpoint of step {checkpoint.Step} could not be sent. {e.Message}");
            return e.Message;
        }
    }
}
