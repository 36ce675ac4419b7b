using Repro.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Ddpm;

/// <summary>The size of a U-Net; the initial values are those of Ho et al. 2020 for CIFAR-10, "35.7 million parameters" (appendix B).</summary>
public sealed record UNetShape
{
    /// <summary>Colours of an image.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>Channels out for each channel in: 2 where the variance is learned.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>Pixels along a side at the input; halved from level to level, so a multiple of 2^(levels - 1).</summary>
    public int Size { get; init; } = 32;

    /// <summary>Channels of the first level; even, at least 4.</summary>
    public int Width { get; init; } = 128;

    /// <summary>The channels of each level, as multiples of <see cref="Width"/>.</summary>
    public IReadOnlyList<int> Multipliers { get; init; } = [1, 2, 2, 2];

    /// <summary>Residual blocks of a level on the way down; one more on the way up.</summary>
    public int Blocks { get; init; } = 2;

    /// <summary>Pixels along a side of the level whose blocks are followed by attention; 0: none but the one in the middle, which is always there.</summary>
    public int Attention { get; init; } = 16;

    /// <summary>Groups of every group normalization; divides the channels of every level.</summary>
    public int Groups { get; init; } = 32;

    /// <summary>Share of the activations that dropout removes in each residual block, 0 to 1.</summary>
    public double Dropout { get; init; } = 0.1;
}

/// <summary>
/// The network of Ho, Jain, Abbeel 2020 (arXiv:2006.11239), section 4 and appendix B, as in the reference code (hojonathanho/diffusion, <c>unet.py</c>): a U-Net of residual blocks
/// with group normalization and swish, self-attention at one resolution, and the timestep's sinusoids added into every block. Input: images [N, channels, size, size] and timesteps
/// [N], or [1] for one that all share; output: as the input, or with twice the channels.
/// </summary>
/// <remarks>Shapes beside the lines are those for CIFAR-10. What the reference code calls <c>nin</c> is a 1 x 1 convolution here.</remarks>
public sealed class DdpmModel : Module<Tensor, Tensor, Tensor>
{
    private readonly int _width;
    private readonly Linear dense0;
    private readonly Linear dense1;
    private readonly Conv2d conv_in;
    private readonly ModuleList<UNetLevel> down = ModuleList<UNetLevel>();
    private readonly UNetBlock mid_block_1;
    private readonly UNetAttention mid_attn_1;
    private readonly UNetBlock mid_block_2;
    private readonly ModuleList<UNetLevel> up = ModuleList<UNetLevel>();
    private readonly GroupNorm norm_out;
    private readonly Conv2d conv_out;

    /// <param name="seed">The parameters depend on it alone.</param>
    public DdpmModel(UNetShape shape, ulong seed)
        : base(nameof(DdpmModel))
    {
        _width = shape.Width;
        var layers = new UNetLayers(shape, new InitialValues(seed));
        dense0 = layers.Dense(shape.Width, 4 * shape.Width);
        dense1 = layers.Dense(4 * shape.Width, 4 * shape.Width);
        conv_in = layers.Convolution(shape.Channels, shape.Width);
        var skips = new Stack<int>([shape.Width]);                              // channels of what the way up takes over
        var (channels, size, last) = (shape.Width, shape.Size, shape.Multipliers.Count - 1);
        for (var i = 0; i <= last; i++)
        {
            var level = new UNetLevel(
                layers, Enumerable.Repeat(0, shape.Blocks).ToArray(), channels, shape.Width * shape.Multipliers[i], size, i < last ? Resampling.Down : Resampling.None);
            down.Add(level);
            channels = shape.Width * shape.Multipliers[i];
            for (var block = 0; block < shape.Blocks; block++) skips.Push(channels);
            if (i == last) break;
            skips.Push(channels);
            size /= 2;
        }
        mid_block_1 = new UNetBlock(layers, channels, channels);
        mid_attn_1 = new UNetAttention(layers, channels);
        mid_block_2 = new UNetBlock(layers, channels, channels);
        for (var i = last; i >= 0; i--)
        {
            var joined = Enumerable.Range(0, shape.Blocks + 1).Select(_ => skips.Pop()).ToArray();
            up.Add(new UNetLevel(layers, joined, channels, shape.Width * shape.Multipliers[i], size, i > 0 ? Resampling.Up : Resampling.None));
            channels = shape.Width * shape.Multipliers[i];
            size *= 2;
        }
        norm_out = layers.Norm(channels);
        conv_out = layers.Convolution(channels, shape.Channels * shape.Outputs, scale: 0);
        RegisterComponents();
    }

    /// <summary>The first layer's filters: width x channels x 3 x 3.</summary>
    public Parameter FirstFilters => conv_in.weight!;

    public override Tensor forward(Tensor x, Tensor t)                          // [N, 3, 32, 32], [N]
    {
        using var time = Embed(t);                                              // [N, 512]
        var skips = new Stack<Tensor>();
        var h = conv_in.call(x);                                                // [N, 128, 32, 32]
        skips.Push(h);
        foreach (var level in down) h = level.Down(h, time, skips);             // [N, 256, 4, 4] at the end, which is the last skip too
        var a = mid_block_1.call(h, time);
        var b = mid_attn_1.call(a);
        a.Dispose();
        h = mid_block_2.call(b, time);                                          // [N, 256, 4, 4]
        b.Dispose();
        foreach (var level in up) h = level.Up(h, time, skips);                 // [N, 128, 32, 32] at the end
        using (h)
        {
            using var active = Acceleration.GroupNormSilu(norm_out, h);
            return conv_out.call(active);                                       // [N, 3, 32, 32]
        }
    }

    /// <summary>What every block's projection begins with: swish of the embedded timestep, [N, 4 x width].</summary>
    private Tensor Embed(Tensor t)
    {
        using var sinusoids = Sinusoids(t, _width);                             // [N, 128]
        using var a = dense0.call(sinusoids);                                   // [N, 512]
        using var b = functional.silu(a);
        using var c = dense1.call(b);                                           // [N, 512]
        return functional.silu(c);
    }

    /// <summary>
    /// Transformer sinusoids (section 4), all sines first and then all cosines, at frequencies from 1 to 1/10,000 in geometric steps, the last one included: as in the reference
    /// code, not as in Vaswani et al., who alternate them and never reach the last.
    /// </summary>
    /// <param name="t">Timesteps from 0, int64, [N].</param>
    /// <param name="size">Even, at least 4.</param>
    /// <returns>[N, size], float32.</returns>
    internal static Tensor Sinusoids(Tensor t, int size)
    {
        using var scope = NewDisposeScope();
        var half = size / 2;
        var frequencies = (arange(half, dtype: ScalarType.Float32, device: t.device) * (-Math.Log(10_000) / (half - 1))).exp();
        var angles = t.to_type(ScalarType.Float32).unsqueeze(1) * frequencies.unsqueeze(0);
        return cat([angles.sin(), angles.cos()], 1).MoveToOuterDisposeScope();
    }
}
