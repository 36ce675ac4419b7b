using Repro.Experiments.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Transformer;

/// <summary>Where the decoder-only model drops: model.py's <c>drop</c>, <c>attn_dropout</c>, <c>resid_dropout</c> and the one at the end of the MLP. See <see cref="DropoutPlaces"/>.</summary>
[Collection(OneGenerator.Name)]
public sealed class GptDropoutTests
{
    private static readonly GptOptions Options = new() { Layers = 2, Heads = 2, Width = 8, Context = 6, Bias = true, TiedEmbeddings = false, Dropout = 0 };

    [Fact]
    public void Embeddings_and_what_each_half_of_a_block_adds_are_dropped_once_and_beside_them_attention_weights_alone()
    {
        using var scope = NewDisposeScope();
        using var model = Model(Options with { Dropout = 1 });
        var calls = DropoutPlaces.Listen(model);
        var logits = model.call(Text);
        Assert.Equal(["drop 2x5x8", "h.0.attn.resid_dropout 2x5x8", "h.0.mlp.dropout 2x5x8", "h.1.attn.resid_dropout 2x5x8", "h.1.mlp.dropout 2x5x8"], calls);
        // The modules were made to drop nothing. Attention drops its weights without one, all of them here: as if all values were zero.
        using var plain = Model(Options);
        var whole = plain.call(Text);
        DropoutPlaces.SilenceValues(plain, "c_attn.weight", "c_attn.bias");
        DropoutPlaces.Same(plain.call(Text), logits);
        DropoutPlaces.Differ(whole, logits);
    }

    [Fact]
    public void Dropping_all_leaves_what_weights_of_zero_there_leave()
    {
        using var scope = NewDisposeScope();
        using var dropping = Model(Options with { Dropout = 1 });
        using var plain = Model(Options);
        DropoutPlaces.Silence(plain, "wte.weight", "wpe.weight", "c_proj.weight", "c_proj.bias");
        DropoutPlaces.Same(plain.call(Text), dropping.call(Text));
        // Nothing comes through but the last normalization's bias.
        var p = plain.named_parameters().ToDictionary(one => one.name, one => (Tensor)one.parameter);
        DropoutPlaces.Same(p["lm_head.weight"].matmul(p["ln_f.bias"]).expand(2, 5, 7), dropping.call(Text));
    }

    [Fact]
    public void Attention_drops_weights_and_not_numbers_of_what_they_gather()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var attention = new GptAttention(Options with { Dropout = 0.5 });
        GptReferenceTests.SetParameters(attention);
        DropoutPlaces.Listen(attention);
        using (no_grad()) attention.get_parameter("c_proj.weight")!.copy_(eye(8));
        // With one character to look back on its weight is 1, and a head gives the character's values: twice, or not at all.
        var x = randn(128, 1, 8);
        attention.eval();
        var whole = Heads(attention.call(x));
        attention.train();
        var dropped = Heads(attention.call(x));
        var kept = dropped.abs().sum(2).gt(1e-6).unsqueeze(2);
        DropoutPlaces.Same(where(kept, whole * 2, zeros_like(whole)), dropped);
        Assert.InRange(kept.sum().item<long>(), 80, 176);

        Tensor Heads(Tensor given) => (given - attention.get_parameter("c_proj.bias")!).view(128, 2, 4);
    }

    private static Tensor Text => tensor(new long[] { 1, 2, 3, 4, 5, 6, 0, 0, 2, 1 }, [2, 5]);

    /// <summary>In training, with biases and gains that all differ.</summary>
    private static GptModel Model(GptOptions options)
    {
        var model = new GptModel(options, 7, seed: 0);
        GptReferenceTests.SetParameters(model);
        return model;
    }
}
