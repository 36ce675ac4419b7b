using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Transformer;

/// <summary>
/// MultiHead(Q, K, V) = Concat(head_1, ..., head_h) W^O with head_i = Attention(Q W_i^Q, K W_i^K, V W_i^V) and
/// Attention(Q, K, V) = softmax(Q K^T / sqrt(d_k)) V (sections 3.2.1 and 3.2.2).
/// </summary>
/// <remarks>
/// <c>in_proj_weight</c> has the rows of all W^Q, then W^K, then W^V. Departure: each projection has a bias, as in PyTorch and in the code of the published tiny setting;
/// the paper writes none.
/// </remarks>
internal sealed class MultiHeadAttention : Module
{
    private readonly Parameter in_proj_weight;                      // [3 d, d]
    private readonly Parameter in_proj_bias;                        // [3 d]
    private readonly Linear out_proj;
    private readonly Dropout dropout;
    private readonly long _size, _heads, _each;
    private readonly float _scale;

    public MultiHeadAttention(TransformerShape shape, InitialValues values)
        : base(nameof(MultiHeadAttention))
    {
        (_size, _heads, _each) = (shape.ModelSize, shape.Heads, shape.ModelSize / shape.Heads);
        _scale = (float)(1 / Math.Sqrt(_each));
        in_proj_weight = new Parameter(empty(3 * _size, _size));
        in_proj_bias = new Parameter(zeros(3 * _size));
        values.Uniform(in_proj_weight, Math.Sqrt(6.0 / (4 * _size)));   // Glorot and Bengio 2010 for a product of d to 3 d
        out_proj = Linear(_size, _size);
        Glorot(out_proj, values);
        dropout = Dropout(shape.AttentionDropout);
        RegisterComponents();
    }

    // N sentences, T positions that ask, S that are asked, h heads of e = d / h.
    /// <param name="x">What asks: [N, T, d].</param>
    /// <param name="memory">What is asked: <paramref name="x"/> itself, or [N, S, d].</param>
    /// <param name="mask">Added to the scores: [N h or 1, T or 1, S]; null adds nothing.</param>
    /// <param name="seen">Told the weights before dropout: [N h, T, S].</param>
    public Tensor Run(Tensor x, Tensor memory, Tensor? mask, Action<Tensor>? seen = null)
    {
        var (q, k, v) = ReferenceEquals(x, memory) ? Together(x) : Apart(x, memory);
        using (q)
        using (k)
        using (v)
        using (var attended = Attend(q, k, v, mask, seen))          // [N h, T, e]
        using (var joined = Join(attended, x.shape[0]))             // [N, T, d]
            return out_proj.call(joined);
    }

    /// <summary>Keys [N h, e, S] and values [N h, S, e] of what will be asked again and again.</summary>
    public (Tensor Keys, Tensor Values) KeysAndValues(Tensor memory)
    {
        var (k, v) = Projected(memory);
        using (k) return (k.transpose(1, 2).contiguous(), v);
    }

    /// <summary>Attention of several rows to each sentence's cached keys and values.</summary>
    /// <param name="x">[sentences x width, d], the rows of a sentence side by side.</param>
    public Tensor Read(Tensor x, Tensor keys, Tensor values, Tensor? mask, long sentences)
    {
        using var weight = in_proj_weight.narrow(0, 0, _size);
        using var bias = in_proj_bias.narrow(0, 0, _size);
        using var projected = functional.linear(x, weight, bias);   // [rows, d]
        using var parted = projected.view(sentences, -1, _heads, _each);
        using var q = Heads(parted);                                // [sentences h, width, e]
        using var scores = Scores(q, keys, mask);                   // [sentences h, width, S]
        using var weights = scores.softmax(-1);
        using var attended = weights.bmm(values);                   // [sentences h, width, e]
        using var joined = Join(attended, sentences);
        using var rows = joined.reshape(x.shape[0], _size);
        return out_proj.call(rows);
    }

    /// <summary>Attention of each row to its own past, to which it is added.</summary>
    /// <param name="x">[rows, d].</param>
    /// <param name="append">Given keys and values of this place, [rows, d] each, gives those of all places so far: [places, rows, d] each.</param>
    public Tensor Next(Tensor x, Func<Tensor, Tensor, (Tensor Keys, Tensor Values)> append)
    {
        var rows = x.shape[0];
        using var all = functional.linear(x, in_proj_weight, in_proj_bias); // [rows, 3 d]
        using var key = all.narrow(1, _size, _size);
        using var value = all.narrow(1, 2 * _size, _size);
        var (keys, values) = append(key, value);
        using (keys)
        using (values)
        {
            using var asked = all.narrow(1, 0, _size);
            using var scaled = asked.mul(_scale);
            using var products = keys * scaled;                     // [places, rows, d]
            using var byHead = products.view(-1, rows, _heads, _each);
            using var scores = byHead.sum(-1, keepdim: true);       // [places, rows, h, 1]
            using var weights = scores.softmax(0);
            using var valuesByHead = values.view(-1, rows, _heads, _each);
            using var weighted = valuesByHead * weights;            // [places, rows, h, e]
            using var sum = weighted.sum([0]);                      // [rows, h, e]
            using var joined = sum.view(rows, _size);
            return out_proj.call(joined);
        }
    }

    /// <summary>Uniform with variance 2 / (inputs + outputs) (Glorot and Bengio 2010); the bias 0.</summary>
    internal static void Glorot(Linear linear, InitialValues values)
    {
        values.Uniform(linear.weight, Math.Sqrt(6.0 / (linear.in_features + linear.out_features)));
        InitialValues.Constant(linear.bias!, 0);
    }

    private Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor? mask, Action<Tensor>? seen)
    {
        using var turned = k.transpose(1, 2);                       // [N h, e, S]
        using var scores = Scores(q, turned, mask);                 // [N h, T, S]
        using var weights = scores.softmax(-1);
        seen?.Invoke(weights);
        using var kept = dropout.call(weights);
        return kept.bmm(v);                                         // [N h, T, e]
    }

    /// <summary>Q K^T / sqrt(d_k), plus the mask, in one product.</summary>
    private Tensor Scores(Tensor q, Tensor turned, Tensor? mask)
    {
        if (mask is not null) return baddbmm(mask, q, turned, beta: 1, alpha: _scale);
        using var scaled = q.mul(_scale);
        return scaled.bmm(turned);
    }

    private (Tensor Q, Tensor K, Tensor V) Together(Tensor x)
    {
        using var all = functional.linear(x, in_proj_weight, in_proj_bias); // [N, T, 3 d]
        var parts = Parts(all, 3);
        return (parts[0], parts[1], parts[2]);
    }

    private (Tensor Q, Tensor K, Tensor V) Apart(Tensor x, Tensor memory)
    {
        using var weight = in_proj_weight.narrow(0, 0, _size);
        using var bias = in_proj_bias.narrow(0, 0, _size);
        using var projected = functional.linear(x, weight, bias);   // [N, T, d]
        using var parted = projected.view(x.shape[0], x.shape[1], _heads, _each);
        var (k, v) = Projected(memory);
        return (Heads(parted), k, v);
    }

    private (Tensor K, Tensor V) Projected(Tensor memory)
    {
        using var weight = in_proj_weight.narrow(0, _size, 2 * _size);
        using var bias = in_proj_bias.narrow(0, _size, 2 * _size);
        using var both = functional.linear(memory, weight, bias);   // [N, S, 2 d]
        var parts = Parts(both, 2);
        return (parts[0], parts[1]);
    }

    /// <summary>[N, T, parts x d] to that many of [N h, T, e].</summary>
    private Tensor[] Parts(Tensor all, long parts)
    {
        var (sentences, length) = (all.shape[0], all.shape[1]);
        using var parted = all.view(sentences, length, parts, _heads, _each);
        using var ordered = parted.permute(2, 0, 3, 1, 4);
        using var together = ordered.reshape(parts, sentences * _heads, length, _each);
        return together.unbind(0);
    }

    /// <summary>[N, T, h, e] to [N h, T, e].</summary>
    private Tensor Heads(Tensor parted)
    {
        using var turned = parted.transpose(1, 2);
        return turned.reshape(-1, parted.shape[1], _each);
    }

    /// <summary>[N h, T, e] to [N, T, d].</summary>
    private Tensor Join(Tensor attended, long sentences)
    {
        using var parted = attended.view(sentences, _heads, -1, _each);
        using var turned = parted.transpose(1, 2);
        return turned.reshape(sentences, -1, _size);
    }
}
