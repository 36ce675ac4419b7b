using Repro.Experiments.Lstm;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Lstm;

/// <summary>Where dropout falls. To drop all is to multiply by 0, which needs no random numbers: what is left is computed by the paper's equations.</summary>
[Collection(OneGenerator.Name)]
public sealed class LstmDropoutTests
{
    private const int Words = 7, Layers = 2, Units = 3, Steps = 4, Streams = 2;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    public void With_all_connections_of_a_kind_dropped_states_and_logits_are_what_the_equations_give_without_them(double dropout, double recurrentDropout)
    {
        using var model = Model(dropout, recurrentDropout);
        AssertEquations(model, up: 1 - dropout, own: 1 - recurrentDropout);
    }

    [Fact]
    public void What_goes_into_each_layer_and_into_the_softmax_is_dropped_once()
    {
        using var model = Model(dropout: 0, recurrentDropout: 0);
        // Dropping twice is no different where all is dropped; multiplying by a half twice is.
        model.named_modules().Select(m => m.module).OfType<Dropout>().Single().register_forward_hook((_, _, output) => output * 0.5);
        AssertEquations(model, up: 0.5, own: 1);
    }

    [Fact]
    public void What_goes_up_is_dropped_number_by_number_and_anew_at_every_word()
    {
        using var scope = NewDisposeScope();
        using var model = Readable(dropout: 0.5, recurrentDropout: 0);
        // A layer that is deaf to its words has the same states whatever is dropped of them.
        InitialValues.Constant(model.get_parameter("layers.0.weight_ih_l0")!, 0);
        var text = zeros([3, 2], ScalarType.Int64);
        model.eval();
        var whole = Logits(model, text, 0.5);
        model.train();
        var dropped = Logits(model, text, 0.5);
        var kept = dropped.ne(0);
        Assert.True(dropped.allclose(where(kept, whole * 2, zeros_like(whole)), atol: 1e-6));
        foreach (var (one, other) in new[] { (kept[0, 0], kept[0, 1]), (kept[0, 0], kept[1, 0]), (kept[1, 1], kept[2, 1]) })
            Assert.InRange(one.ne(other).sum().item<long>(), 64, 192);
    }

    [Fact]
    public void What_a_layer_tells_itself_is_dropped_number_by_number_and_anew_at_every_word()
    {
        using var scope = NewDisposeScope();
        using var model = Readable(dropout: 0, recurrentDropout: 0.5);
        // Gates wide open and cells that forget at once: h_t = tanh(tanh(D(h_{t-1}))), unit by unit. A unit that was dropped stays silent.
        float[] Gates(float input, float forget, float output) => [.. Enumerable.Repeat(input, 256), .. Enumerable.Repeat(forget, 256), .. new float[256], .. Enumerable.Repeat(output, 256)];
        InitialValues.Constant(model.get_parameter("layers.0.weight_ih_l0")!, 0);
        InitialValues.Constant(model.get_parameter("layers.0.bias_hh_l0")!, 0);
        InitialValues.Set(model.get_parameter("layers.0.bias_ih_l0")!, Gates(30, -30, 30));
        using (no_grad())
        {
            var own = model.get_parameter("layers.0.weight_hh_l0")!;
            own.zero_();
            own.narrow(0, 512, 256).copy_(eye(256));
        }
        var states = Logits(model, zeros([4, 1], ScalarType.Int64), 0.5).squeeze(1);

        var (speaking, alive) = (0.5, 256L);
        for (var t = 0; t < 4; t++)
        {
            speaking = Math.Tanh(Math.Tanh(2 * speaking));
            var heard = states[t].gt(1e-3);
            Assert.True(states[t].allclose(heard.to_type(ScalarType.Float32) * speaking, atol: 1e-5));
            // Half of them each time; the same ones again would lose none.
            Assert.InRange(heard.sum().item<long>(), alive / 4, (alive * 3 / 4) + 1);
            alive = heard.sum().item<long>();
        }
    }

    [Fact]
    public void Nothing_is_dropped_in_evaluation()
    {
        using var model = Model(dropout: 1, recurrentDropout: 1);
        model.eval();
        AssertEquations(model, up: 1, own: 1);
    }

    private static LstmModel Model(double dropout, double recurrentDropout) => new(Words, Layers, Units, dropout, recurrentDropout, range: 0.8, new InitialValues(1));

    /// <summary>A network of one layer whose logits are what its softmax is given.</summary>
    private static LstmModel Readable(double dropout, double recurrentDropout)
    {
        manual_seed(5);
        var model = new LstmModel(256, 1, 256, dropout, recurrentDropout, range: 0.5, new InitialValues(1));
        InitialValues.Constant(model.get_parameter("decoder.bias")!, 0);
        using (no_grad()) model.get_parameter("decoder.weight")!.copy_(eye(256));
        return model;
    }

    private static Tensor Logits(LstmModel model, Tensor text, double hidden)
    {
        using var begin = new LstmState([(full([1, text.size(1), 256], hidden), zeros(1, text.size(1), 256))]);
        return model.call(text, begin).Logits.detach();
    }

    /// <summary>The end of section 3.1, with D a product with <paramref name="up"/>, and what is no part of the paper, one of h_{t-1} with <paramref name="own"/>.</summary>
    private static void AssertEquations(LstmModel model, double up, double own)
    {
        using var scope = NewDisposeScope();
        var p = model.named_parameters().ToDictionary(one => one.name, one => PyTorchReference.Values(one.parameter));
        var text = Enumerable.Range(0, Steps * Streams).Select(i => (long)(((i * i) + 1) % Words)).ToArray();
        double State(int layer, int stream, int unit, int kind) => 0.7 * Math.Sin(1 + unit + (3 * stream) + (7 * layer) + (13 * kind));
        Tensor Begin(int layer, int kind) =>
            tensor([.. Enumerable.Range(0, Streams * Units).Select(i => (float)State(layer, i / Units, i % Units, kind))], [1, Streams, Units]);
        var (logits, end) = model.call(tensor(text, [Steps, Streams]), new LstmState([.. Enumerable.Range(0, Layers).Select(l => (Begin(l, 0), Begin(l, 1)))]));

        for (var stream = 0; stream < Streams; stream++)
        {
            var h = Enumerable.Range(0, Layers).Select(l => Enumerable.Range(0, Units).Select(u => State(l, stream, u, 0)).ToArray()).ToArray();
            var c = Enumerable.Range(0, Layers).Select(l => Enumerable.Range(0, Units).Select(u => State(l, stream, u, 1)).ToArray()).ToArray();
            for (var t = 0; t < Steps; t++)
            {
                var below = p["embedding.weight"].AsSpan((int)text[(t * Streams) + stream] * Units, Units).ToArray();
                for (var l = 0; l < Layers; l++)
                {
                    var (from, at) = (h[l], $"layers.{l}.");
                    double Sum(int gate, int unit)
                    {
                        var row = (gate * Units) + unit;
                        return p[at + "bias_ih_l0"][row] + p[at + "bias_hh_l0"][row] +
                            Enumerable.Range(0, Units).Sum(k => (p[at + "weight_ih_l0"][(row * Units) + k] * up * below[k]) + (p[at + "weight_hh_l0"][(row * Units) + k] * own * from[k]));
                    }
                    for (var u = 0; u < Units; u++) c[l][u] = (Sigmoid(Sum(1, u)) * c[l][u]) + (Sigmoid(Sum(0, u)) * Math.Tanh(Sum(2, u)));
                    below = h[l] = [.. Enumerable.Range(0, Units).Select(u => Sigmoid(Sum(3, u)) * Math.Tanh(c[l][u]))];
                }
                for (var word = 0; word < Words; word++)
                {
                    var expected = p["decoder.bias"][word] + Enumerable.Range(0, Units).Sum(k => p["decoder.weight"][(word * Units) + k] * up * below[k]);
                    Assert.Equal(expected, logits[t, stream, word].item<float>(), 1e-5);
                }
            }
            for (var i = 0; i < Layers * Units; i++)
            {
                var (l, u) = (i / Units, i % Units);
                Assert.Equal(h[l][u], end.Layers[l].Hidden[0, stream, u].item<float>(), 1e-5);
                Assert.Equal(c[l][u], end.Layers[l].Cell[0, stream, u].item<float>(), 1e-5);
            }
        }
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
