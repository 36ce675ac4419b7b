using System.Text.Json;
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
    private const double Tolerance = 2e-4;

    [Theory]
    [InlineData("residual", ResNetKind.Residual)]
    [InlineData("plain", ResNetKind.Plain)]
    public void Logits_gradients_and_three_steps_agree_with_PyTorch(string name, ResNetKind kind)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ResNet", "resnet-reference.json")));
        var expected = file.RootElement.GetProperty(name);
        var options = new ResNetOptions { LearningRate = 0.1, Momentum = 0.9, WeightDecay = 1e-2 };
        using var model = new ResNetModel(1, Width, kind, Channels, 10, seed: 0, new InputScale(new ImageShape(Channels, Size, Size), null));
        SetParameters(model);
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
            Close([expected.GetProperty("losses")[step].GetDouble()], [loss.item<float>()], $"loss {step}");
            if (step == 0)
            {
                Close(Numbers(expected.GetProperty("logits")), Values(logits), "logits");
                foreach (var (parameterName, parameter) in model.named_parameters())
                {
                    var every = Math.Max(1, (int)parameter.numel() / 4);
                    var gradient = Values(parameter.grad!).Where((_, i) => i % every == 0).Take(4).ToArray();
                    Close(Numbers(expected.GetProperty("gradients").GetProperty(parameterName)), gradient, parameterName);
                }
            }
            optimizer.step();
        }
        foreach (var (parameterName, parameter) in model.named_parameters())
            Close([expected.GetProperty("parameter_sums").GetProperty(parameterName).GetDouble()], [(float)Values(parameter).Sum(v => (double)v)], "sum of " + parameterName);
        model.eval();
        Close(Numbers(expected.GetProperty("evaluated_logits")), Values(model.call(images)), "logits in evaluation mode");
    }

    /// <summary>The formula that the script states.</summary>
    private static void SetParameters(nn.Module model)
    {
        var ordered = model.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal).ToList();
        for (var j = 0; j < ordered.Count; j++)
        {
            var (name, parameter) = ordered[j];
            var (scale, shift) = (parameter.dim() == 1 ? 0.5 : 0.3, name.Contains("bn", StringComparison.Ordinal) && name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0);
            InitialValues.Set(parameter, Enumerable.Range(0, (int)parameter.numel()).Select(i => (float)((scale * Math.Sin((1.7 * i) + (0.9 * j))) + shift)).ToArray());
        }
    }

    private static double[] Numbers(JsonElement array) => array.EnumerateArray().Select(e => e.GetDouble()).ToArray();

    private static float[] Values(Tensor tensor) => tensor.detach().contiguous().data<float>().ToArray();

    private static void Close(double[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= Tolerance * (1 + Math.Abs(expected[i])), $"{what}[{i}]: PyTorch has {expected[i]}, here is {actual[i]}.");
    }
}
