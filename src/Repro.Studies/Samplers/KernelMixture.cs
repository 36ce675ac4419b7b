using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Repro.Studies.Randomness;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Samplers;

/// <summary>
/// A density over whole configurations: one kernel for each trial, the product of normal ones (cut off at 0 and 1) and, for categoricals, of frequencies with a
/// surplus on the trial's value; and a wide kernel, the prior. All have equal weight.
/// </summary>
/// <remarks>
/// A normal kernel's width is 0.2 n^(-1 / (d + 4)) (Scott's rule with Optuna's factor), at least 1 / min(100, n + 2) and half a discrete value's share, at most 1.
/// A coordinate that the trial does not set counts as uniform; one that is inactive in the point is left out.
/// Columns lie in memory one after the other, so that a point meets four kernels at a time.
/// </remarks>
internal sealed class KernelMixture(SearchSpace space)
{
    // What a normal factor lacks: log sqrt(2 pi).
    private const double LogRoot = 0.91893853320467274;

    // Ends a kernel that only fills the last vector.
    private const double LogNothing = -1e6;

    private readonly int _dimensions = space.Parameters.Count;

    /// <summary>How many values a categorical has; 0 for numbers.</summary>
    private readonly int[] _choices = [.. space.Parameters.Select(p => p is Categorical c ? c.Values.Count : 0)];

    private readonly double[] _logUniforms = [.. space.Parameters.Select(p => p is Categorical c ? -Math.Log(c.Values.Count) : LogRoot)];
    private readonly double[] _inverseSigmas = new double[space.Parameters.Count];

    /// <summary>Of a categorical: the logarithm of a kernel's probability of its own value, and of each other one.</summary>
    private readonly (double Own, double Other)[] _logFrequencies = new (double, double)[space.Parameters.Count];
    private double[] _means = [];
    private double[] _logHeights = [];
    private double[] _logWeights = [];
    private int _padded;
    private int _count;

    public void Fit(TrialHistory history, ReadOnlySpan<int> rows)
    {
        _count = rows.Length;
        _padded = VectorMath.Padded(_count);
        if (_means.Length < _padded * _dimensions)
        {
            _means = new double[2 * _padded * _dimensions];
            _logHeights = new double[2 * _padded * _dimensions];
            _logWeights = new double[2 * _padded];
        }
        _logWeights.AsSpan(0, _count).Clear();
        _logWeights.AsSpan(_count, _padded - _count).Fill(LogNothing);
        var sigma = Math.Max(0.2 * Math.Pow(Math.Max(1, _count), -1.0 / (_dimensions + 4)), 1.0 / Math.Min(100, _count + 2));
        for (var d = 0; d < _dimensions; d++)
        {
            var units = history.Units(d);
            var means = _means.AsSpan(d * _padded, _padded);
            for (var k = 0; k < _count; k++) means[k] = units[rows[k]];
            means[_count..].Fill(double.NaN);
            if (_choices[d] > 0)
            {
                // As in ChoiceFrequencies, for one kernel.
                var everywhere = 1.0 / (_count + 1);
                var total = 1 + (_choices[d] * everywhere);
                _logFrequencies[d] = (Math.Log((1 + everywhere) / total), Math.Log(everywhere / total));
                continue;
            }
            var smallest = space.Parameters[d].Count is { } count ? 0.5 / count : 0;
            _inverseSigmas[d] = 1 / Math.Min(1, Math.Max(sigma, smallest));
            SetHeights(d);
        }
    }

    /// <summary>A draw: a kernel at random, then each coordinate that is active.</summary>
    public void Draw(ref Philox random, Span<double> units)
    {
        var kernel = random.NextInt32(_count + 1);
        foreach (var d in space.Order)
        {
            if (!space.IsActive(d, units))
            {
                units[d] = double.NaN;
                continue;
            }
            var mean = kernel < _count ? _means[(d * _padded) + kernel] : double.NaN;
            if (_choices[d] > 0) units[d] = DrawChoice(ref random, mean, _choices[d]);
            else if (kernel == _count) units[d] = space.Parameters[d].Snap(NormalMixture.DrawWithin(ref random, 0.5, 1));
            else units[d] = space.Parameters[d].Snap(double.IsNaN(mean) ? random.NextDouble() : NormalMixture.DrawWithin(ref random, mean, 1 / _inverseSigmas[d]));
        }
    }

    /// <summary>The density at a point, whose inactive coordinates are NaN. Every normal factor lacks 1/sqrt(2 pi).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Density(ReadOnlySpan<double> units)
    {
        Span<int> active = _dimensions <= 128 ? stackalloc int[_dimensions] : new int[_dimensions];
        var dimensions = 0;
        for (var d = 0; d < _dimensions; d++)
        {
            if (!double.IsNaN(units[d])) active[dimensions++] = d;
        }
        active = active[..dimensions];
        var means = MemoryMarshal.Cast<double, Vector256<double>>(_means.AsSpan(0, _padded * _dimensions));
        var heights = MemoryMarshal.Cast<double, Vector256<double>>(_logHeights.AsSpan(0, _padded * _dimensions));
        var weights = MemoryMarshal.Cast<double, Vector256<double>>(_logWeights.AsSpan(0, _padded));
        var sum = Vector256<double>.Zero;
        for (var block = 0; block < weights.Length; block++)
        {
            var exponent = weights[block];
            foreach (var d in active)
            {
                var mean = means[(d * weights.Length) + block];
                var term = _choices[d] > 0 ? LogFrequency(mean, units[d], _logFrequencies[d]) : LogNormal(mean, units[d], _inverseSigmas[d], heights[(d * weights.Length) + block]);
                // NaN is a coordinate that the kernel does not set.
                exponent += Vector256.ConditionalSelect(Vector256.Equals(mean, mean), term, Vector256.Create(_logUniforms[d]));
            }
            // Far kernels are nothing beside the prior.
            if (Vector256.LessThanAll(exponent, Vector256.Create(VectorMath.Negligible))) continue;
            sum += VectorMath.Exp(exponent);
        }
        return (VectorMath.Sum(sum) + Prior(units, active)) / (_count + 1);
    }

    private static Vector256<double> LogNormal(Vector256<double> mean, double unit, double inverseSigma, Vector256<double> logHeight)
    {
        var z = (Vector256.Create(unit) - mean) * Vector256.Create(inverseSigma);
        return (z * z * Vector256.Create(-0.5)) + logHeight;
    }

    private static Vector256<double> LogFrequency(Vector256<double> mean, double unit, (double Own, double Other) logFrequency) =>
        Vector256.ConditionalSelect(Vector256.Equals(mean, Vector256.Create(unit)), Vector256.Create(logFrequency.Own), Vector256.Create(logFrequency.Other));

    private double DrawChoice(ref Philox random, double mean, int choices)
    {
        var everywhere = 1.0 / (_count + 1);
        var kept = double.IsNaN(mean) ? 0 : 1 / (1 + (choices * everywhere));
        return random.NextDouble() < kept ? mean : (random.NextInt32(choices) + 0.5) / choices;
    }

    private double Prior(ReadOnlySpan<double> units, ReadOnlySpan<int> active)
    {
        // The share of a normal distribution of mean 1/2 and sigma 1 within [0, 1].
        const double Share = 0.38292492254802624;
        var density = 1.0;
        foreach (var d in active) density *= _choices[d] > 0 ? 1.0 / _choices[d] : Math.Exp(-0.5 * (units[d] - 0.5) * (units[d] - 0.5)) / Share;
        return density;
    }

    /// <summary>Where a kernel's normal factor begins: log(1 / (sigma * share within [0, 1])).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SetHeights(int dimension)
    {
        var means = MemoryMarshal.Cast<double, Vector256<double>>(_means.AsSpan(dimension * _padded, _padded));
        var heights = _logHeights.AsSpan(dimension * _padded, _padded);
        var inverse = Vector256.Create(_inverseSigmas[dimension]);
        for (var block = 0; block < means.Length; block++)
        {
            var height = inverse / VectorMath.ShareWithin(means[block], inverse);
            for (var i = 0; i < VectorMath.Width; i++) heights[(block * VectorMath.Width) + i] = Math.Log(height[i]);
        }
    }
}
