using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Experiments.Lstm;

/// <summary>What is worth searching and comparing in Zaremba et al. 2014, at minutes a run.</summary>
internal static class LstmStudies
{
    private static readonly Objective Perplexity = new("validation_perplexity", ObjectiveDirection.Minimize);

    public static IReadOnlyList<NamedStudy> Searches { get; } =
    [
        new("learning-rate", "Is 1 the best rate to begin with, once where the gradient is cut is tuned too?", new Study
        {
            Experiment = "lstm", Profile = "sweep", Objective = Perplexity, Sampler = "random", Trials = 21,
            Space = new SearchSpace(
            [
                CompactForm.Parse("learning_rate=log:0.05..20"),
                // A cut gradient makes steps of rate x clip, so that the best of the two move together.
                CompactForm.Parse("clip=log:0.5..50") with { Role = HyperparameterRole.Nuisance },
            ]),
        }),
    ];

    public static IReadOnlyList<Ablation> Ablations { get; } =
    [
        new("dropout",
            "Is a network that is large for its text better with dropout on the non-recurrent connections, and what does it do on the recurrent ones?", "overfit", Perplexity,
        [
            new("none", "No dropout, as in the paper's small network.", Configuration.Parse("dropout=0")),
            new("everywhere", "On the recurrent connections too, which section 3.2 says disturbs the memory.", Configuration.Parse("recurrent_dropout=0.5")),
        ]),

        new("size-and-dropout", "Is it dropout on the non-recurrent connections that makes the larger of two networks the better one?", "overfit", Perplexity,
        [
            new("small", "100 units, with the same dropout.", Configuration.Parse("hidden=100")),
            new("large-without", "300 units, and no dropout: section 1 says that such a network overfits.", Configuration.Parse("dropout=0")),
            new("small-without", "100 units and no dropout, as the paper's small network has none.", Configuration.Parse("dropout=0,hidden=100")),
        ])
        { Baseline = Configuration.Parse("hidden=300") },

        new("averaging", "How much better are averaged networks than one?", "sweep", Perplexity,
        [
            new("two", "The mean of two networks' probabilities; Table 1, model averaging.", Configuration.Parse("members=2")),
            new("five", "The mean of five networks' probabilities; Table 1, model averaging.", Configuration.Parse("members=5")),
        ]),
    ];
}
