using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Self-attention, attention to the encoder's output and a feed-forward network, each added to its input and then normalized.</summary>
            public static TransformerDecoderLayer TransformerDecoderLayer(long d_model = 512, long nhead = 8, long dim_feedforward = 2048, double dropout = 0.1, Activations activation = Activations.ReLU) =>
                new(d_model, nhead, dim_feedforward, dropout, activation);

            /// <param name="decoder_layer">The layers are copies of it, which start with its values.</param>
            public static TransformerDecoder TransformerDecoder(TransformerDecoderLayer decoder_layer, long num_layers) =>
                new([.. Enumerable.Range(0, (int)num_layers).Select(_ => decoder_layer.Copy())], null);

            /// <summary>Encoder and decoder (Vaswani et al. 2017), each with a layer norm at its end; without embeddings and output layer.</summary>
            public static Transformer Transformer(long d_model = 512, long nhead = 8, long num_encoder_layers = 6, long num_decoder_layers = 6, long dim_feedforward = 2048, double dropout = 0.1, Activations activation = Activations.ReLU) =>
                new(d_model, nhead, num_encoder_layers, num_decoder_layers, dim_feedforward, dropout, activation);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Over targets (steps, batch, d_model) and memory (source steps, batch, d_model).</summary>
    public sealed class TransformerDecoderLayer : nn.Module<Tensor, Tensor, Tensor?, Tensor?, Tensor?, Tensor?, Tensor>, nn.IModule<Tensor, Tensor, Tensor>
    {
        private readonly Func<TransformerDecoderLayer> another;
        private readonly nn.Activations activation;
        private readonly MultiheadAttention attention;
        private readonly MultiheadAttention memoryAttention;
        private readonly Linear linear1;
        private readonly Linear linear2;
        private readonly LayerNorm norm1;
        private readonly LayerNorm norm2;
        private readonly LayerNorm norm3;
        private readonly Dropout dropout;
        private readonly Dropout dropout1;
        private readonly Dropout dropout2;
        private readonly Dropout dropout3;

        internal TransformerDecoderLayer(long d_model, long nhead, long dim_feedforward, double dropout, nn.Activations activation) : base(nameof(TransformerDecoderLayer))
        {
            another = () => new TransformerDecoderLayer(d_model, nhead, dim_feedforward, dropout, activation);
            this.activation = activation;
            register_module("self_attn", attention = nn.MultiheadAttention(d_model, nhead, dropout));
            register_module("multihead_attn", memoryAttention = nn.MultiheadAttention(d_model, nhead, dropout));
            register_module("linear1", linear1 = nn.Linear(d_model, dim_feedforward));
            register_module("dropout", this.dropout = nn.Dropout(dropout));
            register_module("linear2", linear2 = nn.Linear(dim_feedforward, d_model));
            register_module("norm1", norm1 = nn.LayerNorm(d_model));
            register_module("norm2", norm2 = nn.LayerNorm(d_model));
            register_module("norm3", norm3 = nn.LayerNorm(d_model));
            register_module("dropout1", dropout1 = nn.Dropout(dropout));
            register_module("dropout2", dropout2 = nn.Dropout(dropout));
            register_module("dropout3", dropout3 = nn.Dropout(dropout));
        }

        /// <param name="tgt_mask">(steps, steps): true, or minus infinity, where a step may not be looked at; memory_mask (steps, source steps).</param>
        /// <param name="tgt_key_padding_mask">(batch, steps): true where a step is padding; memory_key_padding_mask (batch, source steps).</param>
        public override Tensor forward(Tensor tgt, Tensor memory, Tensor? tgt_mask, Tensor? memory_mask, Tensor? tgt_key_padding_mask, Tensor? memory_key_padding_mask)
        {
            using var attended = attention.call(tgt, tgt, tgt, tgt_key_padding_mask, need_weights: false, tgt_mask).Item1;
            using var x = Sublayers.AddAndNormalize(tgt, attended, dropout1, norm1);
            using var recalled = memoryAttention.call(x, memory, memory, memory_key_padding_mask, need_weights: false, memory_mask).Item1;
            using var y = Sublayers.AddAndNormalize(x, recalled, dropout2, norm2);
            using var fed = Sublayers.FeedForward(y, linear1, activation, dropout, linear2);
            return Sublayers.AddAndNormalize(y, fed, dropout3, norm3);
        }

        public new Tensor call(Tensor tgt, Tensor memory, Tensor? tgt_mask, Tensor? memory_mask = null, Tensor? tgt_key_padding_mask = null, Tensor? memory_key_padding_mask = null) =>
            base.call(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask);

        public Tensor call(Tensor tgt, Tensor memory) => base.call(tgt, memory, null, null, null, null);

        internal TransformerDecoderLayer Copy() => another().WithStateOf(this);
    }

    /// <summary>Layers in a row, called layers.0, layers.1, ...</summary>
    public sealed class TransformerDecoder : nn.Module<Tensor, Tensor, Tensor?, Tensor?, Tensor?, Tensor?, Tensor>
    {
        private readonly TransformerDecoderLayer[] layers;
        private readonly LayerNorm? norm;

        internal TransformerDecoder(TransformerDecoderLayer[] layers, LayerNorm? norm) : base(nameof(TransformerDecoder))
        {
            (this.layers, this.norm) = (layers, norm);
            register_module("layers", nn.ModuleList(layers));
            if (norm is not null)
                register_module("norm", norm);
        }

        public override Tensor forward(Tensor tgt, Tensor memory, Tensor? tgt_mask, Tensor? memory_mask = null, Tensor? tgt_key_padding_mask = null, Tensor? memory_key_padding_mask = null) =>
            Sublayers.InARow(tgt, layers, (layer, x) => layer.call(x, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask), norm);

        public new Tensor call(Tensor tgt, Tensor memory, Tensor? tgt_mask, Tensor? memory_mask = null, Tensor? tgt_key_padding_mask = null, Tensor? memory_key_padding_mask = null) =>
            base.call(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask);

        public Tensor call(Tensor tgt, Tensor memory) => base.call(tgt, memory, null, null, null, null);
    }

    /// <summary>Over sources (source steps, batch, d_model) and targets (steps, batch, d_model).</summary>
    public sealed class Transformer : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly TransformerEncoder encoder;
        private readonly TransformerDecoder decoder;

        internal Transformer(long d_model, long nhead, long num_encoder_layers, long num_decoder_layers, long dim_feedforward, double dropout, nn.Activations activation)
            : base(nameof(Transformer))
        {
            encoder = new TransformerEncoder(
                [.. Enumerable.Range(0, (int)num_encoder_layers).Select(_ => nn.TransformerEncoderLayer(d_model, nhead, dim_feedforward, dropout, activation))], nn.LayerNorm(d_model));
            decoder = new TransformerDecoder(
                [.. Enumerable.Range(0, (int)num_decoder_layers).Select(_ => nn.TransformerDecoderLayer(d_model, nhead, dim_feedforward, dropout, activation))], nn.LayerNorm(d_model));
            register_module("encoder", encoder);
            register_module("decoder", decoder);
            foreach (var parameter in parameters())
                if (parameter.dim() > 1)
                    nn.init.xavier_uniform_(parameter);
        }

        public override Tensor forward(Tensor src, Tensor tgt) => call(src, tgt, null);

        /// <summary>See the layers for the masks.</summary>
        public Tensor call(
            Tensor src, Tensor tgt, Tensor? src_mask, Tensor? tgt_mask = null, Tensor? memory_mask = null, Tensor? src_key_padding_mask = null,
            Tensor? tgt_key_padding_mask = null, Tensor? memory_key_padding_mask = null)
        {
            using var memory = encoder.call(src, src_mask, src_key_padding_mask);
            return decoder.call(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask);
        }
    }
}
