using Repro.Studies.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Ddpm;

/// <summary>What a trained network knows of a <see cref="GaussianMixture"/>, beside the truth.</summary>
internal static class MixtureEvaluation
{
    /// <summary>
    /// E|epsilon_theta - E[epsilon | x_t]|^2, the mean over the numbers of a point, the steps and the points: what L_simple is above the least that it can be. Divided by
    /// 1 - alpha-bar it is the squared error of the score. 0: the score is known.
    /// </summary>
    /// <param name="denoise">The network; for a mu~ or x_0 network, what it says is turned into noise.</param>
    /// <param name="points">x_0: [N, 2, ...]. Each is diffused to one step; all steps get equally many, as far as they go.</param>
    /// <param name="seed">Of the noise that is added; the same at each evaluation.</param>
    public static double NoiseError(GaussianMixture data, GaussianDiffusion diffusion, Denoiser denoise, Tensor points, ulong seed)
    {
        using var evaluating = no_grad();
        using var scope = NewDisposeScope();
        var (count, timesteps) = ((int)points.shape[0], diffusion.Schedule.Timesteps);
        var numbers = new Philox(seed, RandomPurpose.GeneratedData, long.MaxValue);
        var noise = tensor(Enumerable.Range(0, 2 * count).Select(_ => (float)numbers.NextNormal()).ToArray(), points.shape, device: points.device);
        var steps = tensor(Enumerable.Range(0, count).Select(i => (long)i * timesteps / count).ToArray(), device: points.device);
        var alphaBars = tensor(Enumerable.Range(0, timesteps).Select(diffusion.Schedule.AlphaBar).ToArray(), device: points.device);

        var x = diffusion.Diffuse(points, steps, noise);
        var predicted = diffusion.Prediction(denoise(x, steps), x);
        var said = diffusion.Mean == MeanKind.Noise ? predicted : diffusion.NoiseFromStart(x, steps, diffusion.Start(predicted, x, steps, clip: false));
        var exact = data.Noise(x.to(ScalarType.Float64), alphaBars.index_select(0, steps).unsqueeze(1));
        return (double)(said.to(ScalarType.Float64) - exact).square().mean();
    }
}
