using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Experiments.ResNet;

/// <summary>What is worth searching and comparing in He et al. 2015, section 4.2, at about a minute a run.</summary>
internal static class ResNetStudies
{
    private static readonly Objective Error = new("validation_error", ObjectiveDirection.Minimize);

    public static IReadOnlyList<NamedStudy> Searches { get; } =
    [
        new("learning-rate", "Is 0.1 the best rate to begin with, once what goes with it is tuned too?", new Study
        {
            Experiment = "resnet", Profile = "sweep", Objective = Error, Sampler = "random", Trials = 41,
            Space = new SearchSpace(
            [
                CompactForm.Parse("learning_rate=log:1e-3..3"),
                // The best of these moves with the rate: the size of a step is about rate / (1 - momentum), its shrinkage rate x decay.
                CompactForm.Parse("weight_decay=log:1e-6..1e-2") with { Role = HyperparameterRole.Nuisance },
                CompactForm.Parse("momentum=0.5..0.99") with { Role = HyperparameterRole.Nuisance },
                CompactForm.Parse("warm_up=deep,always") with { Role = HyperparameterRole.Nuisance },
            ]),
        }),
    ];

    public static IReadOnlyList<Ablation> Ablations { get; } =
    [
        // 20 layers and not the profile's 8: it is the smallest depth of Fig. 6, and 8 layers train well either way.
        new("shortcuts", "Do shortcuts help 20 layers within the first 300 steps?", "sweep", Error,
        [
            new("plain", "The same network without the shortcuts of Eq. (1), as in Fig. 6 (left).", Configuration.Parse("network=plain")),
        ]) { Baseline = Configuration.Parse("depth=20") },

        new("training", "Which parts of section 4.2's training matter within the first 300 steps?", "sweep", Error,
        [
            new("no-augmentation", "Images as they are; section 4.2 pads, crops and flips them.", Configuration.Parse("augment=false")),
            new("no-weight-decay", "No penalty; section 4.2 has a weight decay of 0.0001.", Configuration.Parse("weight_decay=0")),
            new("no-momentum", "Plain SGD; section 4.2 has a momentum of 0.9.", Configuration.Parse("momentum=0")),
            new("no-drops", "One rate to the end; section 4.2 divides it by 10 after a half and after three quarters.", Configuration.Parse("first_drop=1,second_drop=1")),
        ]),
    ];
}
