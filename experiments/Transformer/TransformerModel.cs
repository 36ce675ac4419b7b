using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Transformer;

/// <summary>The sizes of an encoder-decoder: Table 3's columns.</summary>
/// <param name="Symbols">Size of the vocabulary that source and target share.</param>
/// <param name="Layers">N, of the encoder and of the decoder.</param>
/// <param name="ModelSize">d_model.</param>
/// <param name="FeedForwardSize">d_ff.</param>
/// <param name="Heads">h; d_k = d_v = d_model / h.</param>
/// <param name="Dropout">P_drop, of each sub-layer's output and of the sums of embeddings and positions.</param>
/// <param name="AttentionDropout">Of the attention weights. Not in the paper's text; 0 drops none.</param>
/// <param name="ReluDropout">Of the activations between the two products of Eq. (2). Not in the paper's text; 0 drops none.</param>
public sealed record TransformerShape(
    int Symbols, int Layers, int ModelSize, int FeedForwardSize, int Heads, double Dropout, double AttentionDropout, double ReluDropout, PositionKind Positions);

/// <summary>
/// The encoder-decoder of Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser, Polosukhin 2017, "Attention Is All You Need" (arXiv:1706.03762), section 3.
/// Input: source sentences and the target sentences so far. Output: the decoder's states, which <see cref="Logits"/> makes scores of the next symbol.
/// </summary>
/// <remarks>
/// One table of embeddings serves the encoder's input, the decoder's input and the last projection (section 3.4). Layers have PyTorch's names:
/// <c>encoder.layers.0.self_attn.in_proj_weight</c> is what it is in <c>torch.nn.Transformer</c>; linear1 and linear2 stand under <c>feed_forward</c>. Parameters of the tiny
/// setting on Multi30k with 9,712 symbols: 2,568,192.
/// </remarks>
public sealed class TransformerModel : Module<Tensor, Tensor, Tensor>
{
    /// <summary>The number of the symbol that fills shorter sentences up; the encoder's and the decoder's attention see none of it but in the first place.</summary>
    public const int Padding = 0;

    private readonly Embedding embedding;
    private readonly Encoder encoder;
    private readonly Decoder decoder;
    private readonly TransformerShape _shape;

    /// <param name="seed">The parameters depend on it alone.</param>
    public TransformerModel(TransformerShape shape, ulong seed)
        : base(nameof(TransformerModel))
    {
        _shape = shape;
        var values = new InitialValues(seed);
        embedding = Embedding(shape.Symbols, shape.ModelSize);
        // The paper names no initial values. These are its reference code's: with a deviation of d^-0.5 the scaled embeddings have variance 1, and so have the first logits.
        values.Normal(embedding.weight!, Math.Pow(shape.ModelSize, -0.5));
        encoder = new Encoder(shape, values);
        decoder = new Decoder(shape, values);
        RegisterComponents();
    }

    public TransformerShape Shape => _shape;

    /// <summary>The shared table: symbols x d_model.</summary>
    public Parameter Table => embedding.weight!;

    // N sentences a batch, S source and T target positions, d = d_model. Every intermediate result is let go when the block ends that made it: what the backward pass
    // needs, autograd keeps by itself.
    /// <param name="source">[N, S], int64, each sentence with its end; padding behind.</param>
    /// <param name="target">[N, T], int64, each sentence behind its start symbol; padding behind.</param>
    /// <returns>[N, T, d].</returns>
    public override Tensor forward(Tensor source, Tensor target)
    {
        using var mask = SourceMask(source);                        // [N h, 1, S]
        using var memory = Encode(source, mask);                    // [N, S, d]
        using var embedded = Embed(target);                         // [N, T, d]
        return Decode(embedded, memory, mask);                      // [N, T, d]
    }

    /// <summary>"We multiply those weights by sqrt(d_model)" (section 3.4).</summary>
    /// <returns>Embeddings without positions: [N, T] to [N, T, d].</returns>
    public Tensor Embed(Tensor symbols)
    {
        using var rows = embedding.call(symbols);                   // [N, T, d]
        return rows.mul(Math.Sqrt(_shape.ModelSize));
    }

    /// <returns>The encoder's output, one state a source position: [N, S, d].</returns>
    public Tensor Encode(Tensor source, Tensor? mask)
    {
        using var embedded = Embed(source);                         // [N, S, d]
        return encoder.call(embedded, mask);
    }

    /// <param name="embedded">Target embeddings without positions: [N, T, d].</param>
    /// <param name="memory">The encoder's output.</param>
    /// <param name="mask">Of the source.</param>
    /// <param name="weights">Told the attention to the source, layer by layer: [N h, T, S].</param>
    public Tensor Decode(Tensor embedded, Tensor memory, Tensor? mask, Action<Tensor>? weights = null) => decoder.Run(embedded, memory, mask, weights);

    /// <summary>"We share the same weight matrix between the two embedding layers and the pre-softmax linear transformation" (section 3.4).</summary>
    /// <param name="states">[..., d].</param>
    /// <returns>[..., symbols]; the softmax is part of the loss.</returns>
    public Tensor Logits(Tensor states) => functional.linear(states, Table);

    /// <summary>What the layers need to give one symbol after the other; see <see cref="DecoderCache"/>.</summary>
    /// <param name="memory">The encoder's output.</param>
    /// <param name="mask">Of the source.</param>
    internal DecoderCache Cache(Tensor memory, Tensor? mask) => decoder.Cache(memory, mask);

    /// <summary>The decoder's states for one more symbol of each row.</summary>
    /// <param name="symbols">[rows], int64: what was chosen last.</param>
    /// <returns>[rows, d].</returns>
    internal Tensor Next(Tensor symbols, DecoderCache cache)
    {
        using var embedded = Embed(symbols);                        // [rows, d]
        return decoder.Next(embedded, cache);
    }

    /// <summary>Minus infinity where the source has padding, 0 elsewhere.</summary>
    /// <returns>[N h, 1, S]: to be added to the scores of every head.</returns>
    public Tensor SourceMask(Tensor source)
    {
        using var padding = source.eq(Padding);                     // [N, S]
        // The first place always counts: attention to nothing at all is no number, and recipe checks give sources that are empty.
        using (var first = padding.narrow(1, 0, 1)) first.fill_(false);
        using var nothing = zeros(padding.shape, device: source.device);
        using var additive = nothing.masked_fill(padding, double.NegativeInfinity);
        using var row = additive.unsqueeze(1);
        using var heads = row.expand(-1, _shape.Heads, -1);
        return heads.reshape(-1, 1, source.shape[1]);
    }
}

/// <summary>Positions, then N layers of self-attention and feed-forward (section 3.1, Figure 1 left).</summary>
internal sealed class Encoder : Module<Tensor, Tensor?, Tensor>
{
    private readonly PositionalEncoding positions;
    private readonly ModuleList<EncoderLayer> layers;

    public Encoder(TransformerShape shape, InitialValues values)
        : base(nameof(Encoder))
    {
        positions = new PositionalEncoding(shape, values);
        layers = ModuleList(Enumerable.Range(0, shape.Layers).Select(_ => new EncoderLayer(shape, values)).ToArray());
        RegisterComponents();
    }

    public override Tensor forward(Tensor embedded, Tensor? mask)   // [N, S, d]
    {
        var x = positions.call(embedded);
        foreach (var layer in layers)
        {
            using var before = x;
            x = layer.call(before, mask);                           // [N, S, d]
        }
        return x;
    }
}

/// <summary>Positions, then N layers of masked self-attention, attention to the source and feed-forward (section 3.1, Figure 1 right).</summary>
internal sealed class Decoder : Module
{
    private readonly PositionalEncoding positions;
    private readonly ModuleList<DecoderLayer> layers;

    public Decoder(TransformerShape shape, InitialValues values)
        : base(nameof(Decoder))
    {
        positions = new PositionalEncoding(shape, values);
        layers = ModuleList(Enumerable.Range(0, shape.Layers).Select(_ => new DecoderLayer(shape, values)).ToArray());
        RegisterComponents();
    }

    public Tensor Run(Tensor embedded, Tensor memory, Tensor? mask, Action<Tensor>? weights)
    {
        var length = embedded.shape[1];
        // "We need to prevent leftward information flow in the decoder": minus infinity above the diagonal (section 3.2.3). Padding stands behind all else, so nothing sees it.
        using var full = torch.full([1, length, length], double.NegativeInfinity, device: embedded.device);
        using var causal = full.triu(1);                            // [1, T, T]
        var x = positions.call(embedded);                           // [N, T, d]
        foreach (var layer in layers)
        {
            using var before = x;
            x = layer.Run(before, causal, memory, mask, weights);   // [N, T, d]
        }
        return x;
    }

    public DecoderCache Cache(Tensor memory, Tensor? mask) => new([.. layers.Select(layer => layer.SourceKeysAndValues(memory))], mask?.alias(), memory.shape[0]);

    public Tensor Next(Tensor embedded, DecoderCache cache)
    {
        var x = positions.At(embedded, cache.Length);               // [rows, d]
        for (var i = 0; i < layers.Count; i++)
        {
            using var before = x;
            x = layers[i].Next(before, cache, i);
        }
        cache.Length++;
        return x;
    }
}
