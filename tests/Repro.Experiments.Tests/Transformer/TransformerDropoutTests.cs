using Repro.Experiments.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Transformer;

/// <summary>Where the encoder-decoder drops: section 5.4, and the two places that other code adds. See <see cref="DropoutPlaces"/>.</summary>
[Collection(OneGenerator.Name)]
public sealed class TransformerDropoutTests
{
    [Fact]
    public void Each_sum_with_positions_each_sub_layers_output_attention_weights_and_what_a_relu_gives_is_dropped_once()
    {
        using var scope = NewDisposeScope();
        using var model = Model(new TransformerShape(13, 1, 8, 12, 2, 1, 1, 1, PositionKind.Sinusoids));
        var calls = DropoutPlaces.Listen(model);
        var (memory, states) = Run(model);
        // 2 sentences, 5 symbols of the source and 3 of the target, 2 heads.
        Assert.Equal(
            [
                "encoder.positions.dropout 2x5x8",
                "encoder.layers.0.self_attn.dropout 4x5x5", "encoder.layers.0.dropout 2x5x8",
                "encoder.layers.0.feed_forward.dropout 2x5x12", "encoder.layers.0.dropout 2x5x8",
                "decoder.positions.dropout 2x3x8",
                "decoder.layers.0.self_attn.dropout 4x3x3", "decoder.layers.0.dropout 2x3x8",
                "decoder.layers.0.multihead_attn.dropout 4x3x5", "decoder.layers.0.dropout 2x3x8",
                "decoder.layers.0.feed_forward.dropout 2x3x12", "decoder.layers.0.dropout 2x3x8",
            ],
            calls);
        // The modules were made to drop nothing, and nothing else does.
        model.eval();
        var (expectedMemory, expected) = Run(model);
        DropoutPlaces.Same(expectedMemory, memory);
        DropoutPlaces.Same(expected, states);
    }

    public static TheoryData<double, double, double, string[], string[]> Kinds => new()
    {
        { 1, 0, 0, ["embedding.weight", "positions.weight", "out_proj.weight", "out_proj.bias", "linear2.weight", "linear2.bias"], [] },
        { 0, 1, 0, [], ["in_proj_weight", "in_proj_bias"] },
        { 0, 0, 1, ["linear2.weight"], [] },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Dropping_all_of_a_kind_leaves_what_weights_of_zero_there_leave(double dropout, double attention, double relu, string[] silent, string[] silentValues)
    {
        using var scope = NewDisposeScope();
        var shape = new TransformerShape(13, 2, 8, 12, 2, 0, 0, 0, PositionKind.Learned);
        using var dropping = Model(shape with { Dropout = dropout, AttentionDropout = attention, ReluDropout = relu });
        using var plain = Model(shape);
        var (_, whole) = Run(plain);
        DropoutPlaces.Silence(plain, silent);
        DropoutPlaces.SilenceValues(plain, silentValues);
        var (expectedMemory, expected) = Run(plain);
        var (memory, states) = Run(dropping);
        DropoutPlaces.Same(expectedMemory, memory);
        DropoutPlaces.Same(expected, states);
        DropoutPlaces.Differ(whole, states);
    }

    /// <summary>In training, with biases and gains that all differ.</summary>
    private static TransformerModel Model(TransformerShape shape)
    {
        var model = new TransformerModel(shape, seed: 0);
        TransformerReferenceTests.SetParameters(model);
        return model;
    }

    private static (Tensor Memory, Tensor States) Run(TransformerModel model)
    {
        var source = tensor(new long[] { 5, 7, 4, 9, 2, 6, 8, 2, 0, 0 }, [2, 5]);
        var mask = model.SourceMask(source);
        var memory = model.Encode(source, mask);
        return (memory, model.Decode(model.Embed(tensor(new long[] { 1, 6, 4, 1, 9, 12 }, [2, 3])), memory, mask));
    }
}
