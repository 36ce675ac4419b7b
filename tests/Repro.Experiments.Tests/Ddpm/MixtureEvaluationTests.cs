using Repro.Experiments.Ddpm;
using Repro.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Ddpm;

public sealed class MixtureEvaluationTests
{
    private static readonly GaussianMixture Data = GaussianMixture.FourBumps;

    [Theory]
    [InlineData(MeanKind.Noise)]
    [InlineData(MeanKind.Start)]
    [InlineData(MeanKind.Posterior)]
    public void Whoever_says_the_truth_has_no_noise_error_whatever_it_predicts(MeanKind mean)
    {
        var schedule = NoiseSchedule.Linear(100, 1e-3, 0.2);
        using var diffusion = new GaussianDiffusion(schedule, mean, VarianceKind.FixedLarge, LossKind.Simple, levels: 0, CPU);
        using var scope = NewDisposeScope();
        var alphaBars = tensor(Enumerable.Range(0, 100).Select(schedule.AlphaBar).ToArray());
        Tensor Exact(Tensor x, Tensor t)
        {
            var noise = Data.Noise(x, alphaBars.index_select(0, t).unsqueeze(1));
            if (mean == MeanKind.Noise) return noise;
            var start = diffusion.StartFromNoise(x, t, noise);
            return mean == MeanKind.Start ? start : diffusion.Posterior(start, x, t).Mean;
        }
        Assert.InRange(MixtureEvaluation.NoiseError(Data, diffusion, Exact, Points(2000), seed: 1), 0, 1e-6);
        // Zero noise everywhere misses all that could be known: 1 - the least error.
        var blind = MixtureEvaluation.NoiseError(Data, diffusion, (x, t) => Exact(x, t) * 0, Points(2000), seed: 1);
        if (mean == MeanKind.Noise) Assert.InRange(blind - (1 - MixtureBound.LeastSimpleLoss(Data, schedule)), -0.04, 0.04);
    }

    [Fact]
    public void The_smoke_profile_comes_near_the_exact_noise_and_near_the_least_bound()
    {
        var experiment = new DdpmExperiment();
        var options = (DdpmOptions)experiment.Profiles[0].Options with { Evaluate = "validation", Samples = 1000 };
        var context = new RunContext { Seed = 1, Threads = 1, TestIsSealed = true };
        var outcome = Trainer.Run(experiment, options, context, new RecordingSink(), [], CancellationToken.None);
        Assert.Null(outcome.Failure);
        var (error, blind) = (outcome.Scores["validation_noise_error"], 1 - MixtureBound.LeastSimpleLoss(Data, options.Schedule()));
        Assert.True(error < blind / 30, $"The learned noise is off by {error} a number, where no noise at all would be by {blind}.");
        // Below it only by what the bound scatters by on 5,000 points.
        var best = experiment.BestPossible(options);
        Assert.InRange(outcome.Scores["validation_bits_per_dim"] - best["validation_bits_per_dim"], -0.05, 0.2);
        Assert.InRange(outcome.Scores["validation_loss"] - best["validation_loss"], -0.04, 0.06);
    }

    private static Tensor Points(int count)
    {
        var source = GeneratedPoints.Test(count);
        var values = new float[2 * count];
        for (var i = 0; i < count; i++) source.Read(i, values.AsSpan(2 * i, 2));
        return tensor(values, [count, 2, 1, 1]);
    }
}
