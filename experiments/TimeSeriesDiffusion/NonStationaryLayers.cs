using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>Layers of self-attention and feed-forward, each normalized behind its sum (Vaswani et al. 2017, section 3.1), and a last normalization. In comments as in <see cref="NonStationaryTransformer"/>.</summary>
internal sealed class NonStationaryEncoder : Module
{
    private readonly ModuleList<NonStationaryEncoderLayer> attn_layers;
    private readonly LayerNorm norm;

    public NonStationaryEncoder(int layers, int d, int heads, double dropout)
        : base(nameof(NonStationaryEncoder))
    {
        attn_layers = ModuleList(Enumerable.Range(0, layers).Select(_ => new NonStationaryEncoderLayer(d, heads, dropout)).ToArray());
        norm = LayerNorm(d);
        RegisterComponents();
    }

    public Tensor Run(Tensor x, Tensor factor, Tensor shift)
    {
        using var scope = NewDisposeScope();
        foreach (var layer in attn_layers) x = layer.Run(x, factor, shift);      // [B, L, d]
        return norm.call(x).MoveToOuterDisposeScope();
    }
}

/// <summary>The same with attention to the history between the two, and the projection to values.</summary>
internal sealed class NonStationaryDecoder : Module
{
    private readonly ModuleList<NonStationaryDecoderLayer> layers;
    private readonly LayerNorm norm;
    private readonly Linear projection;

    public NonStationaryDecoder(int count, int d, int heads, double dropout, int channels)
        : base(nameof(NonStationaryDecoder))
    {
        layers = ModuleList(Enumerable.Range(0, count).Select(_ => new NonStationaryDecoderLayer(d, heads, dropout)).ToArray());
        (norm, projection) = (LayerNorm(d), Linear(d, channels));
        RegisterComponents();
    }

    public Tensor Run(Tensor x, Tensor memory, Tensor factor, Tensor causal, Tensor shift)
    {
        using var scope = NewDisposeScope();
        foreach (var layer in layers) x = layer.Run(x, memory, factor, causal, shift); // [B, K + H, d]
        return projection.call(norm.call(x)).MoveToOuterDisposeScope();          // [B, K + H, C]
    }
}

internal sealed class NonStationaryEncoderLayer : Module
{
    private readonly DeStationaryAttention attention;
    private readonly Conv1d conv1, conv2;
    private readonly LayerNorm norm1, norm2;
    private readonly double _dropout;

    public NonStationaryEncoderLayer(int d, int heads, double dropout)
        : base(nameof(NonStationaryEncoderLayer))
    {
        _dropout = dropout;
        attention = new DeStationaryAttention(d, heads, dropout);
        (conv1, conv2) = NonStationaryFeedForward.Layers(d);
        (norm1, norm2) = (LayerNorm(d), LayerNorm(d));
        RegisterComponents();
    }

    public Tensor Run(Tensor x, Tensor factor, Tensor shift)
    {
        using var scope = NewDisposeScope();
        var seen = norm1.call(x + functional.dropout(attention.Run(x, x, factor, shift), _dropout, training));
        return norm2.call(seen + NonStationaryFeedForward.Run(conv1, conv2, seen, _dropout, training)).MoveToOuterDisposeScope();
    }
}

internal sealed class NonStationaryDecoderLayer : Module
{
    private readonly DeStationaryAttention self_attention, cross_attention;
    private readonly Conv1d conv1, conv2;
    private readonly LayerNorm norm1, norm2, norm3;
    private readonly double _dropout;

    public NonStationaryDecoderLayer(int d, int heads, double dropout)
        : base(nameof(NonStationaryDecoderLayer))
    {
        _dropout = dropout;
        (self_attention, cross_attention) = (new DeStationaryAttention(d, heads, dropout), new DeStationaryAttention(d, heads, dropout));
        (conv1, conv2) = NonStationaryFeedForward.Layers(d);
        (norm1, norm2, norm3) = (LayerNorm(d), LayerNorm(d), LayerNorm(d));
        RegisterComponents();
    }

    /// <param name="shift">Has a number for each row of the history, and so is for the attention to those alone.</param>
    public Tensor Run(Tensor x, Tensor memory, Tensor factor, Tensor causal, Tensor shift)
    {
        using var scope = NewDisposeScope();
        var own = norm1.call(x + functional.dropout(self_attention.Run(x, x, factor, causal), _dropout, training));
        var seen = norm2.call(own + functional.dropout(cross_attention.Run(own, memory, factor, shift), _dropout, training));
        return norm3.call(seen + NonStationaryFeedForward.Run(conv1, conv2, seen, _dropout, training)).MoveToOuterDisposeScope();
    }
}

/// <summary>Two linear layers of each row with GELU between them. Their names and weights are those of convolutions over one row.</summary>
internal static class NonStationaryFeedForward
{
    private const int Inner = 1024;

    public static (Conv1d First, Conv1d Second) Layers(int d) => (Conv1d(d, Inner, 1), Conv1d(Inner, d, 1));

    public static Tensor Run(Conv1d first, Conv1d second, Tensor x, double dropout, bool training)
    {
        using var scope = NewDisposeScope();
        Tensor Linear(Conv1d layer, Tensor rows) => functional.linear(rows, layer.weight.squeeze(-1), layer.bias);
        var inner = functional.dropout(functional.gelu(Linear(first, x)), dropout, training); // [B, T, 1024]
        return functional.dropout(Linear(second, inner), dropout, training).MoveToOuterDisposeScope();
    }
}

/// <summary>Attention of several heads whose scores are scaled window by window and shifted (section 3.2).</summary>
internal sealed class DeStationaryAttention : Module
{
    private readonly Linear query_projection, key_projection, value_projection, out_projection;
    private readonly int _heads;
    private readonly double _dropout;

    public DeStationaryAttention(int d, int heads, double dropout)
        : base(nameof(DeStationaryAttention))
    {
        (_heads, _dropout) = (heads, dropout);
        // As released: what a size leaves over that the heads do not divide is in no head.
        var all = d / heads * heads;
        (query_projection, key_projection, value_projection, out_projection) = (Linear(d, all), Linear(d, all), Linear(d, all), Linear(all, d));
        RegisterComponents();
    }

    /// <summary>[B, T, d] asks [B, S, d].</summary>
    /// <param name="factor">Of the scores, [B, 1, 1].</param>
    /// <param name="added">To the scores after that, [B h or 1, T or 1, S].</param>
    public Tensor Run(Tensor x, Tensor memory, Tensor factor, Tensor added)
    {
        using var scope = NewDisposeScope();
        var q = ByHead(query_projection.call(x) * factor);                       // [B h, T, e]
        var k = ByHead(key_projection.call(memory));                             // [B h, S, e]
        var v = ByHead(value_projection.call(memory));
        var attended = Weights(q, k, added).bmm(v);                              // [B h, T, e]
        var joined = attended.view(x.size(0), _heads, x.size(1), -1).transpose(1, 2).reshape(x.size(0), x.size(1), -1); // [B, T, d]
        return out_projection.call(joined).MoveToOuterDisposeScope();
    }

    // The scores are the largest tensors there are: no two of them longer than they must.
    private Tensor Weights(Tensor q, Tensor k, Tensor added)
    {
        using var turned = k.transpose(1, 2);                                    // [B h, e, S]
        using var scores = baddbmm(added, q, turned);                            // [B h, T, S]
        using var weights = scores.softmax(-1);
        return functional.dropout(weights, _dropout, training);
    }

    private Tensor ByHead(Tensor rows)
    {
        using var parted = rows.view(rows.size(0), rows.size(1), _heads, -1);    // [B, T, h, e]
        using var turned = parted.transpose(1, 2);
        return turned.reshape(rows.size(0) * _heads, rows.size(1), -1);
    }
}
