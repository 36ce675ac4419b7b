namespace Repro.Studies.Runs;

/// <summary>The states of a run.</summary>
public enum RunState
{
    /// <summary>Known, never started.</summary>
    Planned,

    /// <summary>An attempt is training it now.</summary>
    Running,

    /// <summary>Stopped at a checkpoint on request; <c>--resume</c> continues it.</summary>
    Paused,

    /// <summary>Trained and evaluated to the end.</summary>
    Completed,

    /// <summary>Ended early by a pruner.</summary>
    Pruned,

    /// <summary>Ended by an error; the last checkpoint is kept.</summary>
    Failed,

    /// <summary>Ended on request, not to be continued.</summary>
    Cancelled,
}
