using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Sweeps;

/// <summary>What a sweep is to find out, and how: everything but its seed.</summary>
public sealed record Study
{
    public required string Experiment { get; init; }

    public required string Profile { get; init; }

    /// <summary>Options that every trial has, over the profile's.</summary>
    public Configuration Fixed { get; init; } = Configuration.Empty;

    public required SearchSpace Space { get; init; }

    /// <summary>One of <see cref="SamplerCatalog.Names"/>.</summary>
    public string Sampler { get; init; } = "random";

    /// <summary>One of <see cref="Pruners.PrunerCatalog.Names"/>.</summary>
    public string Pruner { get; init; } = "none";

    /// <summary>Steps of the pruner's first rung, and of a whole run: there a run is completed, whatever the pruner thinks of it.</summary>
    public (long Least, long Most) Rungs { get; init; } = (1, long.MaxValue);

    /// <summary>The pruner's reduction factor; null is the published one.</summary>
    public int? Eta { get; init; }

    public required Objective Objective { get; init; }

    /// <summary>How many configurations are tried.</summary>
    public required int Trials { get; init; }

    /// <summary>Runs a configuration; their mean counts.</summary>
    public int Seeds { get; init; } = 1;

    public RetryLimits Retries { get; init; } = new();

    /// <summary>The study as a file says it; what a sweep keeps of it.</summary>
    public string Text { get; init; } = "";
}

/// <summary>What is optimized. Always on validation: test stays sealed while one searches.</summary>
/// <param name="Metric">As runs report it: <c>validation_error</c>.</param>
public sealed record Objective(string Metric, ObjectiveDirection Direction);

/// <summary>How often a run is tried again after it failed, by class. A host that was lost, or a machine that lacks something, never
/// counts; and a run that has got further, to a new checkpoint, has all of them anew.</summary>
/// <param name="Crash">After crashes and hangs.</param>
/// <param name="NotFinite">A run that diverged would diverge again.</param>
public sealed record RetryLimits(int Bug = 0, int NotFinite = 0, int OutOfMemory = 1, int Crash = 2)
{
    public int Of(FailureClass failure) => failure switch
    {
        FailureClass.Bug => Bug,
        FailureClass.NotFinite => NotFinite,
        FailureClass.OutOfMemory => OutOfMemory,
        FailureClass.Crash or FailureClass.Hang => Crash,
        FailureClass.Lost or FailureClass.Machine => int.MaxValue,
        FailureClass.Cancelled => 0,
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, "No class of failure."),
    };
}
