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
        var expected = PyTorchReference.Read("Transformer", "gpt-reference.json").GetProperty(name);
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
            PyTorchReference.Close(expected.GetProperty("losses")[step], loss, $"loss {step}");
            if (step == 0)
            {
                PyTorchReference.Close(expected.GetProperty("logits"), logits, "logits");
                foreach (var (parameterName, parameter) in model.named_parameters())
                    PyTorchReference.CloseNumbers(expected.GetProperty("gradients").GetProperty(parameterName), PyTorchReference.SomeOfGradient(parameter), parameterName);
            }
            using var norm = Acceleration.ClipGradients([.. model.parameters()], 1);
            PyTorchReference.CloseNumbers(expected.GetProperty("norms")[step], PyTorchReference.Values(norm), $"norm {step}");
            optimizer.step();
        }
        foreach (var (parameterName, parameter) in model.named_parameters())
            PyTorchReference.CloseNumbers(expected.GetProperty("parameter_sums").GetProperty(parameterName), [Summed(parameterName, PyTorchReference.Values(parameter)).Sum()], "sum of " + parameterName);
    }

    /// <summary>The formula that the script states.</summary>
    internal static void SetParameters(nn.Module model) => PyTorchReference.SetParameters(model, 0.3, gains: "ln_");

    // The keys' biases move all scores of a query alike, so they have no gradient, and Adam makes steps of what rounding leaves.
    private static IEnumerable<double> Summed(string name, double[] values) =>
        name.EndsWith("c_attn.bias", StringComparison.Ordinal) ? values.Where((_, i) => i < values.Length / 3 || i >= 2 * values.Length / 3) : values;

    private static Tensor Text(int from) =>
        tensor([.. Enumerable.Range(0, Pieces).SelectMany(b => Enumerable.Range(from, Length).Select(t => (long)(((3 * t) + (5 * b) + (t * b % 4)) % 7)))], [Pieces, Length]);
}
