using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Repro.Studies.Randomness;

namespace Repro.Studies.Samplers;

/// <summary>
/// A Parzen estimator of one coordinate in [0, 1]: normal kernels of equal weight, cut off at 0 and 1, one at each observation and a wide one (the prior) in the
/// middle (Bergstra, Bardenet, Bengio, Kegl 2011, section 4).
/// </summary>
/// <remarks>
/// A kernel is as wide as the larger gap to its neighbours (the outermost: the gap to the only one), at least 1 / min(100, n + 2) and half a discrete value's share,
/// at most 1; the prior's width is 1. All densities lack the same factor, 1/sqrt(2 pi).
/// </remarks>
internal sealed class NormalMixture
{
    private const double PriorMean = 0.5;

    private double[] _means = [];
    private double[] _inverseSigmas = [];
    private double[] _heights = [];
    private int _count;

    /// <param name="observations">In ascending order.</param>
    /// <param name="smallestSigma">Of a kernel, from the share of a discrete value; 0 on a continuum.</param>
    public void Fit(ReadOnlySpan<double> observations, double smallestSigma)
    {
        _count = observations.Length + 1;
        var padded = VectorMath.Padded(_count);
        if (_means.Length < padded)
        {
            _means = new double[2 * padded];
            _inverseSigmas = new double[2 * padded];
            _heights = new double[2 * padded];
        }
        var prior = observations.BinarySearch(PriorMean);
        if (prior < 0) prior = ~prior;
        observations[..prior].CopyTo(_means);
        _means[prior] = PriorMean;
        observations[prior..].CopyTo(_means.AsSpan(prior + 1));
        // What fills the last vector has no height.
        _means.AsSpan(_count, padded - _count).Fill(PriorMean);
        _inverseSigmas.AsSpan(_count, padded - _count).Fill(1);
        SetWidths(prior, Math.Max(smallestSigma, 1.0 / Math.Min(100, observations.Length + 2)));
        SetHeights(padded);
    }

    /// <summary>A draw: a kernel at random, then a draw from it until it lies in [0, 1].</summary>
    public double Draw(ref Philox random)
    {
        var kernel = random.NextInt32(_count);
        return DrawWithin(ref random, _means[kernel], 1 / _inverseSigmas[kernel]);
    }

    /// <summary>The density at a coordinate. The loops over kernels are compiled in full at once: a sweep of some hundred trials is over before they would be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Density(double unit)
    {
        var padded = VectorMath.Padded(_count);
        var means = MemoryMarshal.Cast<double, Vector256<double>>(_means.AsSpan(0, padded));
        var inverses = MemoryMarshal.Cast<double, Vector256<double>>(_inverseSigmas.AsSpan(0, padded));
        var heights = MemoryMarshal.Cast<double, Vector256<double>>(_heights.AsSpan(0, padded));
        var at = Vector256.Create(unit);
        var sum = Vector256<double>.Zero;
        for (var i = 0; i < means.Length && i < inverses.Length && i < heights.Length; i++)
        {
            var z = (at - means[i]) * inverses[i];
            var exponent = z * z * Vector256.Create(-0.5);
            // Most kernels of many are narrow and far away; beside the prior they are nothing.
            if (Vector256.LessThanAll(exponent, Vector256.Create(VectorMath.Negligible))) continue;
            sum += heights[i] * VectorMath.Exp(exponent);
        }
        return VectorMath.Sum(sum);
    }

    /// <summary>A normal draw, repeated until it lies in [0, 1]: at least one in three does where the mean does and sigma is at most 1.</summary>
    public static double DrawWithin(ref Philox random, double mean, double sigma)
    {
        while (true)
        {
            var draw = mean + (sigma * random.NextNormal());
            if (draw is >= 0 and <= 1) return draw;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SetWidths(int prior, double smallest)
    {
        for (var i = 0; i < _count; i++)
        {
            var left = i > 0 ? _means[i] - _means[i - 1] : 0;
            var right = i + 1 < _count ? _means[i + 1] - _means[i] : 0;
            _inverseSigmas[i] = 1 / Math.Clamp(Math.Max(left, right), smallest, 1);
        }
        _inverseSigmas[prior] = 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SetHeights(int padded)
    {
        var means = MemoryMarshal.Cast<double, Vector256<double>>(_means.AsSpan(0, padded));
        var inverses = MemoryMarshal.Cast<double, Vector256<double>>(_inverseSigmas.AsSpan(0, padded));
        var heights = MemoryMarshal.Cast<double, Vector256<double>>(_heights.AsSpan(0, padded));
        var weight = Vector256.Create(1.0 / _count);
        for (var i = 0; i < heights.Length; i++) heights[i] = weight * inverses[i] / VectorMath.ShareWithin(means[i], inverses[i]);
        _heights.AsSpan(_count, padded - _count).Clear();
    }
}
