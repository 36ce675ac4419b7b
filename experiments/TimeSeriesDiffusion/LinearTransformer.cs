using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// One layer of a transformer with linear attention, x + attention(norm(x)) and to that a network of its norm: softmax(Q) (softmax(K)^T V), the first softmax over the numbers of
/// a head, the second over the sequence (Shen et al. 2021, "Efficient Attention"; the package linear-attention-transformer, which CSDI's code calls for forecasts).
/// Its cost grows with the length of the sequence and not with the square of it, and it knows no order: sequences in another order give the same, in that order.
/// </summary>
/// <remarks>Sizes in comments: R windows or samples of one, C channels, N rows of time, h heads of e numbers, d = h e.</remarks>
internal sealed class LinearTransformer : Module
{
    private readonly LayerNorm norm1, norm2;
    private readonly Linear to_q, to_k, to_v, to_out, w1, w2;
    private readonly long _heads, _each;
    private readonly double _scale;

    /// <param name="size">d.</param>
    /// <param name="heads">Of which <paramref name="size"/> is a multiple.</param>
    public LinearTransformer(int size, int heads, InitialValues values)
        : base(nameof(LinearTransformer))
    {
        (_heads, _each, _scale) = (heads, size / heads, Math.Pow(size / heads, -0.5));
        (norm1, norm2) = (LayerNorm(size), LayerNorm(size));
        (to_q, to_k, to_v) = (Linear(size, size, hasBias: false), Linear(size, size, hasBias: false), Linear(size, size, hasBias: false));
        to_out = Linear(size, size);
        (w1, w2) = (Linear(size, 4 * size), Linear(4 * size, size));
        RegisterComponents();
        foreach (var layer in new[] { to_q, to_k, to_v, to_out, w1, w2 }) values.AsPyTorch(layer);
    }

    /// <summary>Rows of time see each other, channel by channel.</summary>
    /// <param name="x">[R, C, N, d].</param>
    /// <param name="first">The first row that is wanted; all are looked at.</param>
    /// <param name="count">Rows that are wanted: [R, C, count, d].</param>
    public Tensor OverTime(Tensor x, long first, long count)
    {
        using var scope = NewDisposeScope();
        var (r, c, n, d) = (x.size(0), x.size(1), x.size(2), x.size(3));
        var normed = norm1.call(x);                                              // [R, C, N, d]
        var asking = count == n ? normed : normed.narrow(2, first, count).contiguous();
        var q = to_q.call(asking).view(r, c, count, _heads, _each).softmax(-1);
        var k = to_k.call(normed).softmax(2).view(r, c, n, _heads, _each);
        var v = to_v.call(normed).view(r, c, n, _heads, _each);
        var context = k.permute(0, 1, 3, 4, 2).matmul(v.permute(0, 1, 3, 2, 4)); // [R, C, h, e, e]
        // What a head has gathered and its part of to_out are one map from queries to outputs. The queries of a head sum to 1, so that a share of the bias in each row is the bias.
        var outwards = to_out.weight.t().view(1, 1, _heads, _each, d).expand(r, c, -1, -1, -1);
        var map = (context.matmul(outwards) * _scale) + (to_out.bias! / _heads);  // [R, C, h, e, d]
        var attended = q.view(r * c, count, d).matmul(map.view(r * c, d, d)).view(r, c, count, d);
        return Forward((count == n ? x : x.narrow(2, first, count)) + attended).MoveToOuterDisposeScope();
    }

    /// <summary>Channels see each other, row by row; a single channel stays what it was, as in the released code.</summary>
    /// <param name="x">[R, C, N, d].</param>
    public Tensor OverChannels(Tensor x)
    {
        var (r, c, n, d) = (x.size(0), x.size(1), x.size(2), x.size(3));
        if (c == 1) return x.alias();
        using var scope = NewDisposeScope();
        var normed = norm1.call(x);                                              // [R, C, N, d]
        var q = to_q.call(normed).view(r, c, n, _heads, _each).softmax(-1);
        var k = to_k.call(normed).softmax(1).view(r, c, n, _heads, _each);
        var v = to_v.call(normed).view(r, c, n, _heads, _each);
        var context = k.permute(0, 2, 3, 4, 1).matmul(v.permute(0, 2, 3, 1, 4)); // [R, N, h, e, e]
        var attended = q.permute(0, 2, 3, 1, 4).matmul(context);                 // [R, N, h, C, e]
        var joined = attended.permute(0, 3, 1, 2, 4).reshape(r, c, n, d);
        return Forward(x + functional.linear(joined, to_out.weight * _scale, to_out.bias)).MoveToOuterDisposeScope();
    }

    /// <summary>The second half of the layer.</summary>
    private Tensor Forward(Tensor x)
    {
        using var normed = norm2.call(x);
        using var wide = w1.call(normed);                                        // [.., 4 d]
        using var active = functional.gelu(wide);
        using var narrow = w2.call(active);
        return x + narrow;
    }
}
