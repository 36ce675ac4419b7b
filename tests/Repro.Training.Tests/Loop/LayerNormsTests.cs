using Repro.Training.Killable;
using Repro.Training.Loop;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Tests.Loop;

[Collection(EngineTests.Name)]
public class LayerNormsTests
{
    [Fact]
    public void Norms_are_those_of_the_formulas()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var model = new TinyModel(6, 0, true);
        using var norms = new LayerNorms(model);
        var inputs = randn(12, TinyTask.Inputs);
        model.call(inputs);
        norms.Watch();
        model.call(inputs).square().sum().backward();
        var values = norms.Read().ToDictionary(value => value.Name, value => value.Value);

        var named = model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        var first = inputs.matmul(named["fc1.weight"].t()) + named["fc1.bias"];
        Assert.Equal(Math.Sqrt(first.data<float>().ToArray().Average(x => (double)x * x)), values["activation_rms.fc1"], 5);
        var gradients = named["fc1.weight"].grad!.data<float>().ToArray().Concat(named["fc1.bias"].grad!.data<float>().ToArray());
        var expected = Math.Sqrt(gradients.Sum(x => (double)x * x));
        Assert.Equal(1, values["gradient_norm.fc1"] / expected, 4);
        Assert.Equal(["activation_rms.bn1", "activation_rms.drop", "activation_rms.fc1", "activation_rms.fc2", "gradient_norm.bn1", "gradient_norm.fc1", "gradient_norm.fc2"], values.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nothing_is_seen_when_nobody_watches()
    {
        using var scope = NewDisposeScope();
        using var model = new TinyModel(6, 0, true);
        using (var norms = new LayerNorms(model))
        {
            model.call(randn(12, TinyTask.Inputs));
            Assert.Empty(norms.Read());
        }
    }
}
