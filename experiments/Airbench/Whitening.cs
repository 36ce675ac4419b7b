using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

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

    /// <summary>Overwrites the first layer's filters.</summary>
    /// <param name="filters">2 x patch size filters of channels x 2 x 2.</param>
    /// <param name="images">Normalized images, N x channels x height x width, on the CPU.</param>
    public static void Set(Parameter filters, Tensor images)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var size = filters.shape[0] / 2;
        var moments = zeros(size, size, dtype: ScalarType.Float64);
        foreach (var image in images.split(64))
        {
            using var part = NewDisposeScope();
            // [n, channels, h-1, w-1] for each of the four places in a patch, then one row a patch in the order of a filter: channel, row, column.
            var (h, w) = (image.shape[2] - 1, image.shape[3] - 1);
            var places = new List<Tensor>();
            for (var y = 0; y < Side; y++)
            {
                for (var x = 0; x < Side; x++) places.Add(image.slice(2, y, y + h, 1).slice(3, x, x + w, 1));
            }
            var patches = stack(places, 2).permute(0, 3, 4, 1, 2).reshape(-1, size).to(ScalarType.Float64);
            moments.add_(patches.t().matmul(patches));
        }
        var count = images.shape[0] * (images.shape[2] - 1) * (images.shape[3] - 1);
        var (values, vectors) = linalg.eigh(moments / count);
        var scaled = vectors.t() / (values + Epsilon).sqrt().unsqueeze(1);             // one row a direction
        filters.copy_(cat([scaled, -scaled], 0).reshape(filters.shape).to(ScalarType.Float32));
    }
}
