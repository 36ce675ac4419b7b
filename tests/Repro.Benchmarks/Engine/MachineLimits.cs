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

/// <summary>One copy, far larger than the caches: as fast as the machine's memory is read and written.</summary>
internal sealed class Copy : IWorkload
{
    private const int Size = 256 << 20;
    private readonly Tensor _from = ones(Size / sizeof(float)), _to = zeros(Size / sizeof(float));

    public static Work Work => new(0, 2.0 * Size);

    public void Step() => _to.copy_(_from);

    public void Dispose()
    {
        _from.Dispose();
        _to.Dispose();
    }
}
