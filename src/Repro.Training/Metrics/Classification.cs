using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Metrics;

/// <summary>Metrics of classifiers.</summary>
public static class Classification
{
    /// <summary>Share of examples whose most probable class is wrong, in percent: a scalar on the logits' device, for <see cref="StepResult.Reports"/>.</summary>
    /// <param name="logits">Examples x classes.</param>
    /// <param name="labels">Class numbers, int64: [examples].</param>
    public static Tensor ErrorPercent(Tensor logits, Tensor labels)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        return (logits.argmax(1).ne(labels).to(ScalarType.Float32).mean() * 100).MoveToOuterDisposeScope();
    }
}

/// <summary>Evaluates a classifier over a split, batch by batch: mean cross-entropy (<c>loss</c>, nats) and <c>error</c> (percent).</summary>
/// <param name="classes">Names of the classes, in the order of the logits.</param>
/// <param name="keepPredictions">Keeps the log-probabilities of every example.</param>
public sealed class ClassifierTally(string split, IReadOnlyList<string> classes, bool keepPredictions)
{
    private readonly List<int> _examples = [], _labels = [];
    private readonly List<float> _logProbabilities = [];
    private double _loss;
    private long _wrong, _count;

    /// <summary>Adds a batch; waits for the device.</summary>
    /// <param name="logits">Examples x classes.</param>
    /// <param name="labels">Class numbers, int64: [examples].</param>
    /// <param name="examples">Position of each example in the data set's canonical order.</param>
    public void Add(Tensor logits, Tensor labels, ReadOnlySpan<int> examples)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var logProbabilities = logits.to(ScalarType.Float32).log_softmax(1);
        _loss -= (double)logProbabilities.gather(1, labels.unsqueeze(1)).to(ScalarType.Float64).sum();
        _wrong += (long)logits.argmax(1).ne(labels).sum();
        _count += examples.Length;
        if (!keepPredictions) return;
        _examples.AddRange(examples);
        foreach (var label in labels.cpu().data<long>()) _labels.Add((int)label);
        _logProbabilities.AddRange(logProbabilities.cpu().contiguous().data<float>().ToArray());
    }

    /// <summary>The split's metrics and, where wanted, predictions.</summary>
    /// <exception cref="InvalidOperationException">No example was added.</exception>
    public Evaluation Result()
    {
        if (_count == 0) throw new InvalidOperationException($"The split '{split}' has no examples to evaluate.");
        var metrics = new Dictionary<string, double> { ["loss"] = _loss / _count, ["error"] = 100.0 * _wrong / _count };
        return new Evaluation(metrics, keepPredictions ? new PredictionSet(split, 0, [.. _examples], [.. _labels], classes, [.. _logProbabilities]) : null);
    }
}
