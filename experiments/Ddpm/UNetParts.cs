using Repro.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Ddpm;

/// <summary>What a level of the U-Net ends with.</summary>
internal enum Resampling
{
    None,

    /// <summary>Half the size, by a 3 x 3 convolution with stride 2.</summary>
    Down,

    /// <summary>Twice the size, each pixel four times, then a 3 x 3 convolution.</summary>
    Up,
}

/// <summary>Layers with the reference code's initial values: uniform with variance scale / fan_avg, biases 0.</summary>
internal sealed class UNetLayers(UNetShape shape, InitialValues values)
{
    /// <summary>The reference code's word for zero, for the last convolution of every block and of the network: so small that each block begins as the identity.</summary>
    private const double NearlyZero = 1e-10;

    public UNetShape Shape => shape;

    /// <param name="scale">0: <see cref="NearlyZero"/>.</param>
    public Linear Dense(int from, int to, double scale = 1)
    {
        var layer = Linear(from, to);
        Initialize(layer.weight!, layer.bias!, from, to, scale);
        return layer;
    }

    /// <param name="scale">0: <see cref="NearlyZero"/>.</param>
    /// <param name="filters">Outputs that one set of initial values is for, where several layers lie side by side; null: all.</param>
    public Conv2d Convolution(int from, int to, int kernel = 3, int stride = 1, int padding = 1, double scale = 1, int? filters = null)
    {
        var layer = Conv2d(from, to, kernel_size: kernel, stride: stride, padding: padding);
        Initialize(layer.weight!, layer.bias!, from * kernel * kernel, (filters ?? to) * kernel * kernel, scale);
        return layer;
    }

    // 1e-6 is the default of the function that the reference code calls; PyTorch's own is 1e-5.
    public GroupNorm Norm(int channels) => GroupNorm(shape.Groups, channels, eps: 1e-6);

    private void Initialize(Parameter weight, Parameter bias, int fanIn, int fanOut, double scale)
    {
        values.Uniform(weight, Math.Sqrt(3 * (scale == 0 ? NearlyZero : scale) / ((fanIn + fanOut) / 2.0)));
        InitialValues.Constant(bias, 0);
    }
}

/// <summary>All blocks of one resolution, on the way down or up.</summary>
internal sealed class UNetLevel : Module
{
    private readonly ModuleList<UNetBlock> block = ModuleList<UNetBlock>();
    private readonly ModuleList<UNetAttention> attn = ModuleList<UNetAttention>();
    private readonly Conv2d? downsample;
    private readonly Conv2d? upsample;

    /// <param name="joined">Channels that are concatenated to each block's input; 0 on the way down.</param>
    /// <param name="from">Channels that come in.</param>
    /// <param name="to">Channels of every block's result.</param>
    /// <param name="size">Pixels along a side.</param>
    public UNetLevel(UNetLayers layers, IReadOnlyList<int> joined, int from, int to, int size, Resampling end)
        : base(nameof(UNetLevel))
    {
        for (var i = 0; i < joined.Count; i++)
        {
            block.Add(new UNetBlock(layers, (i == 0 ? from : to) + joined[i], to));
            if (size == layers.Shape.Attention) attn.Add(new UNetAttention(layers, to));
        }
        if (end == Resampling.Down) downsample = layers.Convolution(to, to, stride: 2, padding: 0);
        if (end == Resampling.Up) upsample = layers.Convolution(to, to);
        RegisterComponents();
    }

    /// <param name="skips">Gets every block's result and the downsampled one; they live until the way up takes them.</param>
    /// <returns>The last one of <paramref name="skips"/>.</returns>
    public Tensor Down(Tensor h, Tensor time, Stack<Tensor> skips)
    {
        for (var i = 0; i < block.Count; i++)
        {
            h = block[i].call(h, time);
            if (i < attn.Count)
            {
                using var before = h;
                h = attn[i].call(before);
            }
            skips.Push(h);
        }
        if (downsample is null) return h;
        // TensorFlow's SAME padding for a stride of 2 and an even size: one row below, one column to the right, nothing above and to the left.
        using var padded = functional.pad(h, [0, 1, 0, 1]);
        skips.Push(h = downsample.call(padded));
        return h;
    }

    /// <param name="h">Disposed of here.</param>
    /// <param name="skips">One is taken for each block.</param>
    public Tensor Up(Tensor h, Tensor time, Stack<Tensor> skips)
    {
        for (var i = 0; i < block.Count; i++)
        {
            using (var below = h)
            using (var skip = skips.Pop())
            using (var joined = cat([below, skip], 1))
                h = block[i].call(joined, time);
            if (i >= attn.Count) continue;
            using var before = h;
            h = attn[i].call(before);
        }
        if (upsample is null) return h;
        using var small = h;
        using var large = functional.interpolate(small, scale_factor: [2, 2]);  // nearest; the reference code's align_corners makes no difference at a factor of 2
        return upsample.call(large);
    }
}

/// <summary>A residual block: normalize, swish, convolve, add the timestep, normalize, swish, drop out, convolve, add the input.</summary>
internal sealed class UNetBlock : Module<Tensor, Tensor, Tensor>
{
    private readonly GroupNorm norm1;
    private readonly Conv2d conv1;
    private readonly Linear temb_proj;
    private readonly GroupNorm norm2;
    private readonly Conv2d conv2;
    private readonly Conv2d? nin_shortcut;
    private readonly double _dropout;

    public UNetBlock(UNetLayers layers, int from, int to)
        : base(nameof(UNetBlock))
    {
        norm1 = layers.Norm(from);
        conv1 = layers.Convolution(from, to);
        temb_proj = layers.Dense(4 * layers.Shape.Width, to);
        norm2 = layers.Norm(to);
        conv2 = layers.Convolution(to, to, scale: 0);
        if (from != to) nin_shortcut = layers.Convolution(from, to, kernel: 1, padding: 0);
        _dropout = layers.Shape.Dropout;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Tensor time)                       // [N, from, s, s], [N or 1, 4 x width]
    {
        using var a = Acceleration.GroupNormSilu(norm1, x);
        using var b = conv1.call(a);                                            // [N, to, s, s]
        using var projected = temb_proj.call(time);                             // [N or 1, to]
        using var spread = projected.reshape(projected.shape[0], projected.shape[1], 1, 1);
        b.add_(spread);                                                         // in place: no backward pass asks for a convolution's result
        using var c = Acceleration.GroupNormSilu(norm2, b);
        using var dropped = training && _dropout > 0 ? functional.dropout(c, _dropout, training: true) : c.alias();
        var y = conv2.call(dropped);                                            // [N, to, s, s]
        if (nin_shortcut is null) return y.add_(x);
        using var shortcut = nin_shortcut.call(x);
        return y.add_(shortcut);
    }
}

/// <summary>Self-attention of one head over all pixels, added to its input.</summary>
internal sealed class UNetAttention : Module<Tensor, Tensor>
{
    private readonly GroupNorm norm;
    private readonly Conv2d qkv;
    private readonly Conv2d proj_out;

    public UNetAttention(UNetLayers layers, int channels)
        : base(nameof(UNetAttention))
    {
        norm = layers.Norm(channels);
        // q, k and v of the reference code side by side: one product of matrices instead of three; each begins as a layer of its own.
        qkv = layers.Convolution(channels, 3 * channels, kernel: 1, padding: 0, filters: channels);
        proj_out = layers.Convolution(channels, channels, kernel: 1, padding: 0, scale: 0);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)                                    // [N, 256, 16, 16]
    {
        var (n, channels, height, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        using var scope = NewDisposeScope();
        var parts = qkv.call(norm.call(x)).flatten(2).transpose(1, 2);          // [N, 256 pixels, 768]
        var (q, k, v) = (parts.narrow(2, 0, channels), parts.narrow(2, channels, channels), parts.narrow(2, 2 * channels, channels));
        var weights = (q.bmm(k.transpose(1, 2)) * (1 / Math.Sqrt(channels))).softmax(2);    // [N, 256 queries, 256 keys]
        var h = weights.bmm(v).transpose(1, 2).reshape(n, channels, height, width);
        return proj_out.call(h).add_(x).MoveToOuterDisposeScope();
    }
}
