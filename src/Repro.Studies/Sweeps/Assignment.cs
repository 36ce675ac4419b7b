using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Sweeps;

/// <summary>What a slot is to train.</summary>
/// <param name="Checkpoints">Recorded ones, newest first; empty begins anew.</param>
public sealed record Assignment(RunKey Run, int Attempt, Configuration Configuration, ulong Seed, bool ReadsTest, IReadOnlyList<CheckpointRecorded> Checkpoints);

/// <summary>What a run does after it reported.</summary>
public enum Directive
{
    /// <summary>Trains on.</summary>
    Continue,

    /// <summary>Checkpoints and stops, until its trial is promoted.</summary>
    Pause,

    /// <summary>Ends at once: it was pruned or cancelled, or another attempt has taken its place.</summary>
    End,
}
