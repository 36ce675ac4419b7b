using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Transformer;

/// <summary>Self-attention, then feed-forward, each with "LayerNorm(x + Sublayer(x))" around it and dropout on the sub-layer's output (sections 3.1 and 5.4).</summary>
internal sealed class EncoderLayer : Module<Tensor, Tensor?, Tensor>
{
    private readonly MultiHeadAttention self_attn;
    private readonly FeedForward feed_forward;
    private readonly LayerNorm norm1;
    private readonly LayerNorm norm2;
    private readonly Dropout dropout;

    public EncoderLayer(TransformerShape shape, InitialValues values)
        : base(nameof(EncoderLayer))
    {
        self_attn = new MultiHeadAttention(shape, values);
        feed_forward = new FeedForward(shape, values);
        (norm1, norm2, dropout) = (LayerNorm(shape.ModelSize), LayerNorm(shape.ModelSize), Dropout(shape.Dropout));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Tensor? mask)          // [N, S, d]
    {
        using var attended = self_attn.Run(x, x, mask);
        using var a = Residual.Add(x, attended, dropout, norm1);    // [N, S, d]
        using var transformed = feed_forward.call(a);
        return Residual.Add(a, transformed, dropout, norm2);        // [N, S, d]
    }
}

/// <summary>As the encoder's, with attention to the encoder's output between the two, and a mask on what is to come (section 3.1).</summary>
internal sealed class DecoderLayer : Module
{
    private readonly MultiHeadAttention self_attn;
    private readonly MultiHeadAttention multihead_attn;
    private readonly FeedForward feed_forward;
    private readonly LayerNorm norm1;
    private readonly LayerNorm norm2;
    private readonly LayerNorm norm3;
    private readonly Dropout dropout;

    public DecoderLayer(TransformerShape shape, InitialValues values)
        : base(nameof(DecoderLayer))
    {
        self_attn = new MultiHeadAttention(shape, values);
        multihead_attn = new MultiHeadAttention(shape, values);
        feed_forward = new FeedForward(shape, values);
        (norm1, norm2, norm3, dropout) = (LayerNorm(shape.ModelSize), LayerNorm(shape.ModelSize), LayerNorm(shape.ModelSize), Dropout(shape.Dropout));
        RegisterComponents();
    }

    public Tensor Run(Tensor x, Tensor causal, Tensor memory, Tensor? mask, Action<Tensor>? weights)
    {
        using var attended = self_attn.Run(x, x, causal);
        using var a = Residual.Add(x, attended, dropout, norm1);    // [N, T, d]
        using var read = multihead_attn.Run(a, memory, mask, weights);
        using var b = Residual.Add(a, read, dropout, norm2);        // [N, T, d]
        using var transformed = feed_forward.call(b);
        return Residual.Add(b, transformed, dropout, norm3);        // [N, T, d]
    }

    /// <summary>Keys and values of the source, which no later symbol changes: [N h, d/h, S] and [N h, S, d/h].</summary>
    public (Tensor Keys, Tensor Values) SourceKeysAndValues(Tensor memory) => multihead_attn.KeysAndValues(memory);

    /// <summary>One more symbol of every row: [rows, d].</summary>
    public Tensor Next(Tensor x, DecoderCache cache, int layer)
    {
        using var attended = self_attn.Next(x, cache.Append(layer));
        using var sum1 = x + attended;
        using var a = norm1.call(sum1);
        using var read = multihead_attn.Read(a, cache.Keys(layer), cache.Values(layer), cache.Mask, cache.Sentences);
        using var sum2 = a + read;
        using var b = norm2.call(sum2);
        using var transformed = feed_forward.call(b);
        using var sum3 = b + transformed;
        return norm3.call(sum3);
    }
}

/// <summary>"LayerNorm(x + Sublayer(x))", with the sub-layer's output dropped before it is added (sections 3.1 and 5.4).</summary>
internal static class Residual
{
    public static Tensor Add(Tensor x, Tensor output, Dropout dropout, LayerNorm norm)
    {
        using var kept = dropout.call(output);
        using var sum = x + kept;
        return norm.call(sum);
    }
}

/// <summary>FFN(x) = max(0, x W1 + b1) W2 + b2, Eq. (2).</summary>
internal sealed class FeedForward : Module<Tensor, Tensor>
{
    private readonly Linear linear1;
    private readonly Linear linear2;
    private readonly Dropout dropout;

    public FeedForward(TransformerShape shape, InitialValues values)
        : base(nameof(FeedForward))
    {
        linear1 = Linear(shape.ModelSize, shape.FeedForwardSize);
        linear2 = Linear(shape.FeedForwardSize, shape.ModelSize);
        foreach (var linear in new[] { linear1, linear2 }) MultiHeadAttention.Glorot(linear, values);
        dropout = Dropout(shape.ReluDropout);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)                        // [..., d]
    {
        using var inner = linear1.call(x);                          // [..., d_ff]
        using var positive = inner.relu();
        using var kept = dropout.call(positive);
        return linear2.call(kept);                                  // [..., d]
    }
}
