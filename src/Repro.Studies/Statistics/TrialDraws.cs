using Repro.Studies.Sweeps;

namespace Repro.Studies.Statistics;

/// <summary>How the trials of a search came about, for statistics that hold only where they are independent draws, each trained to its end.</summary>
/// <param name="Sampler">One of <see cref="Samplers.SamplerCatalog.Names"/>.</param>
/// <param name="Pruner">One of <see cref="Pruners.PrunerCatalog.Names"/>.</param>
/// <param name="Ablation">Whether the trials are arms, which a person chose.</param>
public sealed record TrialDraws(string Sampler, string Pruner, bool Ablation = false)
{
    /// <summary>Of the trials that the study's own sampler suggested (<see cref="TrialOrigin.Sampler"/>): the paper's own and those that a person asked for are no draws.</summary>
    public static TrialDraws Of(Study study) => new(study.Sampler, study.Pruner, study.Arms.Count > 0);

    /// <summary>Why a statistic of independent, unpruned draws says nothing about these trials, as a sentence; null where it does.</summary>
    /// <param name="statistic">The statistic at the head of the sentence: "Hyperparameter importance".</param>
    public string? Refusal(string statistic)
    {
        const string mend = "Run the study with sampler: random and pruner: none for it.";
        if (Ablation) return $"{statistic} is of trials that a sampler draws at random; an ablation's arms are chosen. {mend}";
        if (Sampler != "random") return $"{statistic} is of independent random trials; {(Sampler is "grid" or "sobol" ? $"those of the sampler {Sampler} are points of a plan, and no draws" : $"these were suggested by the sampler {Sampler}, each depending on others")}. {mend}";
        return Pruner == "none" ? null : $"{statistic} is of trials that all ran to their end; the pruner {Pruner} ended some early, the bad ones above all. {mend}";
    }
}
