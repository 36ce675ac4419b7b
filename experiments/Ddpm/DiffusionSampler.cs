using Repro.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Ddpm;

/// <summary>
/// Turns noise into data with a trained network: Algorithm 2 of Ho et al. 2020, and the family of Song, Meng, Ermon 2020, "Denoising diffusion implicit models" (arXiv:2010.02502),
/// which takes fewer steps. Nothing is read back from the device between steps. The noise comes from the engine's generator.
/// </summary>
/// <param name="clip">Keeps the predicted x_0 within -1 to 1 at each step; not for data that go beyond.</param>
public sealed class DiffusionSampler(GaussianDiffusion diffusion, Denoiser denoise, bool clip = true)
{
    /// <summary>
    /// A step before it is taken: its number from T - 1 down to 0 (t - 1 in the paper's numbers), the x_t that it starts from, and the x_0 that the network predicts from that x_t. The
    /// tensors are gone after the call.
    /// </summary>
    public delegate void Look(int t, Tensor x, Tensor start);

    /// <summary>
    /// Every example gets the same noise at a step, so that examples differ by where they began alone (section 4.3: "We fixed the noise for different values of lambda").
    /// </summary>
    public bool SameNoise { get; init; }

    /// <summary>Looked at between two steps.</summary>
    public EvaluationWatch Watch { get; init; } = EvaluationWatch.None;

    private NoiseSchedule Schedule => diffusion.Schedule;

    /// <summary>Algorithm 2: all T steps, each x_{t-1} drawn from p(x_{t-1} | x_t); the last one's mean is the result (section 3.4: "noiselessly").</summary>
    /// <param name="noise">x_T, standard normal: [N, ...].</param>
    public Tensor Ancestral(Tensor noise, Look? look = null) => Walk(noise, Enumerable.Range(0, Schedule.Timesteps).ToArray(), (x, t, _, step) =>
    {
        using var output = denoise(x, step);
        using var reverse = diffusion.Reverse(output, x, step, clip);
        look?.Invoke(t, x, reverse.Start);
        var next = reverse.Mean.clone();
        if (t > 0)
        {
            using var fresh = Fresh(next);
            if (diffusion.Variance == VarianceKind.Learned)
            {
                using var half = reverse.LogVariance * 0.5;
                using var deviation = half.exp();
                next.addcmul_(deviation, fresh, 1);
            }
            else
            {
                next.add_(fresh, alpha: Math.Exp(0.5 * Schedule.LogVariance(diffusion.Variance, t)));
            }
        }
        return next;
    });

    /// <summary>Song et al. 2020, Eqs. (12), (16), over some of the steps. The network's variance, where it has one, is not used.</summary>
    /// <param name="noise">x_T, standard normal: [N, ...].</param>
    /// <param name="steps">The steps to take, ascending, each 0 .. T - 1: see <see cref="Spaced"/>.</param>
    /// <param name="eta">0: deterministic, the DDIM; 1 over all steps: ancestral sampling with <see cref="VarianceKind.FixedSmall"/>. At least 0, at most 1.</param>
    public Tensor Implicit(Tensor noise, IReadOnlyList<int> steps, double eta, Look? look = null)
    {
        if (!(eta >= 0 && eta <= 1)) throw new ArgumentOutOfRangeException(nameof(eta), eta, "Eta is from 0 to 1.");
        return Walk(noise, steps, (x, t, before, step) =>
        {
            var (now, then) = (Schedule.AlphaBar(t), Schedule.AlphaBar(before));
            var sigma = eta * Math.Sqrt((1 - then) / (1 - now) * (1 - (now / then)));
            using var output = denoise(x, step);
            using var predicted = diffusion.Prediction(output, x);
            using var start = diffusion.Start(predicted, x, step, clip);
            look?.Invoke(t, x, start);
            // Where x_0 was clipped, the direction that points to x_t goes with the clipped one.
            using var direction = diffusion.NoiseFromStart(x, step, start);
            var next = (start * Math.Sqrt(then)).add_(direction, alpha: Math.Sqrt(Math.Max(0, 1 - then - (sigma * sigma))));
            if (sigma > 0)
            {
                using var fresh = Fresh(next);
                next.add_(fresh, alpha: sigma);
            }
            return next;
        });
    }

    /// <summary>
    /// <paramref name="count"/> of T steps for <see cref="Implicit"/>: every c-th one, tau_i = floor(c i), or max(i, floor(c i^2)) where they are to lie denser near the data (Song
    /// et al., appendix D.2, which says nothing of those that would be equal).
    /// </summary>
    /// <param name="timesteps">T.</param>
    /// <param name="count">At least 1, at most T.</param>
    public static IReadOnlyList<int> Spaced(int timesteps, int count, bool quadratic = false)
    {
        if (count < 1 || count > timesteps) throw new ArgumentOutOfRangeException(nameof(count), count, $"Of {timesteps} steps at least 1 and at most all can be taken.");
        // In the paper's numbers, 1 .. T, the last one is T: what comes first is x_T.
        return Enumerable.Range(1, count)
            .Select(i => quadratic ? Math.Max(i, (long)((double)timesteps * i * i / ((double)count * count))) : (long)timesteps * i / count)
            .Select(tau => (int)tau - 1).ToArray();
    }

    private Tensor Fresh(Tensor like)
    {
        if (!SameNoise) return randn_like(like);
        using var one = like.narrow(0, 0, 1);
        return randn_like(one);
    }

    /// <param name="take">x_t, its t, the step after it (-1: the data), and t as a tensor of one number, to x at that next step.</param>
    private Tensor Walk(Tensor noise, IReadOnlyList<int> steps, Func<Tensor, int, int, Tensor, Tensor> take)
    {
        using var recording = no_grad();
        using var numbers = arange(Schedule.Timesteps, dtype: ScalarType.Int64, device: noise.device);
        var x = noise.dim() == 4 ? Acceleration.ImagesChannelsLast(noise) : noise.alias();
        for (var i = steps.Count - 1; i >= 0; i--)
        {
            using var present = x;
            Watch.Look(1 - ((i + 1.0) / steps.Count));
            using var step = numbers.narrow(0, steps[i], 1);
            x = take(present, steps[i], i > 0 ? steps[i - 1] : -1, step);
        }
        return x;
    }
}
