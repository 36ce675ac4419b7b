using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Ddpm;

/// <summary>What normal distributions cost, in bits, number by number.</summary>
internal static class GaussianBits
{
    /// <summary>No probability counts as less, so that a hopeless one is no infinity; as in the reference code.</summary>
    private const double LeastProbability = 1e-12;

    /// <summary>KL(N(mean1, variance1) || N(mean2, variance2)) of each number; shapes are broadcast.</summary>
    public static Tensor Divergence(Tensor mean1, Tensor logVariance1, Tensor mean2, Tensor logVariance2)
    {
        using var scope = NewDisposeScope();
        var spread = logVariance2 - logVariance1;
        var distance = (mean1 - mean2).square() * (-logVariance2).exp();
        return ((spread + (-spread).exp() + distance - 1) * (0.5 / Math.Log(2))).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// -log2 p(x_0 | x_1) of each number. With levels, the probability of N(mean, variance) around the level, half way to its neighbours, and without end beyond the outermost two
    /// (Eq. 13); for continuous data the density's.
    /// </summary>
    /// <param name="levels">As in <see cref="GaussianDiffusion(NoiseSchedule, MeanKind, VarianceKind, LossKind, int, Device)"/>.</param>
    public static Tensor Decoder(Tensor start, Tensor mean, Tensor logVariance, int levels)
    {
        using var scope = NewDisposeScope();
        var distance = start - mean;
        if (levels == 0)
            return (((distance.square() * (-logVariance).exp()) + logVariance + Math.Log(2 * Math.PI)) * (0.5 / Math.Log(2))).MoveToOuterDisposeScope();
        var half = 1.0 / (levels - 1);
        var inverse = (logVariance * -0.5).exp();
        // Departure: the reference code approximates the normal's distribution function by a tanh (to 2e-4); Eq. (13) is an integral of the normal itself, which this is.
        var below = Cumulative((distance + half) * inverse);
        var above = Cumulative((half - distance) * inverse);            // 1 - cdf of the lower edge, without the cancellation
        var probability = where(start < -1 + (half / 2), below, where(start > 1 - (half / 2), above, below + above - 1));
        return (probability.clamp(min: LeastProbability).log2() * -1).MoveToOuterDisposeScope();
    }

    private static Tensor Cumulative(Tensor x) => ((x * Math.Sqrt(0.5)).erf() + 1) * 0.5;
}
