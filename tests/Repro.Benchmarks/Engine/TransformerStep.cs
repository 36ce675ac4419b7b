using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Benchmarks.Engine;

/// <summary>Vaswani et al. 2017 (arXiv:1706.03762), base: one encoder layer forward and backward, width 512, 8 heads, 2048 inside, dropout 0.1; 32 sentences of 100.</summary>
internal sealed class TransformerStep : IWorkload
{
    private const int Width = 512, Inside = 2048, Length = 100, Batch = 32;
    private readonly TransformerEncoderLayer _layer = TransformerEncoderLayer(Width, 8, Inside, 0.1);
    private readonly Tensor _x = randn([Length, Batch, Width], requires_grad: true);
    private readonly Tensor[] _seeds = [randn(Length, Batch, Width)];

    /// <summary>A word meets the four projections and the feed-forward network, and every word of its sentence twice. No optimizer's step.</summary>
    public static Work Work => Work.Training(
        (double)Batch * Length * (4 * Width * Width + 2 * Width * Inside + 2 * Width * Length), 4 * Width * Width + 2 * Width * Inside + 9 * Width + Inside);

    public void Step()
    {
        using var scope = NewDisposeScope();
        _x.grad = null;
        _layer.zero_grad();
        _layer.call(_x).backward(_seeds);
    }

    public void Dispose()
    {
        _layer.Dispose();
        _x.Dispose();
        _seeds[0].Dispose();
    }
}
