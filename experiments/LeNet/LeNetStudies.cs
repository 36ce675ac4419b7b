using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Experiments.LeNet;

/// <summary>What is worth searching and comparing in LeCun et al. 1998 on Fashion-MNIST, at half a minute a run.</summary>
internal static class LeNetStudies
{
    private static readonly Objective Error = new("validation_error", ObjectiveDirection.Minimize);

    public static IReadOnlyList<NamedStudy> Searches { get; } =
    [
        new("learning-rate", "Which rate suits one pass of SGD with momentum, which the paper did not use?", new Study
        {
            Experiment = "lenet", Profile = "sweep", Objective = Error, Trials = 40,
            Space = new SearchSpace(
            [
                CompactForm.Parse("learning_rate=log:1e-3..1"),
                CompactForm.Parse("momentum=0..0.99") with { Role = HyperparameterRole.Nuisance },
            ]),
        }),
    ];

    public static IReadOnlyList<Ablation> Ablations { get; } =
    [
        new("network", "Is LeNet-5 better than a linear classifier, each at its own best rate?", "sweep", Error,
        [
            new("linear", "Each class is a weighted sum of the pixels: section III.C.1, Figure 9.", Configuration.Parse("network=linear")),
        ])
        {
            Nuisance = new SearchSpace([CompactForm.Parse("learning_rate=log:1e-3..1") with { Role = HyperparameterRole.Nuisance }]), TrialsPerArm = 8,
        },
    ];
}
