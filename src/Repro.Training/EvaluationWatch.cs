namespace Repro.Training;

/// <summary>
/// What an evaluation that takes longer than seconds tells between two batches: how far it is, so that nobody takes it for hung, and whether it shall end. A run that is stopped in an
/// evaluation is paused, and evaluates anew when it goes on.
/// </summary>
public sealed class EvaluationWatch(Action<double> report, CancellationToken stop)
{
    /// <summary>Nobody waits, and nobody stops it.</summary>
    public static EvaluationWatch None { get; } = new(_ => { }, CancellationToken.None);

    /// <param name="share">Done of the part that is under way, 0 .. 1.</param>
    /// <exception cref="OperationCanceledException">It shall end.</exception>
    public void Look(double share)
    {
        stop.ThrowIfCancellationRequested();
        report(share);
    }
}
