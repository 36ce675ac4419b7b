using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Protocol;

namespace Repro.Workers.Hosts;

/// <summary>
/// Whoever decides for a sweep, as the slots of one host see it: the host's own queue, or the sweep's grain. An answer is given only when what it rests on
/// is durable; where it cannot be now, it is waited for. Every question may be asked again as it is: what was done counts as done.
/// </summary>
public interface ISweepDecisions
{
    /// <summary>A run for a free slot: the one that it has already, of which it never learned, or a new one.</summary>
    Task<NextRun> Claim(SlotClaim slot);

    /// <summary>Takes note that an attempt goes on from an older checkpoint than the newest recorded one.</summary>
    /// <param name="from">Its step; null begins anew.</param>
    /// <returns>False where the run is no longer this attempt's.</returns>
    Task<bool> GoBack(RunKey run, int attempt, long? from);

    Task<ReportAnswer> Report(RunReport report);

    /// <summary>Takes note how an attempt ended, after what it still had to report, and gives the slot its next run in the same decision.</summary>
    /// <param name="ending">Completed, paused or failed.</param>
    /// <param name="next">Null asks for none.</param>
    Task<EndAnswer> End(RunReport report, WorkerMessage ending, SlotClaim? next);

    /// <summary>Which of these are no longer their attempt's: pruned, cancelled, or taken over.</summary>
    Task<IReadOnlyList<RunAttempt>> Lost(IReadOnlyList<RunAttempt> runs);
}

/// <param name="Gpus">Of how many GPUs the slot has the use; 0 on the CPU.</param>
public sealed record SlotClaim(string Slot, double Gpus);

public readonly record struct RunAttempt(RunKey Run, int Attempt);

/// <param name="Run">Null where there is none now.</param>
/// <param name="Over">No run will come any more.</param>
public sealed record NextRun(Assignment? Run, bool Over)
{
    /// <summary>Nothing, and nothing will come.</summary>
    public static NextRun None { get; } = new(null, Over: true);
}

/// <summary>What an attempt measured, and the checkpoints that it wrote.</summary>
public sealed record RunReport(RunKey Run, int Attempt, IReadOnlyList<MetricPoint> Points, IReadOnlyList<CheckpointRecorded> Checkpoints);

/// <param name="Recorded">The run's recorded checkpoints, newest first; empty where it is no longer this attempt's.</param>
public sealed record ReportAnswer(Directive Directive, IReadOnlyList<CheckpointRecorded> Recorded);

/// <param name="Recorded"><inheritdoc cref="ReportAnswer" path="/param[@name='Recorded']"/></param>
/// <param name="State">What the run is now: planned where it will be tried again.</param>
public sealed record EndAnswer(NextRun Next, IReadOnlyList<CheckpointRecorded> Recorded, RunState State);
