using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.StudyFiles;

namespace Repro.Studies.Sweeps;

/// <summary>What a sweep is to find out, and how: everything but its seed. Two studies are equal where their <see cref="Text"/> is.</summary>
public sealed record Study
{
    public required string Experiment { get; init; }

    public required string Profile { get; init; }

    /// <summary>Options that every trial has, over the profile's: the fixed hyperparameters, and in an ablation the baseline.</summary>
    public Configuration Fixed { get; init; } = Configuration.Empty;

    /// <summary>What is searched: scientific and nuisance hyperparameters. In an ablation what is tuned anew for every arm.</summary>
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

    /// <summary>How many configurations are tried; 0 in an ablation, whose trials are its arms.</summary>
    public required int Trials { get; init; }

    /// <summary>
    /// Time from its start after which a host stops, and from a sweep's submission after which a cluster is done with it: its runs checkpoint and pause, and whoever
    /// resumes the sweep has as long again. Whole seconds; null is no limit.
    /// </summary>
    public TimeSpan? WallTime { get; init; }

    /// <summary>Hours that runs may hold GPUs in all, a half GPU for an hour counting half; null is no limit. The host keeps it.</summary>
    public double? GpuHours { get; init; }

    /// <summary>Runs a configuration; their mean counts. In an ablation the pairs of each arm.</summary>
    public int Seeds { get; init; } = 1;

    public RetryLimits Retries { get; init; } = new();

    /// <summary>Changes that are compared with the baseline, one at a time; empty where the study is a search.</summary>
    public IReadOnlyList<AblationArm> Arms { get; init; } = [];

    /// <summary>Configurations of <see cref="Space"/> that the baseline and every arm are tuned over before they are compared; 0 tunes nothing anew.</summary>
    public int TrialsPerArm { get; init; }

    /// <summary>
    /// The runs of the arms read test at their end. Only of a comparison whose arms are all fixed beforehand: nothing is searched, tuned or chosen, so that there is nothing that test could choose.
    /// </summary>
    public bool ReadsTest { get; init; }

    /// <summary>What a person wants to be remembered of it; without blanks around it.</summary>
    public string Notes { get; init; } = "";

    /// <summary>Tags that its sweep begins with, name to value.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>The study as a file says it, in the one way that equal studies are written; what a sweep keeps of it. See <see cref="StudyFile"/>.</summary>
    public string Text => StudyFile.Write(this);

    public bool Equals(Study? other) => other is not null && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
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
