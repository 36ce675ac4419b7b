using Repro.Results.Objects;

namespace Repro.Workers.Hosts;

/// <summary>How a host works on a sweep.</summary>
public sealed record HostSettings
{
    /// <summary>The sweep's folder, full path: each run has <c>RUN/log.txt</c> and <c>RUN/attempt-N/</c> in it.</summary>
    public required string Folder { get; init; }

    /// <summary>Names are unique.</summary>
    public required IReadOnlyList<Slot> Slots { get; init; }

    /// <summary>Starts the worker of a slot; its second argument takes what the worker prints, line by line.</summary>
    public required Func<Slot, Action<string>, IWorker> StartWorker { get; init; }

    /// <summary>Where checkpoints are put before they are recorded, so that other machines can go on from them; null where all of them see <see cref="Folder"/>.</summary>
    public CheckpointObjects? Objects { get; init; }

    /// <summary>Which build of the program its workers are; a worker of another is not used again.</summary>
    public string Build { get; init; } = "";

    /// <summary>
    /// Folder of the sweep's lock in its store, for stores on this machine alone: who has it, a lock of the operating system, is the only host that may work
    /// on the sweep. Every other host that the store knows is then dead, and its runs go on at once. Null shares the sweep with other hosts, by leases.
    /// </summary>
    public string? StoreLock { get; init; }

    /// <summary>Whether this host works alone.</summary>
    internal bool Exclusive => StoreLock is not null;

    /// <summary>How long the store takes this host for alive after it last said so; renewed every third of it. Not used with a <see cref="StoreLock"/>.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a worker that trains may say nothing at all.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a worker whose run was pruned or cancelled has to stop by itself, so that it can be used again.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between checkpoints of a run.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Folder with the data sets; null looks in the usual places.</summary>
    public string? DataFolder { get; init; }

    /// <summary>After so long the host stops cleanly; null has no limit. Slots of a silo do not look at it: there the sweep's decider does.</summary>
    public TimeSpan? WallTime { get; init; }

    /// <summary>Attempts that a slot may fail one after another, of at least two trials, before nothing more is given to it.</summary>
    public int FailuresInARow { get; init; } = 3;

    /// <summary>Time between looks at what others have decided: trials added, cancelled, promoted; runs of hosts that died.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time before a checkpoint that could not be fetched, because <see cref="Objects"/> were out of reach, is asked for again.</summary>
    public TimeSpan FetchAgainAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a run waits here for its checkpoint before it is given back, for another machine to try.</summary>
    public TimeSpan FetchPatience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Time between measurements of GPUs and of a worker's memory.</summary>
    public TimeSpan MeasureEvery { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>Why a host has ended its work.</summary>
public enum HostEnd
{
    /// <summary>Nothing is left to do.</summary>
    Finished,

    /// <summary>A person holds the sweep.</summary>
    Held,

    /// <summary>A person cancelled the sweep.</summary>
    Cancelled,

    /// <summary><see cref="HostSettings.WallTime"/> is used up.</summary>
    OutOfTime,

    /// <summary>It was asked to stop.</summary>
    Stopped,

    /// <summary>Every slot failed everything it was given.</summary>
    Failed,
}

/// <param name="Reasons">A sentence for each slot that was given up; empty where none was.</param>
public sealed record HostOutcome(HostEnd End, IReadOnlyList<string> Reasons);
