using static TorchSharp.torch;

namespace Repro.Experiments.Ddpm;

/// <summary>What the network predicts (section 3.2): the first column of Table 2.</summary>
public enum MeanKind
{
    /// <summary>The mean of the forward process posterior, mu~ (Eqs. 7, 8).</summary>
    Posterior,

    /// <summary>The image x_0; section 3.2 tried it and found worse samples.</summary>
    Start,

    /// <summary>The noise, epsilon (Eq. 11).</summary>
    Noise,
}

/// <summary>The variance of the reverse process, sigma_t squared (section 3.2).</summary>
public enum VarianceKind
{
    /// <summary>beta~_t, the variance of the forward process posterior (Eq. 7): right for data that are a single point.</summary>
    FixedSmall,

    /// <summary>beta_t: right for data that are standard normal.</summary>
    FixedLarge,

    /// <summary>A second half of the network's channels is log sigma_t squared, one a number of the image: the "learned diagonal Sigma" of Table 2.</summary>
    Learned,
}

/// <summary>What training minimizes. With <see cref="MeanKind"/> it says how the error of each timestep is weighted.</summary>
public enum LossKind
{
    /// <summary>L, the variational bound of Eq. (5): the term of the step that was drawn, in bits for each number of an image.</summary>
    Bound,

    /// <summary>
    /// The squared error of what the network predicts, the mean over an image's numbers. For epsilon that is L_simple (Eq. 14), where all steps weigh the same; for mu~ it is the
    /// "unweighted MSE" of Table 2, which weighs the same error of epsilon by beta^2 / (alpha (1 - alpha-bar)); for x_0 by (1 - alpha-bar) / alpha-bar.
    /// </summary>
    Simple,
}

/// <summary>What the network says of noisy data.</summary>
/// <param name="x">[N, ...].</param>
/// <param name="t">Timesteps from 0, int64: [N], or [1] for the same one throughout.</param>
/// <returns>[N, ...], with twice as many channels where the variance is learned.</returns>
public delegate Tensor Denoiser(Tensor x, Tensor t);

/// <summary>A step of the reverse process, p(x_{t-1} | x_t) = N(mean, variance); the caller disposes it.</summary>
/// <param name="Mean">[N, ...].</param>
/// <param name="LogVariance">[N, ...] where it is learned, otherwise [N, 1, ...].</param>
/// <param name="Start">The x_0 that goes with it, [N, ...]; another reference to what was predicted, or computed from it.</param>
public readonly record struct ReverseStep(Tensor Mean, Tensor LogVariance, Tensor Start) : IDisposable
{
    public void Dispose()
    {
        Mean.Dispose();
        LogVariance.Dispose();
        Start.Dispose();
    }
}
