using Repro.Experiments.Images;
using Repro.Experiments.ResNet;
using Repro.Training.Datasets;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.ResNet;

/// <summary>
/// Values, gradients and three steps of SGD beside PyTorch's, computed in float64 by <c>tests/peers/resnet_reference.py</c> from the same parameters
/// and images, and kept in <c>resnet-reference.json</c>.
/// </summary>
public sealed class ResNetReferenceTests
{
    private const int Width = 4, Channels = 3, Size = 8, Images = 6;

    [Theory]
    [InlineData("residual", ResNetKind.Residual)]
    [InlineData("plain", ResNetKind.Plain)]
    public void Logits_gradients_and_three_steps_agree_with_PyTorch(string name, ResNetKind kind)
    {
        var expected = PyTorchReference.Read("ResNet", "resnet-reference.json").GetProperty(name);
        var options = new ResNetOptions { LearningRate = 0.1, Momentum = 0.9, WeightDecay = 1e-2 };
        using var model = new ResNetModel(1, Width, kind, Channels, 10, seed: 0, new InputScale(new ImageShape(Channels, Size, Size), null));
        PyTorchReference.SetParameters(model, 0.3, vectors: 0.5, gains: "bn");
        using var optimizer = ResNetTask.Sgd(options, model);
        using var scope = NewDisposeScope();
        var images = tensor(Enumerable.Range(0, Images * Channels * Size * Size).Select(i => (float)Math.Sin((0.37 * i) + (0.1 * (i % 5)))).ToArray(), [Images, Channels, Size, Size]);
        var labels = tensor(Enumerable.Range(0, Images).Select(k => ((3L * k) + 1) % 10).ToArray());

        for (var step = 0; step < 3; step++)
        {
            optimizer.zero_grad();
            var logits = model.call(images);
            var loss = nn.functional.cross_entropy(logits, labels);
            loss.backward();
            PyTorchReference.Close(expected.GetProperty("losses")[step], loss, $"loss {step}");
            if (step == 0)
            {
                PyTorchReference.Close(expected.GetProperty("logits"), logits, "logits");
                foreach (var (parameterName, parameter) in model.named_parameters())
                    PyTorchReference.CloseNumbers(expected.GetProperty("gradients").GetProperty(parameterName), PyTorchReference.SomeOfGradient(parameter), parameterName);
            }
            optimizer.step();
        }
        foreach (var (parameterName, parameter) in model.named_parameters())
            PyTorchReference.CloseNumbers(expected.GetProperty("parameter_sums").GetProperty(parameterName), [PyTorchReference.Values(parameter).Sum()], "sum of " + parameterName);
        model.eval();
        PyTorchReference.Close(expected.GetProperty("evaluated_logits"), model.call(images), "logits in evaluation mode");
    }
}
