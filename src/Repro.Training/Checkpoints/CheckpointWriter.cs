using Repro.Studies;
using Repro.Studies.Formats;
using Repro.Studies.Runs;

namespace Repro.Training.Checkpoints;

/// <summary>
/// Writes an attempt's checkpoints into its folder, reports each one when it is durable, and removes those of this attempt that <see cref="Retention"/> lets
/// go. What earlier attempts wrote is not touched.
/// </summary>
internal sealed class CheckpointWriter
{
    private readonly DurableFolder _folder;
    private readonly IRunSink _sink;
    private readonly bool _keepsAll;
    private readonly HashSet<string> _damaged = [];

    /// <param name="keepsAll">Removes none.</param>
    public CheckpointWriter(string folder, IRunSink sink, bool keepsAll = false) => (_folder, _sink, _keepsAll) = (new DurableFolder(folder), sink, keepsAll);

    /// <summary>The step of the newest checkpoint that was written or resumed from; null before the first.</summary>
    public long? LastStep { get; set; }

    /// <exception cref="CheckpointFailedException">It could not be written; those before it are as they were.</exception>
    public void Write(long step, CheckpointDraft draft)
    {
        var (file, digest) = WriteFile(step, draft);
        LastStep = step;
        _sink.Checkpoint(new CheckpointWritten(step, file, digest, new FileInfo(file).Length));
        if (_keepsAll) return;
        var newestFirst = Directory.EnumerateFiles(_folder.Folder).Where(found => CheckpointFile.StepOf(found) is not null).OrderByDescending(CheckpointFile.StepOf).ToList();
        foreach (var superseded in Retention.Superseded(newestFirst, Retention.WhileUnfinished, IsWhole)) Remove(superseded);
    }

    // Read back from the file: a disk that lies must not cost the last good one. Says once what is wrong with a damaged one.
    private bool IsWhole(string file)
    {
        if (_damaged.Contains(file)) return false;
        try
        {
            CheckpointFile.Verify(file);
            return true;
        }
        catch (BadInputException damage)
        {
            _damaged.Add(file);
            _sink.Message($"{damage.Message} It does not count; an earlier one is kept in its place.");
            return false;
        }
    }

    private (string File, string Digest) WriteFile(long step, CheckpointDraft draft)
    {
        try
        {
            var digest = "";
            var file = _folder.Write(CheckpointFile.NameOf(step), stream => digest = CheckpointFile.Write(stream, draft.Tensors, draft.Metadata));
            return (file, digest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var before = LastStep is { } last && last != step ? $"The checkpoint at step {last} is whole; free space, then continue from it with --resume." : "There is no earlier one.";
            throw new CheckpointFailedException($"The checkpoint at step {step} could not be written to '{_folder.Folder}': {e.Message.TrimEnd('.')}. {before}", e);
        }
    }

    // The new checkpoint is durable; an old one that stays costs room and nothing else.
    private void Remove(string superseded)
    {
        try
        {
            File.Delete(superseded);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _sink.Message($"The superseded checkpoint '{superseded}' could not be removed: {e.Message.TrimEnd('.')}. It only takes up room.");
        }
    }
}

/// <summary>A checkpoint could not be written. The message is for a person and becomes the run's failure.</summary>
internal sealed class CheckpointFailedException(string message, Exception inner) : Exception(message, inner);
