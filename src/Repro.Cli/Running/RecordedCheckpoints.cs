using Repro.Results;
using Repro.Results.Runs;
using Repro.Training.Checkpoints;

namespace Repro.Cli.Running;

/// <summary>The checkpoints that a run's log has recorded, held against what lies in their files now.</summary>
internal static class RecordedCheckpoints
{
    /// <summary>The newest one that is whole and the very file that was recorded, with its place; null where none is.</summary>
    /// <param name="recorded">Newest first.</param>
    /// <param name="refused">Called with a sentence for each one before it.</param>
    public static (Checkpoint Checkpoint, int Index)? FirstWhole(IReadOnlyList<RecordedCheckpoint> recorded, Action<string> refused) =>
        Checkpoint.FirstWhole(recorded.Select(c => c.File).ToList(), refused, (checkpoint, place) =>
            checkpoint.Sha256 == recorded[place].Sha256 && checkpoint.Step == recorded[place].Step ? null
            : $"'{recorded[place].File}' is another checkpoint (step {checkpoint.Step}, digest {checkpoint.Sha256[..12]}) than the one that was recorded "
                + $"(step {recorded[place].Step}, digest {recorded[place].Sha256[..Math.Min(12, recorded[place].Sha256.Length)]}).");

    /// <summary>Puts metrics back that the run's file has lost, from the checkpoint that it goes on from, and says where the two differ.</summary>
    public static void Restore(Checkpoint checkpoint, RunFolder folder, Action<string> message)
    {
        var kept = folder.Read().Metrics.ToDictionary(point => (point.Name, point.Step), point => point.Value);
        var (lost, changed) = (0, 0);
        foreach (var point in checkpoint.History())
        {
            if (!kept.TryGetValue((point.Name, point.Step), out var value))
            {
                folder.Metric(point);
                lost++;
            }
            else if (!value.Equals(point.Value))
            {
                changed++;
            }
        }
        if (lost > 0) message($"Measured values up to step {checkpoint.Step} that metrics.jsonl had lost came back from the checkpoint: {lost}.");
        if (changed > 0) message($"Measured values in metrics.jsonl up to step {checkpoint.Step} that differ from what the checkpoint remembers: {changed}. The file was changed by someone else.");
    }
}
