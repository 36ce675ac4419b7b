using System.Text.Json;
using Repro.Experiments.Transformer;
using Repro.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Transformer;

/// <summary>
/// Values, gradients and three clipped steps of AdamW beside PyTorch's, computed in float64 by <c>tests/peers/gpt_reference.py</c> from the same parameters and characters, and
/// kept in <c>gpt-reference.json</c>.
/// </summary>
public sealed class GptReferenceTests
{
    private const int Characters = 7, Pieces = 3, Length = 5;
    private const double Tolerance = 2e-4;

    private static readonly GptOptions Small = new() { Layers = 2, Heads = 2, Width = 8, Context = 6, Dropout = 0, LearningRate = 1e-2, Beta2 = 0.99, WeightDecay = 0.1 };

    public static TheoryData<string, GptOptions> Cases => new()
    {
        { "nanogpt", Small },
        { "gpt2", Small with { Bias = true } },
        { "untied", Small with { TiedEmbeddings = false } },
        { "no_places", Small with { Positions = "none" } },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Logits_gradients_and_three_steps_agree_with_PyTorch(string name, GptOptions options)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Transformer", "gpt-reference.json")));
        var expected = file.RootElement.GetProperty(name);
        using var model = new GptModel(options, Characters, seed: 0);
        SetParameters(model);
        Assert.Equal(expected.GetProperty("count").GetInt64(), model.parameters().Sum(p => p.numel()));
        using var optimizer = GptTask.AdamW(options, model);
        using var scope = NewDisposeScope();
        var (inputs, targets) = (Text(0), Text(1).reshape(-1));
        for (var step = 0; step < 3; step++)
        {
            optimizer.zero_grad();
            var logits = model.call(inputs);
            var loss = nn.functional.cross_entropy(logits.reshape(-1, Characters), targets);
            loss.backward();
            Close([expected.GetProperty("losses")[step].GetDouble()], [loss.item<float>()], $"loss {step}");
            if (step == 0)
            {
                Close(Numbers(expected.GetProperty("logits")), Values(logits), "logits");
                foreach (var (parameterName, parameter) in model.named_parameters())
                {
                    var every = Math.Max(1, (int)parameter.numel() / 4);
                    Close(
                        Numbers(expected.GetProperty("gradients").GetProperty(parameterName)),
                        Values(parameter.grad!).Where((_, i) => i % every == 0).Take(4).ToArray(), parameterName);
                }
            }
            using var norm = Acceleration.ClipGradients([.. model.parameters()], 1);
            Close([expected.GetProperty("norms")[step].GetDouble()], [norm.to(ScalarType.Float32).item<float>()], $"norm {step}");
            optimizer.step();
        }
        foreach (var (parameterName, parameter) in model.named_parameters())
            Close(
                [expected.GetProperty("parameter_sums").GetProperty(parameterName).GetDouble()],
                [(float)Summed(parameterName, Values(parameter)).Sum(v => (double)v)], "sum of " + parameterName);
    }

    /// <summary>The formula that the script states.</summary>
    internal static void SetParameters(nn.Module model)
    {
        foreach (var (j, (name, parameter)) in model.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal).Index())
        {
            var shift = name.Contains("ln_", StringComparison.Ordinal) && name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0;
            InitialValues.Set(parameter, Enumerable.Range(0, (int)parameter.numel()).Select(i => (float)((0.3 * Math.Sin((1.7 * i) + (0.9 * j))) + shift)).ToArray());
        }
    }

    // The keys' biases move all scores of a query alike, so they have no gradient, and Adam makes steps of what rounding leaves.
    private static IEnumerable<float> Summed(string name, float[] values) =>
        name.EndsWith("c_attn.bias", StringComparison.Ordinal) ? values.Where((_, i) => i < values.Length / 3 || i >= 2 * values.Length / 3) : values;

    private static Tensor Text(int from) =>
        tensor([.. Enumerable.Range(0, Pieces).SelectMany(b => Enumerable.Range(from, Length).Select(t => (long)(((3 * t) + (5 * b) + (t * b % 4)) % 7)))], [Pieces, Length]);

    private static double[] Numbers(JsonElement array) => array.EnumerateArray().Select(e => e.GetDouble()).ToArray();

    private static float[] Values(Tensor tensor) => tensor.detach().contiguous().data<float>().ToArray();

    private static void Close(double[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= Tolerance * (1 + Math.Abs(expected[i])), $"{what}[{i}]: PyTorch has {expected[i]}, here is {actual[i]}.");
    }
}
