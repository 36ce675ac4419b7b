using Repro.Experiments.Transformer;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Transformer;

public sealed class GptModelTests
{
    private static readonly GptOptions Small = new() { Layers = 2, Heads = 2, Width = 8, Context = 6, Dropout = 0 };

    // nanoGPT prints "number of parameters: 10.65M" for the large setting, without the vectors of places.
    [Fact]
    public void Parameters_are_as_many_as_nanoGPT_prints()
    {
        using var large = new GptModel(new GptOptions(), 65, seed: 0);
        Assert.Equal(10_646_784, Count(large));
        Assert.Equal("10.65", (Count(large) / 1e6).ToString("0.00"));
        Assert.Equal(10_646_784 + (256 * 384), large.parameters().Sum(p => p.numel()));
    }

    // By hand: 4 blocks of 12 x 128 x 128 and two gains, the characters' vectors, a last gain.
    [Fact]
    public void The_setting_for_a_CPU_has_four_blocks_of_twelve_squares_of_its_width()
    {
        using var model = new GptModel((GptOptions)new GptExperiment().Profiles.Single(p => p.Name == "cpu").Options, 65, seed: 0);
        Assert.Equal((4 * ((12 * 128 * 128) + (2 * 128))) + (65 * 128) + 128, Count(model));
    }

    [Fact]
    public void Initial_values_have_the_deviations_of_model_py()
    {
        var options = Small with { Width = 64, Layers = 8, Bias = true };
        using var model = new GptModel(options, 65, seed: 3);
        foreach (var (name, parameter) in model.named_parameters())
        {
            using var scope = NewDisposeScope();
            if (parameter.dim() == 1) Assert.All(parameter.detach().data<float>().ToArray(), v => Assert.Equal(name.EndsWith("weight", StringComparison.Ordinal) ? 1f : 0f, v));
            else Assert.InRange(parameter.detach().std().item<float>() / (name.EndsWith("c_proj.weight", StringComparison.Ordinal) ? 0.02 / 4 : 0.02), 0.9, 1.1);
        }
    }

    [Fact]
    public void A_character_does_not_change_what_stands_before_it()
    {
        using var model = Set();
        using var scope = NewDisposeScope();
        var (a, b) = (model.call(tensor(new long[] { 1, 2, 3, 4, 5 }, [1, 5])), model.call(tensor(new long[] { 1, 2, 3, 6, 0 }, [1, 5])));
        Assert.Equal(Values(a.narrow(1, 0, 3)), Values(b.narrow(1, 0, 3)));
        Assert.NotEqual(Values(a.narrow(1, 3, 1)), Values(b.narrow(1, 3, 1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void What_is_cached_gives_the_logits_of_computing_everything_again(int first)
    {
        using var model = Set();
        using var scope = NewDisposeScope();
        using var cache = new GptCache(Small, 2, CPU);
        long[][] texts = [[1, 2, 3, 4, 5, 6], [6, 0, 0, 2, 1, 3]];
        for (var length = first; length <= 6; length++)
        {
            var whole = model.call(Rows(texts, 0, length)).select(1, -1);
            var stepwise = length == first ? model.Next(Rows(texts, 0, length), cache) : model.Next(Rows(texts, length - 1, 1), cache);
            Assert.Equal(length, cache.Length);
            Assert.Equal(Values(whole), Values(stepwise), (x, y) => Math.Abs(x - y) < 1e-5);
            if (length == 4) Assert.Throws<ArgumentException>(() => model.Next(Rows(texts, 0, 2), cache));
        }
    }

    [Fact]
    public void Attention_weights_add_up_to_one_and_never_look_ahead()
    {
        using var model = Set();
        using var scope = NewDisposeScope();
        var weights = model.Attention(tensor(new long[] { 1, 2, 3, 4, 5 }, [1, 5]));
        Assert.Equal(2, weights.Count);
        foreach (var block in weights)
        {
            Assert.Equal([1, 2, 5, 5], block.shape);
            Assert.Equal(Enumerable.Repeat(1f, 10), Values(block.sum(3)), (x, y) => Math.Abs(x - y) < 1e-5);
            Assert.Equal(0, block.triu(1).abs().sum().item<float>());
        }
    }

    [Fact]
    public void Weights_of_attention_give_what_a_block_computes()
    {
        // With one head, no norm to speak of and values read off: what the weights say is what the logits are made of.
        using var model = new GptModel(Small with { Layers = 1, Heads = 1 }, 7, seed: 0);
        GptReferenceTests.SetParameters(model);
        using var scope = NewDisposeScope();
        var named = model.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);
        var text = tensor(new long[] { 1, 2, 3, 4, 5 }, [1, 5]);
        var (x, weights) = (model.Embed(text), model.Attention(text)[0].squeeze(1));
        var calm = nn.functional.layer_norm(x, [8], named["h.0.ln_1.weight"]);
        var values = calm.matmul(named["h.0.attn.c_attn.weight"].narrow(0, 16, 8).t());
        var between = x + weights.matmul(values).matmul(named["h.0.attn.c_proj.weight"].t());
        var wide = nn.functional.layer_norm(between, [8], named["h.0.ln_2.weight"]).matmul(named["h.0.mlp.c_fc.weight"].t());
        var after = between + nn.functional.gelu(wide).matmul(named["h.0.mlp.c_proj.weight"].t());
        var logits = nn.functional.layer_norm(after, [8], named["ln_f.weight"]).matmul(named["wte.weight"].t());
        Assert.Equal(Values(logits), Values(model.call(text)), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Dropout_falls_in_training_alone()
    {
        using var model = new GptModel(Small with { Dropout = 0.5 }, 7, seed: 0);
        GptReferenceTests.SetParameters(model);
        using var scope = NewDisposeScope();
        var text = tensor(new long[] { 1, 2, 3, 4, 5 }, [1, 5]);
        model.eval();
        Assert.Equal(Values(model.call(text)), Values(model.call(text)));
        model.train();
        Assert.NotEqual(Values(model.call(text)), Values(model.call(text)));
    }

    internal static GptModel Set()
    {
        var model = new GptModel(Small, 7, seed: 0);
        GptReferenceTests.SetParameters(model);
        model.eval();
        return model;
    }

    private static Tensor Rows(long[][] texts, int first, int count) => tensor([.. texts.SelectMany(text => text[first..(first + count)])], [texts.Length, count]);

    private static float[] Values(Tensor tensor) => tensor.detach().contiguous().data<float>().ToArray();

    // As nanoGPT counts: without the vectors of places.
    private static long Count(GptModel model) => model.named_parameters().Where(p => !p.name.Contains("wpe", StringComparison.Ordinal)).Sum(p => p.parameter.numel());
}
