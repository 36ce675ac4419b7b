using System.Text.Json.Serialization;

namespace Repro.Studies.Sweeps;

/// <summary>Where a trial's configuration comes from.</summary>
[JsonConverter(typeof(SnakeCaseWords<TrialOrigin>))]
public enum TrialOrigin
{
    /// <summary>The paper's own: trial 0.</summary>
    Paper,

    /// <summary>The study's sampler.</summary>
    Sampler,

    /// <summary>A person asked for it.</summary>
    Enqueued,

    /// <summary>Nuisance hyperparameters tried for one arm of an ablation, before the arms are compared.</summary>
    Tuning,

    /// <summary>An arm of an ablation, the baseline included.</summary>
    Arm,

    /// <summary>The chosen configuration again, on fresh seeds: the only trials that read test.</summary>
    Confirmation,
}
