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

    private static readonly LstmOptions Options = new()
    {
        Layers = 2, Hidden = 5, BatchSize = 3, Unroll = 4, Epochs = 2, DecayAfter = 0, Decay = 2, LearningRate = 1, Clip = 0.8, Evaluate = "validation",
    };

    [Fact]
    public void Losses_gradients_and_five_steps_over_two_epochs_agree_with_PyTorch()
    {
        var expected = PyTorchReference.Read("Lstm", "lstm-reference.json");
        var words = new WordVocabulary(Enumerable.Range(0, Words).Select(word => $"{word}"));
        using var task = new LstmTask(Options, new RunContext(), new LstmText(words, Text(40), Text(23), () => Text(23)));
        PyTorchReference.SetParameters(task.Model, 0.4);
        using var feed = task.OpenFeed(0, TimeProvider.System);
        var (losses, norms, gradients) = (new List<double>(), new List<double>(), new Dictionary<string, double[]>());
        var step = new TrainingStep(task, feed, seed: 0)
        {
            Seen = result => losses.Add(result.Loss.item<float>()),
            Accumulated = () =>
            {
                if (gradients.Count > 0) return;
                foreach (var (name, parameter) in task.Model.named_parameters())
                    gradients[name] = PyTorchReference.SomeOfGradient(parameter);
            },
            Clipped = norm => norms.Add(norm.to(ScalarType.Float64).item<double>()),
        };
        task.Model.train();
        var history = new MetricHistory();
        for (var number = 0; number < 5; number++) step.Take(number, history);

        PyTorchReference.CloseNumbers(expected.GetProperty("losses"), losses, "losses");
        PyTorchReference.CloseNumbers(expected.GetProperty("norms"), norms, "norms");
        foreach (var gradient in expected.GetProperty("gradients").EnumerateObject()) PyTorchReference.CloseNumbers(gradient.Value, gradients[gradient.Name], "gradient of " + gradient.Name);
        foreach (var (name, parameter) in task.Model.named_parameters())
            PyTorchReference.CloseNumbers(expected.GetProperty("parameter_sums").GetProperty(name), [PyTorchReference.Values(parameter).Sum()], "sum of " + name);
        // A test text is one stream.
        PyTorchReference.CloseNumbers(expected.GetProperty("held_out_loss"), [TaskLoop.Evaluate(task, Splits.Test)["loss"]], "loss of the held-out text");
    }

    /// <summary>The formula that the script states.</summary>
    private static int[] Text(int length) => [.. Enumerable.Range(0, length).Select(i => ((i * i) + (3 * i) + (i / 5)) % Words)];
}
