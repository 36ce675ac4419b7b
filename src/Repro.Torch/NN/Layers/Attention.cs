using Repro.Torch.Dispatch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Attention of several heads (Vaswani et al. 2017, section 3.2) over (steps, batch, embedded_dim).</summary>
            /// <param name="dropout">Of the attention weights, in training.</param>
            /// <param name="add_bias_kv">One more key and value, which are learned.</param>
            /// <param name="add_zero_attn">One more key and value of zeros.</param>
            /// <param name="kdim">Size of the keys; null for embedded_dim. Likewise vdim.</param>
            public static MultiheadAttention MultiheadAttention(long embedded_dim, long num_heads, double dropout = 0.0, bool bias = true, bool add_bias_kv = false, bool add_zero_attn = false, long? kdim = null, long? vdim = null) =>
                new(embedded_dim, num_heads, dropout, bias, add_bias_kv, add_zero_attn, kdim, vdim);

            public static partial class functional
            {
                /// <summary>softmax(q k^T / sqrt(d) + mask) v, over the last two dimensions.</summary>
                /// <param name="query">(..., targets, d); keys (..., sources, d), values (..., sources, d').</param>
                /// <param name="attn_mask">Added to the scores; or, of type bool, true where a source may be looked at. (..., targets, sources).</param>
                /// <param name="p">Probability with which a weight is dropped.</param>
                /// <param name="is_casual">Each target sees the sources up to its own place only.</param>
                public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0.0, bool is_casual = false)
                {
                    if (is_casual && attn_mask is not null)
                        throw new ArgumentException("scaled_dot_product_attention: explicit attn_mask should not be set when is_casual is true");
                    if (FusedAttention.Value is { } fused)
                        return fused.Call(query, key, value, attn_mask, p, is_casual);
                    using var bias = is_casual ? CausalMask(query, key) : attn_mask is null ? null : AdditiveMask(attn_mask, allowed: true, query.dtype);
                    var (output, weights) = Attend(query, key, value, bias, p);
                    weights.Dispose();
                    return output;
                }

                // libtorch has it since 2.0.
                private static readonly Lazy<Operator?> FusedAttention = new(static () => Operator.IfPresent(
                    "aten::scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0.0, bool is_causal=False) -> Tensor"));

                /// <summary>Attention with an additive mask: the output, and the weights (after their dropout).</summary>
                internal static (Tensor Output, Tensor Weights) Attend(Tensor query, Tensor key, Tensor value, Tensor? mask, double p)
                {
                    using var scaled = query.mul(1 / Math.Sqrt(query.size(-1)));
                    using var turned = key.transpose(-2, -1);
                    using var scores = scaled.matmul(turned);
                    using var masked = mask is null ? null : scores.add(mask);
                    var weights = (masked ?? scores).softmax(-1);
                    if (p == 0)
                        return (weights.matmul(value), weights);
                    using (weights)
                    {
                        var dropped = dropout(weights, p);
                        return (dropped.matmul(value), dropped);
                    }
                }

                /// <summary>Minus infinity where a mask of type bool forbids a source, zero elsewhere; another mask as it is.</summary>
                /// <param name="allowed">What true means in the mask.</param>
                internal static Tensor AdditiveMask(Tensor mask, bool allowed, ScalarType type)
                {
                    if (mask.dtype != ScalarType.Bool)
                        return mask.to_type(type);
                    using var nothing = zeros(mask.shape, type, mask.device);
                    if (!allowed)
                        return nothing.masked_fill(mask, double.NegativeInfinity);
                    using var forbidden = mask.logical_not();
                    return nothing.masked_fill(forbidden, double.NegativeInfinity);
                }

                private static Tensor CausalMask(Tensor query, Tensor key)
                {
                    using var full = torch.full([query.size(-2), key.size(-2)], double.NegativeInfinity, query.dtype, query.device);
                    return full.triu(1);
                }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>
    /// in_proj_weight (3 * embedded, embedded) for queries, keys and values, or q_proj_weight, k_proj_weight and v_proj_weight where their
    /// sizes differ; in_proj_bias (3 * embedded); out_proj; bias_k and bias_v (1, 1, embedded).
    /// </summary>
    public sealed class MultiheadAttention : nn.Module<Tensor, Tensor, Tensor, Tensor?, bool, Tensor?, Tuple<Tensor, Tensor>>
    {
        private readonly long size;
        private readonly long heads;
        private readonly double dropout;
        private readonly bool addZero;
        private readonly Parameter? together;
        private readonly Parameter?[] apart = new Parameter?[3];
        private readonly Parameter? inBias;
        private readonly Parameter? keyBias;
        private readonly Parameter? valueBias;
        private readonly Linear output;

        internal MultiheadAttention(long embedded_dim, long num_heads, double dropout, bool bias, bool add_bias_kv, bool add_zero_attn, long? kdim, long? vdim)
            : base(nameof(MultiheadAttention))
        {
            if (embedded_dim % num_heads != 0)
                throw new ArgumentException($"embedded_dim ({embedded_dim}) must be divisible by num_heads ({num_heads})");
            (size, heads, this.dropout, addZero) = (embedded_dim, num_heads, dropout, add_zero_attn);
            if ((kdim ?? size) == size && (vdim ?? size) == size)
                together = New("in_proj_weight", 3 * size, size);
            else
                apart = [New("q_proj_weight", size, size), New("k_proj_weight", size, kdim ?? size), New("v_proj_weight", size, vdim ?? size)];
            if (bias)
                inBias = New("in_proj_bias", 3 * size);
            if (add_bias_kv)
                (keyBias, valueBias) = (New("bias_k", 1, 1, size), New("bias_v", 1, 1, size));
            // In PyTorch's order, so that the same seed gives the same weights.
            output = nn.Linear(size, size, bias);
            register_module("out_proj", output);
            foreach (var weight in apart.Prepend(together).OfType<Parameter>())
                nn.init.xavier_uniform_(weight);
            if (bias)
            {
                nn.init.zeros_(inBias!);
                nn.init.zeros_(output.bias!);
            }
            foreach (var extra in new[] { keyBias, valueBias }.OfType<Parameter>())
                nn.init.xavier_normal_(extra);
        }

        private Parameter New(string name, params long[] sizes)
        {
            var parameter = new Parameter(empty(sizes));
            register_parameter(name, parameter);
            return parameter;
        }

        /// <param name="query">(targets, batch, embedded); keys (sources, batch, kdim), values (sources, batch, vdim).</param>
        /// <param name="key_padding_mask">(batch, sources): true where a key is padding; or of another type, added to the scores.</param>
        /// <param name="need_weights">Whether the second result is wanted: the mean of the heads' weights (batch, targets, sources); null otherwise.</param>
        /// <param name="attn_mask">(targets, sources) or (batch * heads, targets, sources): true where a source is forbidden; or of another type, added to the scores.</param>
        public override Tuple<Tensor, Tensor> forward(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask, bool need_weights, Tensor? attn_mask)
        {
            var shape = query.shape;
            if (shape.Length != 3 || shape[2] != size)
                throw new ArgumentException($"MultiheadAttention: expected queries of (steps, batch, {size}), but got [{string.Join(", ", shape)}]");
            var (targets, batch) = (shape[0], shape[1]);
            var (queries, keys, values) = Projected(query, key, value);
            using var q = Heads(queries, batch);
            using var k = Heads(WithExtra(keys, keyBias, batch), batch);
            using var v = Heads(WithExtra(values, valueBias, batch), batch);
            using var mask = Mask(key_padding_mask, attn_mask, batch, k.shape[2], query.dtype);
            var p = training ? dropout : 0;
            if (!need_weights)
            {
                using var result = F.scaled_dot_product_attention(q, k, v, mask, p);
                return Tuple.Create(Joined(result, targets, batch), (Tensor)null!);
            }
            var (attended, weights) = F.Attend(q, k, v, mask, p);
            using var byHead = weights;
            using (attended)
                return Tuple.Create(Joined(attended, targets, batch), byHead.mean([1L]));
        }

        /// <summary>(batch, heads, targets, size of a head) to (targets, batch, embedded), through the output layer.</summary>
        private Tensor Joined(Tensor attended, long targets, long batch)
        {
            using var steps = attended.permute(2, 0, 1, 3);
            using var joined = steps.reshape(targets, batch, size);
            return output.call(joined);
        }

        public new Tuple<Tensor, Tensor> call(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask = null, bool need_weights = true, Tensor? attn_mask = null) =>
            base.call(query, key, value, key_padding_mask, need_weights, attn_mask);

        private (Tensor Query, Tensor Key, Tensor Value) Projected(Tensor query, Tensor key, Tensor value)
        {
            if (together is not null && ReferenceEquals(query, key) && ReferenceEquals(key, value))
            {
                using var all = F.linear(query, together, inBias);
                var parts = all.chunk(3, -1);
                return (parts[0], parts[1], parts[2]);
            }
            return (Part(query, 0), Part(key, 1), Part(value, 2));
        }

        private Tensor Part(Tensor input, int part)
        {
            using var bias = inBias?.narrow(0, part * size, size);
            if (apart[part] is { } own)
                return F.linear(input, own, bias);
            using var weight = together!.narrow(0, part * size, size);
            return F.linear(input, weight, bias);
        }

        /// <summary>The learned step and the step of zeros behind the sources; the tensor given is disposed of.</summary>
        private Tensor WithExtra(Tensor sources, Parameter? learned, long batch)
        {
            if (learned is null && !addZero)
                return sources;
            using var given = sources;
            using var step = learned?.expand(1, batch, size);
            using var nothing = addZero ? zeros([1, batch, size], sources.dtype, sources.device) : null;
            return cat(new[] { given, step, nothing }.OfType<Tensor>().ToArray());
        }

        /// <summary>(steps, batch, embedded) to (batch, heads, steps, size of a head); the tensor given is disposed of.</summary>
        private Tensor Heads(Tensor steps, long batch)
        {
            using (steps)
            using (var parted = steps.reshape(-1, batch, heads, size / heads))
                return parted.permute(1, 2, 0, 3);
        }

        /// <summary>Both masks as one of (batch, heads, targets, sources), or of sizes that spread to it; extra sources are open to all.</summary>
        private Tensor? Mask(Tensor? padding, Tensor? attention, long batch, long sources, ScalarType type)
        {
            using var paddingPart = padding is null ? null : Additive(padding, sources, type, [batch, 1, 1, sources]);
            var attentionPart = attention is null ? null
                : Additive(attention, sources, type, attention.dim() == 2 ? [1, 1, attention.shape[0], sources] : [batch, heads, attention.shape[1], sources]);
            if (paddingPart is null || attentionPart is null)
                return attentionPart ?? paddingPart?.alias();
            using (attentionPart)
                return attentionPart.add(paddingPart);
        }

        private static Tensor Additive(Tensor mask, long sources, ScalarType type, long[] sizes)
        {
            using var additive = F.AdditiveMask(mask, allowed: false, type);
            using var wide = mask.size(-1) == sources ? null : F.pad(additive, (0, sources - mask.size(-1)));
            return (wide ?? additive).reshape(sizes);
        }
    }
}
