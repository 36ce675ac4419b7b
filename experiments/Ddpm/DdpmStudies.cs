using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Experiments.Ddpm;

/// <summary>What is worth searching and comparing in Ho et al. 2020, on 8 x 8 digits at about a minute a run.</summary>
internal static class DdpmStudies
{
    private static readonly Objective Distance = new("validation_frechet_distance", ObjectiveDirection.Minimize);

    public static IReadOnlyList<NamedStudy> Searches { get; } =
    [
        new("learning-rate", "Which rate suits the small network, once the moving average goes with it?", new Study
        {
            Experiment = "ddpm", Profile = "sweep", Objective = Distance, Trials = 20,
            Space = new SearchSpace(
            [
                CompactForm.Parse("learning_rate=log:1e-4..1e-2"),
                CompactForm.Parse("ema_decay=0.97..0.9999") with { Role = HyperparameterRole.Nuisance },
            ]),
        }),
    ];

    // The baseline is the sixth: epsilon, L_simple.
    private static readonly IReadOnlyList<AblationArm> Cells =
    [
        new("mean-bound-learned", "mu~, L, learned diagonal Sigma: Table 2, row 1.", Configuration.Parse("mean=posterior,loss=bound,variance=learned")),
        new("mean-bound-fixed", "mu~, L, fixed isotropic Sigma: Table 2, row 2.", Configuration.Parse("mean=posterior,loss=bound")),
        new("mean-mse", "mu~, unweighted MSE: Table 2, row 3.", Configuration.Parse("mean=posterior")),
        new("noise-bound-learned", "Epsilon, L, learned diagonal Sigma: Table 2, row 4.", Configuration.Parse("loss=bound,variance=learned")),
        new("noise-bound-fixed", "Epsilon, L, fixed isotropic Sigma: Table 2, row 5.", Configuration.Parse("loss=bound")),
    ];

    public static IReadOnlyList<Ablation> Ablations { get; } =
    [
        new("table-2", "Does it matter what is predicted, what is minimized, and whose the variance is? The six cells of Table 2.", "digits", Distance, Cells),
        new("table-2-fashion", "The same six cells where images are harder than digits: Fashion-MNIST at 14 x 14.", "fashion", Distance, Cells),
        new("choices", "What section 3.2 says in passing: is x_0 a worse thing to predict, and is beta~ as good a variance as beta?", "digits", Distance,
        [
            new("image", "Predicts x_0, with an unweighted squared error; section 3.2.", Configuration.Parse("mean=start")),
            new("small-variance", "beta~, the smaller of the two fixed variances; section 3.2.", Configuration.Parse("variance=fixed_small")),
        ]),
        new("sampler", "How many steps does a trained network need, with noise on the way and without? Song et al. 2020, Table 1. Every arm trains the same network; only sampling differs.", "ddim", Distance,
        [
            new("10-steps-noise", "10 steps, eta = 1.", Configuration.Parse("eta=1")),
            new("20-steps", "20 steps, eta = 0.", Configuration.Parse("sample_steps=20")),
            new("20-steps-noise", "20 steps, eta = 1.", Configuration.Parse("sample_steps=20,eta=1")),
            new("50-steps", "50 steps, eta = 0.", Configuration.Parse("sample_steps=50")),
            new("100-steps", "100 steps, eta = 0.", Configuration.Parse("sample_steps=100")),
        ]),
    ];
}
