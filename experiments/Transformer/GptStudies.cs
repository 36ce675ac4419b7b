using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Experiments.Transformer;

/// <summary>What is worth searching and comparing in nanoGPT, at about a minute a run.</summary>
internal static class GptStudies
{
    private static readonly Objective Loss = new("validation_loss", ObjectiveDirection.Minimize);

    public static IReadOnlyList<NamedStudy> Searches { get; } =
    [
        new("learning-rate", "Is 1e-3 the best rate for the small model, once what goes with it is tuned too?", new Study
        {
            Experiment = "nanogpt", Profile = "sweep", Objective = Loss, Sampler = "random", Trials = 24,
            Space = new SearchSpace(
            [
                CompactForm.Parse("learning_rate=log:1e-4..3e-2"),
                // The best of these moves with the rate: decay shrinks by rate x decay, and a longer memory of squares calms a higher rate.
                CompactForm.Parse("weight_decay=log:1e-3..1") with { Role = HyperparameterRole.Nuisance },
                CompactForm.Parse("beta2=0.9..0.999") with { Role = HyperparameterRole.Nuisance },
            ]),
        }),
    ];

    public static IReadOnlyList<Ablation> Ablations { get; } =
    [
        new("parts", "Which of nanoGPT's choices matter within the first 1,000 steps of the small model?", "sweep", Loss,
        [
            new("no-positions", "No vector for each place; model.py learns one.", Configuration.Parse("positions=none")),
            new("untied", "A matrix of its own before the logits; model.py takes the embedding's.", Configuration.Parse("tied_embeddings=false")),
            new("dropout", "A fifth dropped, as the large setting has; the small one has none.", Configuration.Parse("dropout=0.2")),
            new("bias", "Biases in linear layers and normalizations, as GPT-2 has them.", Configuration.Parse("bias=true")),
            new("no-weight-decay", "No decay; train.py has 0.1.", Configuration.Parse("weight_decay=0")),
        ]),
    ];
}
