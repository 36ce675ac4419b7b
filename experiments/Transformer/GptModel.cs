using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Transformer;

/// <summary>
/// The decoder-only Transformer of nanoGPT (model.py), which is GPT-2's (Radford et al. 2019, section 2.3): blocks of causal self-attention and a feed-forward layer,
/// normalization before each and once more at the end. Shapes are for the setting of config/train_shakespeare_char.py, B pieces of T characters.
/// </summary>
public sealed class GptModel : Module<Tensor, Tensor>
{
    private readonly Embedding wte;
    private readonly Embedding? wpe;
    private readonly TorchSharp.Modules.Dropout drop;
    private readonly ModuleList<GptBlock> h;
    private readonly LayerNorm ln_f;
    private readonly Linear? lm_head;

    /// <param name="characters">Different ones.</param>
    /// <param name="seed">The run's; all initial values derive from it.</param>
    public GptModel(GptOptions options, int characters, ulong seed)
        : base(nameof(GptModel))
    {
        wte = Embedding(characters, options.Width);
        wpe = options.Positions == "learned" ? Embedding(options.Context, options.Width) : null;
        drop = Dropout(options.Dropout);
        h = ModuleList(Enumerable.Range(0, options.Layers).Select(_ => new GptBlock(options)).ToArray());
        ln_f = LayerNorm(options.Width, bias: options.Bias);
        lm_head = options.TiedEmbeddings ? null : Linear(options.Width, characters, hasBias: false);
        RegisterComponents();
        Initialize(options.Layers, new InitialValues(seed));
    }

    /// <summary>Logits of the character after each one.</summary>
    /// <param name="characters">Numbers, int64: [B, T]; T is the context at most.</param>
    public override Tensor forward(Tensor characters)
    {
        using var x = Embed(characters);                                    // [B, T, 384]
        return FromVectors(x);                                              // [B, T, 65]
    }

    /// <summary>What the first block reads, before dropout.</summary>
    /// <param name="first">Place of the first character in the context.</param>
    public Tensor Embed(Tensor characters, long first = 0)
    {
        var known = wte.call(characters);                                   // [B, T, 384]
        if (wpe is null) return known;
        using (known)
        {
            using var places = wpe.weight!.narrow(0, first, characters.size(1));   // [T, 384]
            return known + places;
        }
    }

    /// <summary>Logits from <see cref="Embed"/>'s vectors.</summary>
    /// <param name="cache">Keys and values of the characters before these, to which those of these are added; null: there are none before.</param>
    public Tensor FromVectors(Tensor vectors, GptCache? cache = null)
    {
        var x = drop.call(vectors);
        for (var i = 0; i < h.Count; i++)
        {
            using var below = x;
            x = h[i].Through(below, cache?[i]);                             // [B, T, 384]
        }
        using (x)
        {
            using var normed = ln_f.call(x);
            return functional.linear(normed, lm_head?.weight ?? wte.weight!);   // [B, T, 65]
        }
    }

    /// <summary>Logits of the character after the last one: [B, 65].</summary>
    /// <param name="characters">[B, T]: one a text, or where the cache is empty any number up to the context.</param>
    public Tensor Next(Tensor characters, GptCache cache)
    {
        using var x = Embed(characters, cache.Length);
        using var logits = FromVectors(x, cache);
        return logits.select(1, -1);
    }

    /// <summary>What each character looks back on, block by block: weights that add up to 1 over the last dimension, [B, heads, T, T].</summary>
    public List<Tensor> Attention(Tensor characters)
    {
        var weights = new List<Tensor>();
        using var scope = NewDisposeScope();
        var x = Embed(characters);
        foreach (var block in h)
        {
            weights.Add(block.Weights(x).MoveToOuterDisposeScope());
            x = block.Through(x);
        }
        return weights;
    }

    // model.py, _init_weights: "normal with mean 0 and deviation 0.02", and what is added to the stream narrower by the root of how often something is: twice a block.
    private void Initialize(int layers, InitialValues values)
    {
        foreach (var (name, parameter) in named_parameters())
        {
            if (name.EndsWith("c_proj.weight", StringComparison.Ordinal)) values.Normal(parameter, 0.02 / Math.Sqrt(2 * layers));
            else if (parameter.dim() >= 2) values.Normal(parameter, 0.02);
            else InitialValues.Constant(parameter, name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0);
        }
    }
}

/// <summary>x + attention(normalization(x)), then x + feed-forward(normalization(x)).</summary>
public sealed class GptBlock : Module<Tensor, Tensor>
{
    private readonly LayerNorm ln_1;
    private readonly GptAttention attn;
    private readonly LayerNorm ln_2;
    private readonly GptFeedForward mlp;

    public GptBlock(GptOptions options)
        : base(nameof(GptBlock))
    {
        (ln_1, attn) = (LayerNorm(options.Width, bias: options.Bias), new GptAttention(options));
        (ln_2, mlp) = (LayerNorm(options.Width, bias: options.Bias), new GptFeedForward(options));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => Through(x);                 // [B, T, 384]

    /// <summary>With the keys and values of the characters before; null: there are none.</summary>
    internal Tensor Through(Tensor x, GptLayerCache? cache = null)
    {
        using var normed1 = ln_1.call(x);
        using var attended = attn.Attend(normed1, cache);
        using var between = x + attended;
        using var normed2 = ln_2.call(between);
        using var transformed = mlp.call(normed2);
        return between + transformed;
    }

    internal Tensor Weights(Tensor x)
    {
        using var normed = ln_1.call(x);
        return attn.Weights(normed);
    }
}

/// <summary>Causal self-attention of several heads (Vaswani et al. 2017, sections 3.2.1 to 3.2.3): each character looks back on itself and those before it.</summary>
public sealed class GptAttention : Module<Tensor, Tensor>
{
    private readonly Linear c_attn;
    private readonly Linear c_proj;
    private readonly TorchSharp.Modules.Dropout resid_dropout;
    private readonly int _heads, _size;
    private readonly double _dropout;

    public GptAttention(GptOptions options)
        : base(nameof(GptAttention))
    {
        (_heads, _size, _dropout) = (options.Heads, options.Width / options.Heads, options.Dropout);
        c_attn = Linear(options.Width, 3 * options.Width, options.Bias);
        c_proj = Linear(options.Width, options.Width, options.Bias);
        resid_dropout = Dropout(options.Dropout);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => Attend(x);

    internal Tensor Attend(Tensor x, GptLayerCache? cache = null)           // [B, T, 384]
    {
        var (b, t) = (x.size(0), x.size(1));
        var (q, k, v) = Heads(x);                                           // [B, 6, T, 64] each
        using (q) using (k) using (v)
        {
            using var attended = cache is { Length: > 0 } ? cache.Attend(q, k, v) : Causal(q, k, v, cache);
            using var turned = attended.transpose(1, 2);                    // [B, T, 6, 64]
            using var joined = turned.reshape(b, t, _heads * _size);        // [B, T, 384]
            using var projected = c_proj.call(joined);
            return resid_dropout.call(projected);
        }
    }

    /// <summary>softmax(q k^T / sqrt(64)) with the future masked (Eq. 1 and section 3.2.3): [B, heads, T, T].</summary>
    internal Tensor Weights(Tensor x)
    {
        using var scope = NewDisposeScope();
        var (q, k, _) = Heads(x);
        var future = ones([x.size(1), x.size(1)], ScalarType.Bool, x.device).triu(1);
        return (q.matmul(k.transpose(2, 3)) / Math.Sqrt(_size)).masked_fill(future, double.NegativeInfinity).softmax(3).MoveToOuterDisposeScope();
    }

    private Tensor Causal(Tensor q, Tensor k, Tensor v, GptLayerCache? cache)
    {
        cache?.Append(k, v);
        return functional.scaled_dot_product_attention(q, k, v, p: training ? _dropout : 0, is_casual: true);
    }

    private (Tensor Queries, Tensor Keys, Tensor Values) Heads(Tensor x)
    {
        using var joined = c_attn.call(x);                                  // [B, T, 3 * 384]
        using var apart = joined.view(x.size(0), x.size(1), 3, _heads, _size);
        using var parts = apart.permute(2, 0, 3, 1, 4);                     // [3, B, 6, T, 64]
        return (parts[0], parts[1], parts[2]);
    }
}

/// <summary>Four times as wide inside, with GELU (Hendrycks and Gimpel 2016) between.</summary>
public sealed class GptFeedForward : Module<Tensor, Tensor>
{
    private readonly Linear c_fc;
    private readonly Linear c_proj;
    private readonly TorchSharp.Modules.Dropout dropout;

    public GptFeedForward(GptOptions options)
        : base(nameof(GptFeedForward))
    {
        c_fc = Linear(options.Width, 4 * options.Width, options.Bias);
        c_proj = Linear(4 * options.Width, options.Width, options.Bias);
        dropout = Dropout(options.Dropout);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)                                // [B, T, 384]
    {
        using var wide = c_fc.call(x);                                      // [B, T, 1536]
        using var active = functional.gelu(wide);
        using var projected = c_proj.call(active);
        return dropout.call(projected);
    }
}
