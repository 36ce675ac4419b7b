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

/// <summary>
/// What training minimizes: the loss type of the reference code, which has these two as well. How much the error of each timestep weighs follows from it and <see cref="MeanKind"/>
/// together; the paper's three objectives are three combinations. As weights of the squared error of epsilon at step t, up to a constant factor:
/// <list type="bullet">
/// <item>L (section 3.2; Table 2, both rows): <see cref="Bound"/> with any mean. beta^2 / (2 sigma^2 alpha (1 - alpha-bar)), Eq. (12), where the variance is fixed.</item>
/// <item>L_simple (Eq. 14; Table 2, last row): <see cref="Simple"/> with <see cref="MeanKind.Noise"/>. 1.</item>
/// <item>The unweighted squared error of mu~ (Table 2): <see cref="Simple"/> with <see cref="MeanKind.Posterior"/>. beta^2 / (alpha (1 - alpha-bar)).</item>
/// </list>
/// <see cref="Simple"/> with <see cref="MeanKind.Start"/>, (1 - alpha-bar) / alpha-bar, is in no table. A network that predicts one quantity and is trained with the plain error of
/// another is not in the paper, and is not to be had.
/// </summary>
public enum LossKind
{
    /// <summary>L, the variational bound of Eq. (5): the term of the step that was drawn, in bits for each number of an image.</summary>
    Bound,

    /// <summary>The squared error of what the network predicts, unweighted: the mean over an image's numbers, the same for every step.</summary>
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
