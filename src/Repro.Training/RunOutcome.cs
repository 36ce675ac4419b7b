using Repro.Studies.Runs;

namespace Repro.Training;

/// <summary>How an execution of a run ended.</summary>
/// <param name="State">Completed, Paused (stopped on request, at a checkpoint) or Failed.</param>
/// <param name="Step">Optimizer steps taken.</param>
/// <param name="Scores">Final metrics by name; empty unless completed.</param>
/// <param name="Failure">What went wrong and what to do, where it failed.</param>
/// <param name="WaitingShare">Share of training time spent waiting for data, 0 to 1.</param>
public sealed record RunOutcome(RunState State, long Step, IReadOnlyDictionary<string, double> Scores, string? Failure, double WaitingShare)
{
    /// <summary>Why it failed; meaningful in that state alone.</summary>
    public RunFailure Why { get; init; }
}

/// <summary>Why an execution failed, for whoever decides whether to try it again.</summary>
public enum RunFailure
{
    /// <summary>Not said.</summary>
    Unknown,

    /// <summary>The loss or a parameter was no finite number.</summary>
    NotFinite,

    /// <summary>A checkpoint could not be written.</summary>
    Storage,
}
