using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Experiments.Transformer;

/// <summary>What is worth searching and comparing in Vaswani et al. 2017 at a scale of minutes.</summary>
internal static class TransformerStudies
{
    private static readonly Objective Loss = new("validation_loss", ObjectiveDirection.Minimize);

    public static IReadOnlyList<NamedStudy> Searches { get; } =
    [
        new("learning-rate", "Is the published rate the best one, once what goes with it is tuned too?", new Study
        {
            Experiment = "transformer", Profile = "sweep", Objective = Loss, Sampler = "random", Trials = 25,
            Space = new SearchSpace(
            [
                CompactForm.Parse("peak_learning_rate=log:3e-4..5e-2"),
                // The best of these moves with the rate: both keep a net from learning by heart.
                CompactForm.Parse("dropout=0..0.3") with { Role = HyperparameterRole.Nuisance },
            ]),
        }),
    ];

    public static IReadOnlyList<Ablation> Ablations { get; } =
    [
        new("table-3", "Do the variations of Table 3 matter in the same direction at a small scale?", "table-3", Loss,
        [
            new("one-head", "One head as wide as the model: row (A), h = 1.", Configuration.Parse("heads=1")),
            new("one-layer", "Half the layers: row (C), fewer of them.", Configuration.Parse("layers=1")),
            new("half-width", "Half the model's size: row (C), d_model = 256.", Configuration.Parse("model_size=32")),
            new("half-feed-forward", "Half the feed-forward size: row (C), d_ff = 1024.", Configuration.Parse("feed_forward=64")),
            new("no-smoothing", "Row (D), epsilon_ls = 0.", Configuration.Parse("label_smoothing=0")),
            new("more-smoothing", "Row (D), epsilon_ls = 0.2.", Configuration.Parse("label_smoothing=0.2")),
            new("learned-positions", "Row (E): learned positions instead of sinusoids.", Configuration.Parse("positions=learned")),
        ]) { Seeds = 9 },                                           // with 7 arms, Holm's correction asks for 9 pairs

        new("dropout", "Does dropout help where every pair is seen often?", "table-3-dropout", Loss,
        [
            new("no-dropout", "Row (D), P_drop = 0.", Configuration.Parse("dropout=0")),
            new("more-dropout", "Row (D), P_drop = 0.2.", Configuration.Parse("dropout=0.2")),
        ]),
    ];
}
