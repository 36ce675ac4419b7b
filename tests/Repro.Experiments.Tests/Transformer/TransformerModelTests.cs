using Repro.Experiments.Transformer;
using Repro.Studies;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Transformer;

public sealed class TransformerModelTests
{
    [Fact]
    public void The_tiny_setting_on_Multi30k_has_the_published_2_6_million_parameters()
    {
        using var model = new TransformerModel(new TransformerOptions().Shape(9712), seed: 1);
        // 9,712 x 128 embeddings; a layer of the encoder 66,048 + 65,920 + 512, of the decoder 2 x 66,048 + 65,920 + 768; four of each.
        Assert.Equal(1_243_136 + (4 * 132_480) + (4 * 198_784), model.parameters().Sum(parameter => parameter.numel()));
    }

    [Fact]
    public void The_paper_s_base_model_has_63_million_parameters_with_37000_symbols_where_Table_3_says_65()
    {
        var shape = new TransformerExperiment().Profiles.Single(profile => profile.Name == "base").Options as TransformerOptions;
        using var one = new TransformerModel(shape!.Shape(8) with { Layers = 1 }, seed: 1);
        using var two = new TransformerModel(shape.Shape(8) with { Layers = 2 }, seed: 1);
        long Count(nn.Module of) => of.parameters().Sum(parameter => parameter.numel());
        var layer = Count(two) - Count(one);
        // Attention with biases 4 x (512 x 512 + 512), once and twice; 2,099,712 in the feed-forward layers and 1,024 in a normalization. So 14.7 million for two layers more, where
        // Table 3's rows with 2, 4, 6 and 8 layers (36, 50, 65, 80 million) lie 14, 15 and 15 apart: the layers are the paper's.
        Assert.Equal((3 * 1_050_624) + (2 * 2_099_712) + (5 * 1024), layer);
        // Section 5.1 has "about 37,000" symbols, 512 numbers each. The 1.9 million that Table 3 has more are not in the layers, since all those rows lack them here. Some 4,000 symbols
        // would be as many; but the row "big" lacks none (213 million, and with 37,000 symbols it is 214). The paper does not say what else it counts.
        Assert.Equal(63_082_496, Count(one) - (8 * 512) + (5 * layer) + (37_000 * 512));
    }

    [Fact]
    public void Sinusoids_are_those_of_section_3_5()
    {
        var table = PositionalEncoding.Sinusoids(places: 3, size: 4);
        // pos 2, i = 1: 2 / 10000^(2/4) = 0.02.
        double[] expected = [0, 1, 0, 1, Math.Sin(1), Math.Cos(1), Math.Sin(0.01), Math.Cos(0.01), Math.Sin(2), Math.Cos(2), Math.Sin(0.02), Math.Cos(0.02)];
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], table[i], 6);
    }

    [Theory]
    [InlineData(PositionKind.Sinusoids)]
    [InlineData(PositionKind.Learned)]
    public void What_a_sentence_gives_does_not_depend_on_the_padding_beside_it(PositionKind positions)
    {
        using var scope = NewDisposeScope();
        using var model = Small(positions);
        long[] source = [5, 6, 7, 2], target = [1, 8, 9];
        var alone = model.call(tensor(source, [1, 4]), tensor(target, [1, 3]));
        var padded = model.call(tensor([.. source, 0, 0, 10, 11, 12, 4, 3, 2], [2, 6]), tensor([.. target, 0, 0, 1, 4, 5, 6, 7], [2, 5]));

        Same(alone, padded.narrow(0, 0, 1).narrow(1, 0, 3));
    }

    [Fact]
    public void A_place_of_the_target_sees_nothing_behind_it()
    {
        using var scope = NewDisposeScope();
        using var model = Small(PositionKind.Sinusoids);
        var source = tensor(new long[] { 5, 6, 7, 2 }, [1, 4]);
        var one = model.call(source, tensor(new long[] { 1, 8, 9, 10 }, [1, 4]));
        var other = model.call(source, tensor(new long[] { 1, 8, 4, 11 }, [1, 4]));

        Assert.True(one.narrow(1, 0, 2).equal(other.narrow(1, 0, 2)).all().item<bool>());
        Assert.False(one.narrow(1, 2, 1).equal(other.narrow(1, 2, 1)).all().item<bool>());
    }

    [Fact]
    public void Symbol_after_symbol_the_decoder_gives_what_it_gives_for_the_whole_target()
    {
        using var scope = NewDisposeScope();
        using var model = Small(PositionKind.Learned);
        var source = tensor(new long[] { 5, 6, 7, 2, 9, 10, 2, 0 }, [2, 4]);
        // Two rows a sentence; 40 places, more than are kept at first.
        var targets = Enumerable.Range(0, 4).Select(row => Enumerable.Range(0, 40).Select(place => place == 0 ? 1L : 3 + ((row + (2 * place)) % 10)).ToArray()).ToArray();
        var mask = model.SourceMask(source);
        using var cache = model.Cache(model.Encode(source, mask), mask);
        var sources = source.repeat_interleave(2, 0);
        var whole = model.call(sources, tensor(targets.SelectMany(t => t).ToArray(), [4, 40]));

        for (var place = 0; place < 40; place++)
            Same(whole.select(1, place), model.Next(tensor(Array.ConvertAll(targets, t => t[place])), cache));
    }

    [Fact]
    public void Rows_and_sentences_that_are_taken_on_keep_their_pasts()
    {
        using var scope = NewDisposeScope();
        using var model = Small(PositionKind.Sinusoids);
        var source = tensor(new long[] { 5, 6, 7, 2, 9, 10, 2, 0, 4, 4, 4, 2 }, [3, 4]);
        var mask = model.SourceMask(source);
        using var cache = model.Cache(model.Encode(source, mask), mask);
        _ = model.Next(tensor(new long[] { 1, 1, 1 }), cache);
        // The second sentence ends; the others go on with two hypotheses each.
        cache.TakeSentences([0, 2]);
        cache.TakeRows([0, 0, 2, 2]);
        _ = model.Next(tensor(new long[] { 8, 9, 10, 11 }), cache);
        cache.TakeRows([1, 1, 2, 3]);
        var states = model.Next(tensor(new long[] { 5, 6, 7, 8 }), cache);

        var left = tensor(new long[] { 5, 6, 7, 2, 5, 6, 7, 2, 4, 4, 4, 2, 4, 4, 4, 2 }, [4, 4]);
        var whole = model.call(left, tensor(new long[] { 1, 9, 5, 1, 9, 6, 1, 10, 7, 1, 11, 8 }, [4, 3]));
        Same(whole.select(1, 2), states);
    }

    [Fact]
    public void A_sentence_longer_than_the_places_there_are_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = Small(PositionKind.Sinusoids);
        var refusal = Assert.Throws<BadInputException>(() => model.Encode(ones([1, 257], ScalarType.Int64), null));
        Assert.Contains("257", refusal.Message);
    }

    internal static TransformerModel Small(PositionKind positions)
    {
        var model = new TransformerModel(new TransformerShape(13, 2, 8, 12, 2, 0.5, 0.5, 0.5, positions), seed: 3);
        model.eval();
        return model;
    }

    private static void Same(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True((expected - actual).abs().max().item<float>() < 1e-5, $"{(expected - actual).abs().max().item<float>()}");
    }
}
