using Repro.Workers.Hosts;

namespace Repro.Workers.Silos;

/// <summary>The times of a silo's slots.</summary>
public sealed record SiloPace
{
    /// <summary>After so long on one sweep a slot asks the queue again, at the end of a run.</summary>
    public TimeSpan Quantum { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time between looks at whether the runs in flight are still theirs.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time before a sweep that could not be served for a reason that may pass, as a share that is away, is asked for again.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Time before a sweep that this machine cannot serve is looked at again, for a person may have mended it; ten times as long as the looking took, where that is
    /// more: large data are not read all day.
    /// </summary>
    public TimeSpan LookAgainAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <inheritdoc cref="HostSettings.MeasureEvery"/>
    public TimeSpan MeasureEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc cref="HostSettings.FailuresInARow"/>
    public int FailuresInARow { get; init; } = 3;

    /// <summary>Sweeps whose preparations on this machine are kept.</summary>
    public int SweepsRemembered { get; init; } = 100;
}
