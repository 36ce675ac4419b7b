using Repro.Experiments.Ddpm;
using Repro.Studies.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Ddpm;

/// <summary>The mixture's truths, beside closed forms of one bump, finite differences, and averages over many points.</summary>
public sealed class GaussianMixtureTests
{
    private static readonly GaussianMixture Mixture = GaussianMixture.FourBumps;
    private static readonly GaussianMixture OneBump = new(new MixtureComponent(1, 0.3, -0.2, 0.5));

    [Fact]
    public void One_bump_has_the_entropy_and_the_noise_error_of_a_normal()
    {
        Assert.Equal(Math.Log(2 * Math.PI * Math.E * 0.25), OneBump.Entropy(), 9);
        foreach (var alphaBar in new[] { 0.999, 0.5, 0.01 })
        {
            // Of x = sqrt(a) x_0 + sqrt(1 - a) e, the part of e that x tells is (1 - a) / var(x).
            var variance = (alphaBar * 0.25) + 1 - alphaBar;
            Assert.Equal(1 - ((1 - alphaBar) / variance), OneBump.LeastNoiseError(alphaBar), 9);
        }
    }

    [Fact]
    public void Bumps_far_apart_have_the_entropy_of_each_and_of_the_choice()
    {
        var apart = new GaussianMixture(new(0.25, -5, 0, 0.2), new(0.75, 5, 0, 0.4));
        var known = (0.25 * (Math.Log(2 * Math.PI * Math.E * 0.04) - Math.Log(0.25))) + (0.75 * (Math.Log(2 * Math.PI * Math.E * 0.16) - Math.Log(0.75)));
        Assert.Equal(known, apart.Entropy(), 9);
    }

    [Fact]
    public void The_entropy_is_the_mean_negative_log_density_of_points_that_are_drawn()
    {
        var logs = Points(20_000).Select(point => -Mixture.LogDensity(point.X, point.Y)).ToArray();
        Assert.InRange(logs.Average() - Mixture.Entropy(), -4 * Error(logs), 4 * Error(logs));
    }

    [Fact]
    public void Points_have_the_mixtures_mean_square_and_lie_in_its_bumps_by_weight()
    {
        var points = Points(20_000);
        var squares = points.Select(p => (p.X * p.X) + (p.Y * p.Y)).ToArray();
        Assert.InRange(squares.Average() - Mixture.MeanSquare, -4 * Error(squares), 4 * Error(squares));
        foreach (var one in Mixture.Components)
        {
            // Bumps are four deviations and more apart.
            var share = (double)points.Count(p => Math.Pow(p.X - one.X, 2) + Math.Pow(p.Y - one.Y, 2) < 9 * one.Deviation * one.Deviation) / points.Length;
            Assert.InRange(share, (one.Weight * 0.96) - 0.005, one.Weight + 0.03);
        }
    }

    [Theory]
    [InlineData(0.2, -0.3)]
    [InlineData(-0.6, 0.5)]
    [InlineData(2, 2)]
    public void The_score_is_the_slope_of_the_log_density(double x, double y)
    {
        const double H = 1e-5;
        var noisy = Mixture.Diffused(0.7);
        var (toX, toY) = noisy.Score(x, y);
        Assert.Equal((noisy.LogDensity(x + H, y) - noisy.LogDensity(x - H, y)) / (2 * H), toX, 5);
        Assert.Equal((noisy.LogDensity(x, y + H) - noisy.LogDensity(x, y - H)) / (2 * H), toY, 5);
    }

    [Fact]
    public void The_exact_noise_is_minus_the_score_times_its_deviation_at_every_step()
    {
        double[] alphaBars = [0.9999, 0.8, 0.3, 1e-4];
        using var x = tensor(new[] { 0.5, 0.4, -0.6, 0.7, 0.1, -0.2, 1.5, -2 }, [4, 2]);
        using var kept = tensor(alphaBars, [4, 1]);
        using var noise = Mixture.Noise(x, kept);
        for (var i = 0; i < 4; i++)
        {
            var (toX, toY) = Mixture.Diffused(alphaBars[i]).Score((double)x[i, 0], (double)x[i, 1]);
            Assert.Equal(-Math.Sqrt(1 - alphaBars[i]) * toX, (double)noise[i, 0], 9);
            Assert.Equal(-Math.Sqrt(1 - alphaBars[i]) * toY, (double)noise[i, 1], 9);
        }
    }

    [Theory]
    [InlineData(VarianceKind.FixedSmall)]
    [InlineData(VarianceKind.FixedLarge)]
    public void The_exact_noise_has_the_least_loss_and_the_least_bound_that_were_computed(VarianceKind variance)
    {
        const int Timesteps = 20, Count = 20_000;
        var schedule = NoiseSchedule.Linear(Timesteps, 5e-3, 0.5);
        using var diffusion = new GaussianDiffusion(schedule, MeanKind.Noise, variance, LossKind.Bound, levels: 0, CPU);
        using var simple = new GaussianDiffusion(schedule, MeanKind.Noise, variance, LossKind.Simple, levels: 0, CPU);
        using var scope = NewDisposeScope();
        var start = Draw(Count);
        var alphaBars = tensor(Enumerable.Range(0, Timesteps).Select(schedule.AlphaBar).ToArray());
        Tensor Exact(Tensor x, Tensor t) => Mixture.Noise(x, alphaBars.index_select(0, t).unsqueeze(1));

        // Every term of many points, with noise of its own: the bound is their sum.
        var (bits, loss) = (diffusion.PriorBits(start), zeros(Count, ScalarType.Float64));
        for (var t = 0; t < Timesteps; t++)
        {
            var (step, noise) = (full(Count, t, ScalarType.Int64), Normal(Count, 100 + t));
            bits = bits + diffusion.TrainingLosses(Exact, start, step, noise);
            loss = loss + (simple.TrainingLosses(Exact, start, step, noise) / Timesteps);
        }
        var nats = (bits * (2 * Math.Log(2))).data<double>().ToArray();
        var least = MixtureBound.Least(Mixture, schedule, variance);
        Assert.InRange(nats.Average() - least, -4 * Error(nats), 4 * Error(nats));
        Assert.True(Error(nats) < 0.05);
        Assert.True(least > Mixture.Entropy());

        var losses = loss.data<double>().ToArray();
        Assert.InRange(losses.Average() - MixtureBound.LeastSimpleLoss(Mixture, schedule), -4 * Error(losses), 4 * Error(losses));
    }

    [Fact]
    public void The_least_bound_comes_down_to_the_entropy_with_more_steps_where_the_variance_is_right_for_spread_out_data()
    {
        double Gap(int timesteps, VarianceKind variance) =>
            MixtureBound.Least(Mixture, NoiseSchedule.Linear(timesteps, 0.1 / timesteps, 20.0 / timesteps), variance) - Mixture.Entropy();
        var (few, many) = (Gap(50, VarianceKind.FixedLarge), Gap(200, VarianceKind.FixedLarge));
        Assert.InRange(many, 0, few / 2);
        Assert.InRange(many, 0, 0.2);
        // beta~ is right for data that are a single point, and these are not.
        Assert.InRange(Gap(200, VarianceKind.FixedSmall), many + 1, 2);
    }

    [Fact]
    public void A_network_that_says_the_exact_noise_gives_points_of_the_mixture()
    {
        const int Timesteps = 200, Count = 4000;
        var schedule = NoiseSchedule.Linear(Timesteps, 5e-4, 0.1);
        using var diffusion = new GaussianDiffusion(schedule, MeanKind.Noise, VarianceKind.FixedSmall, LossKind.Simple, levels: 0, CPU);
        using var scope = NewDisposeScope();
        var alphaBars = tensor(Enumerable.Range(0, Timesteps).Select(schedule.AlphaBar).ToArray());
        var sampler = new DiffusionSampler(diffusion, (x, t) => Mixture.Noise(x, alphaBars.index_select(0, t).unsqueeze(1)), clip: false);
        var implied = sampler.Implicit(Normal(Count, 1), DiffusionSampler.Spaced(Timesteps, Timesteps), eta: 0).data<double>().ToArray();
        foreach (var one in Mixture.Components)
        {
            var near = Enumerable.Range(0, Count).Count(i => Math.Pow(implied[2 * i] - one.X, 2) + Math.Pow(implied[(2 * i) + 1] - one.Y, 2) < 9 * one.Deviation * one.Deviation);
            Assert.InRange((double)near / Count, (0.95 * one.Weight) - 0.03, one.Weight + 0.03);
        }
        var surprise = Enumerable.Range(0, Count).Select(i => -Mixture.LogDensity(implied[2 * i], implied[(2 * i) + 1])).Average();
        Assert.InRange(surprise, Mixture.Entropy() - 0.1, Mixture.Entropy() + 0.1);
    }

    private static (double X, double Y)[] Points(int count)
    {
        var points = new (double, double)[count];
        var point = new float[2];
        for (var i = 0; i < count; i++)
        {
            Mixture.Draw(seed: 3, i, point);
            points[i] = (point[0], point[1]);
        }
        return points;
    }

    private static Tensor Draw(int count) => tensor(Points(count).SelectMany(p => new[] { p.X, p.Y }).ToArray(), [count, 2]);

    private static Tensor Normal(int count, long index)
    {
        var numbers = new Philox(11, RandomPurpose.Checks, index);
        return tensor(Enumerable.Range(0, 2 * count).Select(_ => numbers.NextNormal()).ToArray(), [count, 2]);
    }

    /// <summary>Of the mean of independent numbers.</summary>
    private static double Error(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / values.Length / (values.Length - 1));
    }
}
