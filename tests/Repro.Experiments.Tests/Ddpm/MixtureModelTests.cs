using Repro.Experiments.Ddpm;
using Repro.Experiments.Images;
using Repro.Studies.Randomness;
using Repro.Training.Datasets.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Ddpm;

public sealed class MixtureModelTests
{
    private static readonly GaussianMixture Data = GaussianMixture.FourBumps;

    [Fact]
    public void A_timestep_for_each_point_gives_what_one_for_all_gives()
    {
        using var model = Trained(steps: 5, out _);
        using var scope = NewDisposeScope();
        using var evaluating = no_grad();
        var x = tensor(new float[] { 0.1f, 0.2f, -0.5f, 0.9f }, [2, 2, 1, 1]);
        var together = model.call(x, tensor(new[] { 7L }));
        Assert.Equal([2, 2, 1, 1], together.shape);
        var apart = model.call(x, tensor(new[] { 7L, 7L }));
        Assert.Equal(together.data<float>().ToArray(), apart.data<float>().ToArray());
        Assert.NotEqual(together.data<float>().ToArray(), model.call(x, tensor(new[] { 150L })).data<float>().ToArray());
    }

    [Fact]
    public void A_learned_variance_has_channels_of_its_own()
    {
        using var model = new MixtureModel(16, outputs: 2, seed: 1);
        using var scope = NewDisposeScope();
        Assert.Equal([3, 4, 1, 1], model.call(zeros(3, 2, 1, 1), tensor(new[] { 0L })).shape);
    }

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
    public void Training_by_the_simple_loss_brings_the_learned_noise_to_the_true_one()
    {
        using var model = Trained(steps: 800, out var diffusion);
        using (diffusion)
        using (var points = Points(5000))
        {
            var error = MixtureEvaluation.NoiseError(Data, diffusion, model.call, points, seed: 1);
            Assert.True(error < 0.02, $"The learned noise is off by {error} a number, where zero noise everywhere would be by {1 - MixtureBound.LeastSimpleLoss(Data, diffusion.Schedule)}.");

            using var scope = NewDisposeScope();
            var samples = new DiffusionSampler(diffusion, model.call, clip: false).Implicit(Normal(2000, 0), DiffusionSampler.Spaced(200, 200), eta: 0);
            Assert.InRange(MixtureEvaluation.Surprise(Data, samples), Data.Entropy() - 0.2, Data.Entropy() + 0.8);
        }
    }

    private static MixtureModel Trained(int steps, out GaussianDiffusion diffusion)
    {
        const int Batch = 256;
        var schedule = NoiseSchedule.Linear(200, 5e-4, 0.1);
        diffusion = new GaussianDiffusion(schedule, MeanKind.Noise, VarianceKind.FixedLarge, LossKind.Simple, levels: 0, CPU);
        var model = new MixtureModel(64, outputs: 1, seed: 1);
        using var optimizer = optim.Adam(model.parameters(), 2e-3);
        var source = MixturePoints.Train(Data, seed: 0, 20_000);
        var pool = new BatchPool(ImageBatches.Shuffled(source, [.. Enumerable.Range(0, source.Count)], Batch, seed: 1));
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            using var batch = pool.Fill(step);
            var (start, _) = batch.To(CPU);
            foreach (var group in optimizer.ParamGroups) group.LearningRate = 2e-3 * (1 - ((double)step / steps));
            optimizer.zero_grad();
            // Not the engine's generator, which tests that run side by side share.
            var drawn = new Philox(2, RandomPurpose.Engine, step);
            var t = tensor(Enumerable.Range(0, Batch).Select(_ => (long)drawn.NextInt32(200)).ToArray());
            diffusion.TrainingLosses(model.call, start, t, Normal(Batch, step)).mean().backward();
            optimizer.step();
        }
        return model;
    }

    private static Tensor Normal(int count, long index)
    {
        var numbers = new Philox(3, RandomPurpose.Engine, index);
        return tensor(Enumerable.Range(0, 2 * count).Select(_ => (float)numbers.NextNormal()).ToArray(), [count, 2, 1, 1]);
    }

    private static Tensor Points(int count)
    {
        var source = MixturePoints.Test(Data, seed: 0, count);
        var values = new float[2 * count];
        for (var i = 0; i < count; i++) source.Read(i, values.AsSpan(2 * i, 2));
        return tensor(values, [count, 2, 1, 1]);
    }
}
