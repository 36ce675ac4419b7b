using Repro.Studies;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Metrics;

/// <summary>
/// Mean and covariance of feature vectors that come batch by batch, in float64. Sums are taken around the first batch's mean, so that features far from
/// zero lose no digits. The same batches in the same order give the same bits.
/// </summary>
/// <param name="dimensions">Features of an example; at least 1.</param>
public sealed class FeatureMoments(int dimensions)
{
    private readonly double[] _sums = new double[dimensions];
    private readonly double[] _products = new double[(long)dimensions * dimensions];
    private double[]? _origin;

    /// <summary>Features of an example.</summary>
    public int Dimensions { get; } = dimensions > 0 ? dimensions : throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, "An example has at least one feature.");

    /// <summary>Examples added.</summary>
    public long Count { get; private set; }

    /// <summary>The moments of one array.</summary>
    /// <param name="features">Examples x features, row by row.</param>
    public static FeatureMoments Of(ReadOnlySpan<double> features, int dimensions)
    {
        var moments = new FeatureMoments(dimensions);
        using var rows = tensor(features.ToArray(), [features.Length / dimensions, dimensions]);
        moments.Add(rows);
        return moments;
    }

    /// <summary>Adds a batch; waits for the device.</summary>
    /// <param name="features">[examples, <see cref="Dimensions"/>] of any floating type; an empty batch changes nothing.</param>
    /// <exception cref="BadInputException">A feature is no finite number.</exception>
    public void Add(Tensor features)
    {
        if (features.dim() != 2 || features.shape[1] != Dimensions)
            throw new ArgumentException($"Features must be [examples, {Dimensions}]; these are [{string.Join(", ", features.shape)}].", nameof(features));
        if (features.shape[0] == 0) return;
        using var recording = no_grad();
        using var scope = NewDisposeScope();
        var rows = features.detach().cpu().to(ScalarType.Float64);
        if (!(bool)rows.isfinite().all())
            throw new BadInputException($"Of {features.shape[0]} examples after the first {Count}, some have features that are no finite numbers, so they have no mean: what was generated has diverged.");
        _origin ??= rows.mean([0]).data<double>().ToArray();
        var centred = rows - tensor(_origin, [1, Dimensions]);
        Accumulate(centred.sum([0L]), _sums);
        Accumulate(centred.t().matmul(centred), _products);
        Count += features.shape[0];
    }

    /// <summary>The mean, [features]; at least one example must have been added.</summary>
    public double[] Mean() => [.. _sums.Select((sum, i) => _origin![i] + (sum / Count))];

    /// <summary>The covariance with the denominator N - 1, [features x features] row by row; at least two examples must have been added.</summary>
    public double[] Covariance()
    {
        var covariance = new double[_products.Length];
        for (var i = 0; i < Dimensions; i++)
        {
            for (var j = 0; j < Dimensions; j++)
            {
                // Both triangles are summed apart, by a product that need not be symmetric to the last bit.
                var product = (_products[(i * Dimensions) + j] + _products[(j * Dimensions) + i]) / 2;
                covariance[(i * Dimensions) + j] = (product - (_sums[i] * _sums[j] / Count)) / (Count - 1);
            }
        }
        return covariance;
    }

    private static void Accumulate(Tensor values, double[] into)
    {
        var i = 0;
        foreach (var value in values.contiguous().data<double>()) into[i++] += value;
    }
}
