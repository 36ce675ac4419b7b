using Repro.Experiments.Lstm;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Lstm;

[Collection(OneGenerator.Name)]
public sealed class LstmDropoutTests
{
    [Fact]
    public void Dropout_leaves_what_a_layer_tells_itself_alone()
    {
        // Nearly all is dropped on the way up, so a step sees nothing of its word; the state that it begins with still shows in the next one.
        using var model = new LstmModel(7, 1, 64, dropout: 0.95, recurrentDropout: 0, range: 0.5, new InitialValues(1));
        using var zero = model.Begin(1);
        using var one = new LstmState([(ones(1, 1, 64), zeros(1, 1, 64))]);
        var words = tensor(new[] { 3L }).view(1, 1);
        manual_seed(5);
        var (_, fromZero) = model.call(words, zero);
        manual_seed(5);
        var (_, fromOne) = model.call(words, one);
        // With no mask on h_0 every unit's gates see all 64 of it: all states differ.
        Assert.Equal(64, fromZero.Layers[0].Hidden.ne(fromOne.Layers[0].Hidden).count_nonzero().item<long>());
    }

    [Fact]
    public void Dropout_is_before_every_layer_and_before_the_softmax()
    {
        using var model = new LstmModel(7, 2, 8, dropout: 0.5, recurrentDropout: 0, range: 0.5, new InitialValues(1));
        var places = new List<long[]>();
        var dropout = model.named_modules().Select(m => m.module).OfType<Dropout>().Single();
        dropout.register_forward_hook((_, _, output) =>
        {
            places.Add(output.shape);
            return output;
        });
        using var begin = model.Begin(3);
        model.call(zeros([5, 3], ScalarType.Int64), begin);
        Assert.Equal(3, places.Count);
        Assert.All(places, shape => Assert.Equal([5, 3, 8], shape));
    }

    [Fact]
    public void Recurrent_dropout_changes_training_and_not_evaluation()
    {
        using var plain = new LstmModel(7, 2, 8, 0, recurrentDropout: 0, range: 0.5, new InitialValues(1));
        using var dropping = new LstmModel(7, 2, 8, 0, recurrentDropout: 0.5, range: 0.5, new InitialValues(1));
        using var text = tensor(Enumerable.Range(0, 12).Select(i => (long)(i % 7)).ToArray()).view(6, 2);
        using var begin = plain.Begin(2);
        var (expected, _) = plain.call(text, begin);
        dropping.eval();
        Assert.True(dropping.call(text, begin).Logits.allclose(expected));
        dropping.train();
        var dropped = dropping.call(text, begin).Logits;
        Assert.Equal(expected.shape, dropped.shape);
        // The first step's state is zero, and has nothing to drop.
        Assert.True(dropped[0].allclose(expected[0], atol: 1e-6));
        Assert.False(dropped[1].allclose(expected[1], atol: 1e-4));
    }
}
