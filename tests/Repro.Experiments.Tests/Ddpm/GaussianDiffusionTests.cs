using Repro.Experiments.Ddpm;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Ddpm;

/// <summary>
/// The diffusion beside what Gaussians do by themselves: Bayes' rule on a grid, moments of simulated chains, a data distribution whose best network is known in closed form.
/// </summary>
[Collection(OneGenerator.Name)]
public sealed class GaussianDiffusionTests
{
    [Fact]
    public void The_papers_schedule_goes_from_a_ten_thousandth_to_two_hundredths_and_leaves_next_to_nothing_of_the_image()
    {
        var schedule = NoiseSchedule.Linear(1000);
        Assert.Equal((1000, 1e-4, 0.02), (schedule.Timesteps, schedule.Beta(0), schedule.Beta(999)));
        Assert.Equal(1e-4 + (0.0199 * 500 / 999), schedule.Beta(500), 15);
        Assert.Equal(1, schedule.AlphaBar(-1));
        // Section 4: "L_T = KL(q(x_T|x_0) || N(0, I)) is about 10^-5 bits per dimension".
        using var diffusion = Diffusion(MeanKind.Noise, VarianceKind.FixedLarge, levels: 256);
        using var scope = NewDisposeScope();
        Assert.InRange((double)diffusion.PriorBits(full([1, 3, 32, 32], 0.5, ScalarType.Float64)), 1e-6, 5e-5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    public void The_posterior_is_Bayes_rule_on_a_grid(int t)
    {
        var schedule = NoiseSchedule.Linear(10, 0.01, 0.3);
        const double Start = 0.7, Noisy = -0.4;
        var (weights, first, second) = (0.0, 0.0, 0.0);
        for (var x = -12.0; x <= 12; x += 1e-4)
        {
            // q(x_t | x_{t-1}) q(x_{t-1} | x_0), Eqs. (2), (4).
            var before = schedule.AlphaBar(t - 1);
            var weight = Math.Exp(
                (-Square(Noisy - (Math.Sqrt(1 - schedule.Beta(t)) * x)) / (2 * schedule.Beta(t))) - (Square(x - (Math.Sqrt(before) * Start)) / (2 * (1 - before))));
            (weights, first, second) = (weights + weight, first + (weight * x), second + (weight * x * x));
        }
        using var diffusion = new GaussianDiffusion(schedule, MeanKind.Noise, VarianceKind.FixedSmall, LossKind.Simple, 256, CPU);
        using var scope = NewDisposeScope();
        var (mean, logVariance) = diffusion.Posterior(Point(Start), Point(Noisy), tensor(new long[] { t }));
        Assert.Equal(first / weights, (double)mean, 6);
        Assert.Equal((second / weights) - Square(first / weights), Math.Exp((double)logVariance), 6);
    }

    [Fact]
    public void Noise_added_all_at_once_is_noise_added_step_by_step()
    {
        const int Points = 200_000, T = 20;
        var schedule = NoiseSchedule.Linear(T, 0.01, 0.2);
        using var diffusion = new GaussianDiffusion(schedule, MeanKind.Noise, VarianceKind.FixedSmall, LossKind.Simple, 256, CPU);
        using var scope = NewDisposeScope();
        manual_seed(4);
        var start = full([Points, 1], 0.8, ScalarType.Float64);
        var walked = start.clone();
        for (var t = 0; t < T; t++) walked = (walked * Math.Sqrt(1 - schedule.Beta(t))) + (randn_like(walked) * Math.Sqrt(schedule.Beta(t)));
        var jumped = diffusion.Diffuse(start, full([Points], T - 1, ScalarType.Int64), randn_like(start));
        // Standard errors are 0.002.
        Assert.Equal((double)walked.mean(), (double)jumped.mean(), 0.01);
        Assert.Equal((double)walked.std(), (double)jumped.std(), 0.01);
    }

    [Fact]
    public void Image_noise_and_posterior_mean_are_computed_from_each_other()
    {
        using var diffusion = Diffusion(MeanKind.Noise, VarianceKind.FixedSmall, levels: 256);
        using var scope = NewDisposeScope();
        manual_seed(2);
        var (start, noise, t) = (rand([5, 3], ScalarType.Float64), randn([5, 3], ScalarType.Float64), tensor(new long[] { 0, 1, 10, 500, 999 }));
        var x = diffusion.Diffuse(start, t, noise);
        Assert.True(diffusion.StartFromNoise(x, t, noise).allclose(start));
        Assert.True(diffusion.NoiseFromStart(x, t, start).allclose(noise));
        Assert.True(diffusion.StartFromPosterior(x, t, diffusion.Posterior(start, x, t).Mean).allclose(start));
    }

    [Theory]
    [InlineData(17)]
    [InlineData(256)]
    public void The_decoders_probabilities_of_all_levels_sum_to_one(int levels)
    {
        using var scope = NewDisposeScope();
        var all = linspace(-1, 1, levels, ScalarType.Float64);
        foreach (var (mean, deviation) in new[] { (0.1, 0.05), (0.99, 0.3), (-1.2, 0.5), (0, 3.0) })
        {
            var bits = GaussianBits.Decoder(all, full_like(all, mean), full_like(all, 2 * Math.Log(deviation)), levels);
            Assert.Equal(1, (double)(bits * -Math.Log(2)).exp().sum(), 6);
        }
    }

    /// <summary>
    /// Data that are N(mean, deviation^2): the best prediction of the noise is linear in x_t, and the expectation of every term is known. With the variances that x_{t-1} really
    /// has given x_t, the bound is the data's entropy.
    /// </summary>
    [Theory]
    [InlineData(MeanKind.Noise, VarianceKind.FixedSmall)]
    [InlineData(MeanKind.Start, VarianceKind.FixedSmall)]
    [InlineData(MeanKind.Posterior, VarianceKind.FixedLarge)]
    [InlineData(MeanKind.Noise, VarianceKind.Learned)]
    public void With_the_best_network_for_Gaussian_data_the_bound_is_what_it_is_in_closed_form(MeanKind mean, VarianceKind variance)
    {
        const double Mean = 0.3, Deviation = 0.5;
        const int Points = 20_000, T = 200;
        var schedule = NoiseSchedule.Linear(T, 5e-4, 0.1);
        using var diffusion = new GaussianDiffusion(schedule, mean, variance, LossKind.Bound, levels: 0, CPU);
        using var scope = NewDisposeScope();
        manual_seed(7);
        var start = (randn([Points, 1], ScalarType.Float64) * Deviation) + Mean;
        var last = schedule.AlphaBar(T - 1);
        var (bits, nats) = ((double)diffusion.PriorBits(start).mean(), 0.5 * ((last * ((Mean * Mean) + (Deviation * Deviation))) - last - Math.Log(1 - last)));
        for (var t = 0; t < T; t++)
        {
            using var step = NewDisposeScope();
            var numbers = full([Points], t, ScalarType.Int64);
            var x = diffusion.Diffuse(start, numbers, randn_like(start));
            bits += (double)diffusion.BoundTerms(Best(diffusion, x, t, Mean, Deviation), start, x, numbers, clip: false).mean();
            var truth = VarianceBefore(schedule, t, Deviation);
            var used = variance == VarianceKind.Learned ? truth : Math.Exp(schedule.LogVariance(variance, t));
            // The mean of (mu~ - mu)^2 is truth - beta~; at the first step mu~ is x_0 itself.
            nats += 0.5 * (Math.Log(used) + (truth / used) + (t == 0 ? Math.Log(2 * Math.PI) : -1 - Math.Log(schedule.PosteriorVariance(t))));
        }
        Assert.Equal(nats / Math.Log(2), bits, 0.03);
        var entropy = 0.5 * Math.Log(2 * Math.PI * Math.E * Deviation * Deviation);
        if (variance == VarianceKind.Learned) Assert.Equal(entropy, nats, 1e-5);      // x_T is not quite N(0, 1)
        else Assert.True(nats > entropy + 0.01);
    }

    [Fact]
    public void Ancestral_samples_of_the_best_network_for_Gaussian_data_have_their_moments()
    {
        using var diffusion = new GaussianDiffusion(NoiseSchedule.Linear(200, 5e-4, 0.1), MeanKind.Noise, VarianceKind.FixedLarge, LossKind.Simple, 0, CPU);
        using var scope = NewDisposeScope();
        manual_seed(3);
        var samples = new DiffusionSampler(diffusion, Network(diffusion), clip: false).Ancestral(randn([20_000, 1], ScalarType.Float64));
        Assert.Equal(0.3, (double)samples.mean(), 0.015);
        Assert.Equal(0.5, (double)samples.std(), 0.015);
    }

    [Theory]
    [InlineData(200, 0.0)]
    [InlineData(10, 0.0)]
    [InlineData(50, 0.5)]
    [InlineData(200, 1.0)]
    public void Implicit_samples_of_the_best_network_for_Gaussian_data_have_the_moments_that_follow_from_Eq_12(int count, double eta)
    {
        using var diffusion = new GaussianDiffusion(NoiseSchedule.Linear(200, 5e-4, 0.1), MeanKind.Noise, VarianceKind.FixedLarge, LossKind.Simple, 0, CPU);
        using var scope = NewDisposeScope();
        manual_seed(3);
        var steps = DiffusionSampler.Spaced(200, count);
        var samples = new DiffusionSampler(diffusion, Network(diffusion), clip: false).Implicit(randn([20_000, 1], ScalarType.Float64), steps, eta);
        // Every step is linear in x: x' = slope x + shift + sigma z.
        var (mean, variance) = (0.0, 1.0);
        for (var i = steps.Count - 1; i >= 0; i--)
        {
            var (now, then) = (diffusion.Schedule.AlphaBar(steps[i]), diffusion.Schedule.AlphaBar(i > 0 ? steps[i - 1] : -1));
            var sigma = eta * Math.Sqrt((1 - then) / (1 - now)) * Math.Sqrt(1 - (now / then));
            double Next(double x)
            {
                var noise = (x - (Math.Sqrt(now) * 0.3)) * Math.Sqrt(1 - now) / ((now * 0.25) + 1 - now);
                return (Math.Sqrt(then) * (x - (Math.Sqrt(1 - now) * noise)) / Math.Sqrt(now)) + (Math.Sqrt(1 - then - (sigma * sigma)) * noise);
            }
            (mean, variance) = (Next(mean), (Square(Next(1) - Next(0)) * variance) + (sigma * sigma));
        }
        Assert.Equal(mean, (double)samples.mean(), 0.015);
        Assert.Equal(Math.Sqrt(variance), (double)samples.std(), 0.01);
        if (count == 200) Assert.Equal((0.3, 0.5), (mean, Math.Sqrt(variance)), (a, b) => Math.Abs(a.Item1 - b.Item1) < 0.01 && Math.Abs(a.Item2 - b.Item2) < 0.02);
    }

    [Fact]
    public void Implicit_sampling_with_all_noise_over_all_steps_is_ancestral_sampling_with_the_small_variance()
    {
        using var diffusion = new GaussianDiffusion(NoiseSchedule.Linear(30, 5e-3, 0.3), MeanKind.Noise, VarianceKind.FixedSmall, LossKind.Simple, 0, CPU);
        using var scope = NewDisposeScope();
        var noise = randn([50, 2], ScalarType.Float64);
        var sampler = new DiffusionSampler(diffusion, Network(diffusion));
        manual_seed(5);
        var ancestral = sampler.Ancestral(noise);
        manual_seed(5);
        var implicitly = sampler.Implicit(noise, DiffusionSampler.Spaced(30, 30), eta: 1);
        Assert.True(ancestral.allclose(implicitly, atol: 1e-9));
    }

    [Fact]
    public void Implicit_sampling_without_noise_is_a_function_of_where_it_starts()
    {
        using var diffusion = Diffusion(MeanKind.Noise, VarianceKind.FixedLarge, levels: 0);
        using var scope = NewDisposeScope();
        var (noise, sampler) = (randn([10, 2], ScalarType.Float64), new DiffusionSampler(diffusion, Network(diffusion)));
        Tensor Drawn() => sampler.Implicit(noise, DiffusionSampler.Spaced(1000, 10), eta: 0);
        Assert.True(Drawn().equal(Drawn()).all().item<bool>());
    }

    [Theory]
    [InlineData(1000, 1000, false, "0 1 2 999")]
    [InlineData(1000, 4, false, "249 499 749 999")]
    [InlineData(10, 3, false, "2 5 9")]
    [InlineData(1000, 4, true, "61 249 561 999")]
    public void The_steps_that_are_taken_are_spaced_as_in_the_paper(int timesteps, int count, bool quadratic, string expected)
    {
        var steps = DiffusionSampler.Spaced(timesteps, count, quadratic);
        Assert.Equal(count, steps.Distinct().Count());
        Assert.Equal(expected, string.Join(' ', count > 4 ? [.. steps.Take(3), steps[^1]] : steps));
    }

    [Fact]
    public void A_step_of_the_sampler_is_seen_with_the_image_that_was_predicted()
    {
        using var diffusion = new GaussianDiffusion(NoiseSchedule.Linear(5, 0.1, 0.5), MeanKind.Start, VarianceKind.FixedSmall, LossKind.Simple, 0, CPU);
        using var scope = NewDisposeScope();
        var seen = new List<int>();
        var samples = new DiffusionSampler(diffusion, (x, _) => full_like(x, 4)).Ancestral(randn(3, 2), (t, x, start) =>
        {
            seen.Add(t);
            Assert.Equal(1, (double)start.mean());          // 4, clipped
        });
        Assert.Equal([4, 3, 2, 1, 0], seen);
        Assert.True(samples.allclose(ones(3, 2)));          // the last step's mean is the predicted image
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_seen_of_a_step_is_the_noisy_image_that_the_network_was_given_and_what_it_predicted_from_that(bool deterministic)
    {
        using var diffusion = new GaussianDiffusion(NoiseSchedule.Linear(5, 0.1, 0.5), MeanKind.Start, VarianceKind.FixedSmall, LossKind.Simple, 0, CPU);
        using var scope = NewDisposeScope();
        var given = new List<float[]>();
        var sampler = new DiffusionSampler(diffusion, (x, _) =>
        {
            given.Add(x.data<float>().ToArray());
            return x * 0.25;
        });
        var (noise, at) = (randn(3, 2), 0);
        var sample = deterministic ? sampler.Implicit(noise, DiffusionSampler.Spaced(5, 3), eta: 0, Look) : sampler.Ancestral(noise, Look);
        Assert.Equal(deterministic ? 3 : 5, at);
        Assert.Equal(noise.data<float>().ToArray(), given[0]);
        // The last step has no noise, and its mean is the image that was predicted.
        Assert.True(sample.allclose(tensor(given[^1], [3, 2]) * 0.25));

        void Look(int t, Tensor x, Tensor start)
        {
            Assert.Equal(given[at++], x.data<float>().ToArray());
            Assert.Equal(given[^1].Select(value => Math.Clamp(value * 0.25f, -1, 1)), start.data<float>().ToArray());
        }
    }

    [Fact]
    public void A_squared_error_cannot_learn_a_variance() => Assert.Throws<ArgumentException>(
        () => new GaussianDiffusion(NoiseSchedule.Linear(10), MeanKind.Noise, VarianceKind.Learned, LossKind.Simple, 256, CPU));

    private static GaussianDiffusion Diffusion(MeanKind mean, VarianceKind variance, int levels) =>
        new(NoiseSchedule.Linear(1000), mean, variance, LossKind.Bound, levels, CPU);

    private static Denoiser Network(GaussianDiffusion diffusion) => (x, t) => Best(diffusion, x, (int)t.item<long>(), 0.3, 0.5);

    /// <summary>The conditional mean of what is to be predicted, given x_t; with the variance that p(x_{t-1} | x_t) then has, where that is learned.</summary>
    private static Tensor Best(GaussianDiffusion diffusion, Tensor x, int t, double mean, double deviation)
    {
        var (bar, before, beta) = (diffusion.Schedule.AlphaBar(t), diffusion.Schedule.AlphaBar(t - 1), diffusion.Schedule.Beta(t));
        var variance = (bar * deviation * deviation) + 1 - bar;
        var surplus = x - (Math.Sqrt(bar) * mean);
        var start = mean + (surplus * (Math.Sqrt(bar) * deviation * deviation / variance));
        var predicted = diffusion.Mean switch
        {
            MeanKind.Start => start,
            MeanKind.Noise => surplus * (Math.Sqrt(1 - bar) / variance),
            _ => (start * (Math.Sqrt(before) * beta / (1 - bar))) + (x * (Math.Sqrt(1 - beta) * (1 - before) / (1 - bar))),
        };
        if (diffusion.Variance != VarianceKind.Learned) return predicted;
        return cat([predicted, full_like(x, Math.Log(VarianceBefore(diffusion.Schedule, t, deviation)))], 1);
    }

    /// <summary>Var(x_{t-1} | x_t) of jointly Gaussian x_{t-1} and x_t = sqrt(1 - beta) x_{t-1} + noise.</summary>
    private static double VarianceBefore(NoiseSchedule schedule, int t, double deviation)
    {
        double Marginal(int step) => (schedule.AlphaBar(step) * deviation * deviation) + 1 - schedule.AlphaBar(step);
        return Marginal(t - 1) * schedule.Beta(t) / Marginal(t);
    }

    private static Tensor Point(double value) => tensor(new[] { value }, [1, 1]);

    private static double Square(double value) => value * value;
}
