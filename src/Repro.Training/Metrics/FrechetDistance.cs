using Repro.Studies;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Metrics;

/// <summary>
/// The squared Frechet (2-Wasserstein) distance of two Gaussians with the moments of two sets of features: |m1 - m2|^2 + Tr(S1 + S2 - 2 (S1 S2)^1/2), Dowson and
/// Landau 1982. With the features of one particular Inception network it is the FID (Heusel et al. 2017); with any other features it is not, and is never named so.
/// </summary>
/// <remarks>
/// It is biased upwards, by about 1/N: numbers over different N are not comparable, and neither are those over different features. What it says is said by the
/// floor beside it, the distance of as many real examples.
/// </remarks>
public static class FrechetDistance
{
    /// <summary>At least 0, in squared units of the features.</summary>
    /// <exception cref="BadInputException">One side has no more examples than features, so that its covariance is singular whatever the examples are.</exception>
    public static double Between(FeatureMoments one, FeatureMoments other)
    {
        if (one.Dimensions != other.Dimensions)
            throw new ArgumentException($"The two sides have {one.Dimensions} and {other.Dimensions} features; they must be the same ones.", nameof(other));
        Require(one);
        Require(other);
        return Between(one.Mean(), one.Covariance(), other.Mean(), other.Covariance());
    }

    /// <summary>Refuses a side that has no more examples than features.</summary>
    /// <exception cref="BadInputException">It has not.</exception>
    public static void Require(FeatureMoments side)
    {
        if (side.Count <= side.Dimensions)
            throw new BadInputException($"A Frechet distance of {side.Dimensions} features needs more than {side.Dimensions} examples on each side; one side has {side.Count}. Raise the number of samples.");
    }

    /// <summary>The same of moments that are known, at least 0; a covariance may be singular.</summary>
    /// <param name="covariance1">Symmetric and positive semi-definite up to rounding, row by row.</param>
    public static double Between(double[] mean1, double[] covariance1, double[] mean2, double[] covariance2)
    {
        var size = mean1.Length;
        if (mean2.Length != size || covariance1.Length != size * size || covariance2.Length != size * size)
            throw new ArgumentException($"Means of {size} and {mean2.Length} features do not go with covariances of {covariance1.Length} and {covariance2.Length} numbers.", nameof(mean2));
        using var recording = no_grad();
        using var scope = NewDisposeScope();
        var (first, second) = (tensor(covariance1, [size, size]), tensor(covariance2, [size, size]));

        // (S1 S2)^1/2 is not symmetric, and its trace that of (R S2 R)^1/2 with R = S1^1/2, which is. Eigenvalues below zero are rounding.
        var (values, vectors) = linalg.eigh(first);
        var root = (vectors * values.clamp(min: 0).sqrt()).matmul(vectors.t());
        var product = root.matmul(second).matmul(root);
        var traceOfRoot = (double)linalg.eigvalsh((product + product.t()) / 2).clamp(min: 0).sqrt().sum();

        var distance = mean1.Zip(mean2, (a, b) => (a - b) * (a - b)).Sum() + Trace(covariance1, size) + Trace(covariance2, size) - (2 * traceOfRoot);
        return Math.Max(0, distance);
    }

    private static double Trace(double[] matrix, int size) => Enumerable.Range(0, size).Sum(i => matrix[(i * size) + i]);
}
