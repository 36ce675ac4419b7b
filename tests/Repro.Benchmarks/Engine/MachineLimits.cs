using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Benchmarks.Engine;

/// <summary>One product of large matrices in float32: as fast as the machine multiplies.</summary>
internal sealed class Gemm : IWorkload
{
    private const int Size = 2048;
    private readonly Tensor _a = randn(Size, Size), _b = randn(Size, Size);

    public static Work Work => new(2.0 * Size * Size * Size, 0);

    public void Step() => mm(_a, _b).Dispose();

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }
}

/// <summary>One copy: as fast as the machine reads and writes.</summary>
internal sealed class Copy : IWorkload
{
    private readonly Tensor _from, _to;

    /// <param name="work">Bytes, half of them read and half written.</param>
    public Copy(Work work)
    {
        var elements = (long)work.Bytes / 2 / sizeof(float);
        (_from, _to) = (ones(elements), zeros(elements));
    }

    /// <summary>Far larger than the caches.</summary>
    public static Work Large => new(0, 2.0 * (256 << 20));

    /// <summary>As large as the parameters of a small model, which stay in the cache from one step to the next.</summary>
    public static Work Cached => new(0, 2.0 * (4 << 20));

    public void Step() => _to.copy_(_from);

    public void Dispose()
    {
        _from.Dispose();
        _to.Dispose();
    }
}
