using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Experiments.Airbench;

/// <summary>What is worth searching and comparing in airbench94 with Muon, at under a minute a run.</summary>
internal static class AirbenchStudies
{
    private static readonly Objective Error = new("validation_error", ObjectiveDirection.Minimize);

    public static IReadOnlyList<NamedStudy> Searches { get; } =
    [
        new("learning-rate", "Does Muon's published rate hold for a network an eighth as wide?", new Study
        {
            Experiment = "airbench", Profile = "sweep", Objective = Error, Trials = 40,
            Space = new SearchSpace(
            [
                CompactForm.Parse("learning_rate=log:0.02..2"),
                CompactForm.Parse("bias_learning_rate=log:5e-3..0.5") with { Role = HyperparameterRole.Nuisance },
                CompactForm.Parse("head_learning_rate=log:0.05..5") with { Role = HyperparameterRole.Nuisance },
            ]),
        }),
    ];

    public static IReadOnlyList<Ablation> Ablations { get; } =
    [
        new("tricks", "Which of the recipe's tricks matter within one epoch?", "sweep", Error,
        [
            new("no-flip", "Images as they stand; the recipe flips them by turns.", Configuration.Parse("flip=false")),
            new("no-shift", "No shift by up to two pixels.", Configuration.Parse("translate=0")),
            new("no-label-smoothing", "The loss asks for full certainty; the recipe spreads a fifth of it over all classes.", Configuration.Parse("label_smoothing=0")),
            new("one-newton-schulz-step", "Muon with one step towards an orthogonal matrix instead of three.", Configuration.Parse("newton_schulz_steps=1")),
        ]),
    ];
}
