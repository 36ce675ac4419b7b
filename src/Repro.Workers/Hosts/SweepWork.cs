using Repro.Studies.Sweeps;

namespace Repro.Workers.Hosts;

/// <summary>A host's work on one sweep, as its slots see it.</summary>
internal sealed record SweepWork
{
    public required Study Study { get; init; }

    public required HostSettings Settings { get; init; }

    public required TimeProvider Time { get; init; }

    public required ISweepDecisions Decisions { get; init; }

    public required MachineMeter Meter { get; init; }

    /// <summary>Told of what happens, on any thread.</summary>
    public required Action<HostEvent> Tell { get; init; }

    /// <summary>Raised when something happened by which a slot that waits may have a run.</summary>
    public required Signal Changed { get; init; }

    /// <summary>Checkpoint and stop.</summary>
    public required CancellationToken Stopping { get; init; }

    /// <summary>End the workers now.</summary>
    public required CancellationToken Ending { get; init; }

    /// <summary>Whether a slot for which there is no run now waits for one; otherwise it goes elsewhere.</summary>
    public bool Waits { get; init; } = true;

    /// <summary>Asked at the end of each run; false has the slot go elsewhere.</summary>
    public Func<bool> GoesOn { get; init; } = () => true;
}
