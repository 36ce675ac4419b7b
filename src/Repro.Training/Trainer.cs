namespace Repro.Training;

/// <summary>Executes a run: trains, evaluates, writes checkpoints, and reports to a sink.</summary>
public static class Trainer
{
    /// <param name="resumeFrom">Checkpoint files that were recorded, newest first; the first one that is whole is taken. Empty starts anew.</param>
    /// <param name="stop">Ends the run at the next step with a checkpoint, in state Paused.</param>
    public static RunOutcome Run(
        Experiment experiment, object options, RunContext context, IRunSink sink, IReadOnlyList<string> resumeFrom, CancellationToken stop) =>
        throw new NotSupportedException();
}
