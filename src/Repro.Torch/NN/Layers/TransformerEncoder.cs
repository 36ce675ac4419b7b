using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public enum Activations
            {
                ReLU = 0,
                GELU = 1,
            }

            /// <summary>Self-attention and a feed-forward network, each added to its input and then normalized (Vaswani et al. 2017, section 3.1).</summary>
            public static TransformerEncoderLayer TransformerEncoderLayer(long d_model = 512, long nhead = 8, long dim_feedforward = 2048, double dropout = 0.1, Activations activation = Activations.ReLU) =>
                new(d_model, nhead, dim_feedforward, dropout, activation);

            /// <param name="encoder_layer">The layers are copies of it, which start with its values.</param>
            public static TransformerEncoder TransformerEncoder(TransformerEncoderLayer encoder_layer, long num_layers) =>
                new([.. Enumerable.Range(0, (int)num_layers).Select(_ => encoder_layer.Copy())], null);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Over (steps, batch, d_model).</summary>
    public sealed class TransformerEncoderLayer : nn.Module<Tensor, Tensor>, nn.IModule<Tensor, Tensor, Tensor>, nn.IModule<Tensor, Tensor, Tensor, Tensor>
    {
        private readonly Func<TransformerEncoderLayer> another;
        private readonly nn.Activations activation;
        private readonly MultiheadAttention attention;
        private readonly Linear linear1;
        private readonly Linear linear2;
        private readonly LayerNorm norm1;
        private readonly LayerNorm norm2;
        private readonly Dropout dropout;
        private readonly Dropout dropout1;
        private readonly Dropout dropout2;

        internal TransformerEncoderLayer(long d_model, long nhead, long dim_feedforward, double dropout, nn.Activations activation) : base(nameof(TransformerEncoderLayer))
        {
            another = () => new TransformerEncoderLayer(d_model, nhead, dim_feedforward, dropout, activation);
            this.activation = activation;
            register_module("self_attn", attention = nn.MultiheadAttention(d_model, nhead, dropout));
            register_module("linear1", linear1 = nn.Linear(d_model, dim_feedforward));
            register_module("dropout", this.dropout = nn.Dropout(dropout));
            register_module("linear2", linear2 = nn.Linear(dim_feedforward, d_model));
            register_module("norm1", norm1 = nn.LayerNorm(d_model));
            register_module("norm2", norm2 = nn.LayerNorm(d_model));
            register_module("dropout1", dropout1 = nn.Dropout(dropout));
            register_module("dropout2", dropout2 = nn.Dropout(dropout));
        }

        public override Tensor forward(Tensor src) => Encode(src, null, null);

        /// <param name="src_mask">(steps, steps): true, or minus infinity, where a step may not be looked at.</param>
        /// <param name="src_key_padding_mask">(batch, steps): true where a step is padding.</param>
        public Tensor call(Tensor src, Tensor? src_mask, Tensor? src_key_padding_mask) => Encode(src, src_mask, src_key_padding_mask);

        public Tensor call(Tensor src, Tensor? src_mask) => Encode(src, src_mask, null);

        internal TransformerEncoderLayer Copy() => another().WithStateOf(this);

        private Tensor Encode(Tensor src, Tensor? mask, Tensor? padding)
        {
            using var attended = attention.call(src, src, src, padding, need_weights: false, mask).Item1;
            using var x = Sublayers.AddAndNormalize(src, attended, dropout1, norm1);
            using var fed = Sublayers.FeedForward(x, linear1, activation, dropout, linear2);
            return Sublayers.AddAndNormalize(x, fed, dropout2, norm2);
        }
    }

    /// <summary>Layers in a row, called layers.0, layers.1, ...</summary>
    public sealed class TransformerEncoder : nn.Module<Tensor, Tensor, Tensor, Tensor>, nn.IModule<Tensor, Tensor, Tensor>, nn.IModule<Tensor, Tensor>
    {
        private readonly TransformerEncoderLayer[] layers;
        private readonly LayerNorm? norm;

        internal TransformerEncoder(TransformerEncoderLayer[] layers, LayerNorm? norm) : base(nameof(TransformerEncoder))
        {
            (this.layers, this.norm) = (layers, norm);
            register_module("layers", nn.ModuleList(layers));
            if (norm is not null)
                register_module("norm", norm);
        }

        public enum Activations
        {
            ReLU = 0,
            GELU = 1,
        }

        public override Tensor forward(Tensor src, Tensor? src_mask, Tensor? src_key_padding_mask) =>
            Sublayers.InARow(src, layers, (layer, x) => layer.call(x, src_mask, src_key_padding_mask), norm);

        public new Tensor call(Tensor src, Tensor? src_mask, Tensor? src_key_padding_mask) => base.call(src, src_mask!, src_key_padding_mask!);

        public Tensor call(Tensor src, Tensor? src_mask) => base.call(src, src_mask!, null!);

        public Tensor call(Tensor src) => base.call(src, null!, null!);
    }

    /// <summary>What encoder and decoder layers have in common.</summary>
    internal static class Sublayers
    {
        public static Tensor AddAndNormalize(Tensor x, Tensor change, Dropout dropout, LayerNorm norm)
        {
            using var dropped = dropout.call(change);
            using var sum = x.add(dropped);
            return norm.call(sum);
        }

        public static Tensor FeedForward(Tensor x, Linear linear1, nn.Activations activation, Dropout dropout, Linear linear2)
        {
            using var wide = linear1.call(x);
            using var active = activation == nn.Activations.GELU ? F.gelu(wide) : F.relu(wide);
            using var dropped = dropout.call(active);
            return linear2.call(dropped);
        }

        /// <summary>One layer after the other, and a norm at the end if there is one; what is between is freed at once.</summary>
        public static Tensor InARow<TLayer>(Tensor x, IReadOnlyList<TLayer> layers, Func<TLayer, Tensor, Tensor> apply, LayerNorm? norm)
        {
            var current = x;
            foreach (var layer in layers)
                current = Next(apply(layer, current));
            if (norm is not null)
                current = Next(norm.call(current));
            return ReferenceEquals(current, x) ? x.alias() : current;

            Tensor Next(Tensor result)
            {
                if (!ReferenceEquals(current, x))
                    current.Dispose();
                return result;
            }
        }

        /// <summary>The values of another module of the same make.</summary>
        public static T WithStateOf<T>(this T module, T other) where T : nn.Module
        {
            var device = other.parameters().First();
            module._to(device.device, device.dtype, non_blocking: false);
            module.load_state_dict(other.state_dict());
            module.train(other.training);
            return module;
        }
    }
}
