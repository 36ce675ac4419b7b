using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using Repro.Training.Datasets.Batches;

namespace Repro.Experiments.Airbench;

/// <summary>
/// Filters that turn 2x2 patches of normalized training images into uncorrelated numbers of about unit variance (arXiv:2404.00498, section 3.2):
/// each is an eigenvector of the patches' second moments, divided by the root of its eigenvalue, once with each sign.
/// </summary>
internal static class Whitening
{
    private const int Side = 2;

    /// <summary>Added to the eigenvalues, so that directions of next to no variance are not blown up.</summary>
    private const double Epsilon = 5e-4;

    /// <summary>Numbers in one patch.</summary>
    public static int PatchSize(int channels) => channels * Side * Side;

    /// <summary>The filters, one after the other in the order channel, row, column: 2 x patch size of them, those of the smallest eigenvalue first.</summary>
    public static float[] Filters(IImageSource images, IReadOnlyList<int> examples)
    {
        var size = PatchSize(images.Shape.Channels);
        var moments = SecondMoments(images, examples);
        var eigen = moments.Evd(Symmetricity.Symmetric);
        var filters = new float[2 * size * size];
        for (var k = 0; k < size; k++)
        {
            var scale = 1 / Math.Sqrt(Math.Max(eigen.EigenValues[k].Real, 0) + Epsilon);
            for (var i = 0; i < size; i++)
            {
                filters[(k * size) + i] = (float)(scale * eigen.EigenVectors[i, k]);
                filters[((size + k) * size) + i] = -filters[(k * size) + i];
            }
        }
        return filters;
    }

    /// <summary>Mean over all patches of the products of their numbers.</summary>
    internal static Matrix<double> SecondMoments(IImageSource images, IReadOnlyList<int> examples)
    {
        var (shape, size) = (images.Shape, PatchSize(images.Shape.Channels));
        var (pixels, patch, sums) = (new float[shape.Size], new double[size], new double[size, size]);
        foreach (var example in examples)
        {
            images.Read(example, pixels);
            for (var y = 0; y + Side <= shape.Height; y++)
            {
                for (var x = 0; x + Side <= shape.Width; x++)
                {
                    for (var i = 0; i < size; i++)
                    {
                        var (channel, row, column) = (i / (Side * Side), i / Side % Side, i % Side);
                        patch[i] = pixels[(((channel * shape.Height) + y + row) * shape.Width) + x + column];
                    }
                    for (var i = 0; i < size; i++)
                    {
                        for (var j = 0; j <= i; j++) sums[i, j] += patch[i] * patch[j];
                    }
                }
            }
        }
        var count = (double)examples.Count * (shape.Height - Side + 1) * (shape.Width - Side + 1);
        return DenseMatrix.Create(size, size, (i, j) => sums[Math.Max(i, j), Math.Min(i, j)] / count);
    }
}
