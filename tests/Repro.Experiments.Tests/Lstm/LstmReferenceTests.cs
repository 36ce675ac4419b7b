using System.Text.Json;
using Repro.Experiments.Lstm;
using Repro.Training;
using Repro.Training.Loop;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Lstm;

/// <summary>
/// A short training beside PyTorch's, computed in float64 by <c>tests/peers/lstm_reference.py</c> from the same parameters and the same text, and kept in
/// <c>lstm-reference.json</c>: streams, carried states, the summed gradient, its cut, the rate of each epoch.
/// </summary>
public sealed class LstmReferenceTests
{
    private const int Words = 11;
    private const double Tolerance = 2e-4;

    private static readonly LstmOptions Options = new()
    {
        Layers = 2, Hidden = 5, BatchSize = 3, Unroll = 4, Epochs = 2, DecayAfter = 0, Decay = 2, LearningRate = 1, Clip = 0.8, Evaluate = "validation",
    };

    [Fact]
    public void Losses_gradients_and_five_steps_over_two_epochs_agree_with_PyTorch()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Lstm", "lstm-reference.json")));
        var expected = file.RootElement;
        var words = new WordVocabulary(Enumerable.Range(0, Words).Select(word => $"{word}"));
        using var task = new LstmTask(Options, new RunContext(), new LstmText(words, Text(40), Text(23), () => Text(23)));
        SetParameters(task.Model);
        using var feed = task.OpenFeed(0, TimeProvider.System);
        var (losses, norms, gradients) = (new List<double>(), new List<double>(), new Dictionary<string, double[]>());
        var step = new TrainingStep(task, feed, seed: 0)
        {
            Seen = result => losses.Add(result.Loss.item<float>()),
            Accumulated = () =>
            {
                if (gradients.Count > 0) return;
                foreach (var (name, parameter) in task.Model.named_parameters())
                    gradients[name] = [.. Values(parameter.grad!).Where((_, i) => i % Math.Max(1, (int)parameter.numel() / 4) == 0).Take(4).Select(v => (double)v)];
            },
            Clipped = norm => norms.Add(norm.to(ScalarType.Float64).item<double>()),
        };
        task.Model.train();
        var history = new MetricHistory();
        for (var number = 0; number < 5; number++) step.Take(number, history);

        Close(Numbers(expected.GetProperty("losses")), losses, "losses");
        Close(Numbers(expected.GetProperty("norms")), norms, "norms");
        foreach (var gradient in expected.GetProperty("gradients").EnumerateObject()) Close(Numbers(gradient.Value), gradients[gradient.Name], "gradient of " + gradient.Name);
        foreach (var (name, parameter) in task.Model.named_parameters())
            Close([expected.GetProperty("parameter_sums").GetProperty(name).GetDouble()], [Values(parameter).Sum(v => (double)v)], "sum of " + name);
        // A test text is one stream.
        Close([expected.GetProperty("held_out_loss").GetDouble()], [TaskLoop.Evaluate(task, Splits.Test)["loss"]], "loss of the held-out text");
    }

    /// <summary>The formulas that the script states.</summary>
    private static int[] Text(int length) => [.. Enumerable.Range(0, length).Select(i => ((i * i) + (3 * i) + (i / 5)) % Words)];

    private static void SetParameters(nn.Module model)
    {
        var ordered = model.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal).ToList();
        for (var j = 0; j < ordered.Count; j++)
            InitialValues.Set(ordered[j].parameter, [.. Enumerable.Range(0, (int)ordered[j].parameter.numel()).Select(i => (float)(0.4 * Math.Sin((1.7 * i) + (0.9 * j))))]);
    }

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetDouble())];

    private static float[] Values(Tensor tensor) => tensor.detach().contiguous().data<float>().ToArray();

    private static void Close(double[] expected, IReadOnlyList<double> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Count);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= Tolerance * (0.1 + Math.Abs(expected[i])), $"{what}[{i}]: PyTorch has {expected[i]}, here is {actual[i]}.");
    }
}
