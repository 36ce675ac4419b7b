using Repro.Training.Metrics;
using static TorchSharp.torch;

namespace Repro.Training.Tests.Metrics;

[Collection(EngineTests.Name)]
public class ClassificationTests
{
    // Softmax of (0, ln 3) is (1/4, 3/4).
    private static readonly float[] Logits = [0, MathF.Log(3), MathF.Log(3), 0, 0, MathF.Log(3), 0, MathF.Log(3)];
    private static readonly long[] Labels = [1, 1, 0, 1];
    private static readonly int[] Examples = [7, 3, 9, 1];

    [Fact]
    public void The_error_is_the_share_of_wrong_examples_in_percent()
    {
        using var logits = tensor(Logits, [4, 2]);
        using var labels = tensor(Labels);
        using var error = Classification.ErrorPercent(logits, labels);
        Assert.Equal(50, error.item<float>());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_split_is_scored_alike_whatever_the_size_of_the_batches(int batch)
    {
        var tally = new ClassifierTally("test", ["a", "b"], keepPredictions: true);
        for (var i = 0; i < 4; i += batch)
        {
            var size = Math.Min(batch, 4 - i);
            using var logits = tensor(Logits[(2 * i)..(2 * (i + size))], [size, 2]);
            using var labels = tensor(Labels[i..(i + size)]);
            tally.Add(logits, labels, Examples.AsSpan(i, size));
        }
        var result = tally.Result();
        // Right: -ln 3/4, twice; wrong: -ln 1/4, twice.
        Assert.Equal((-Math.Log(0.75) - Math.Log(0.25)) / 2, result.Metrics["loss"], 6);
        Assert.Equal(50, result.Metrics["error"]);
        Assert.Equal(Examples, result.Predictions!.Examples);
        Assert.Equal([1, 1, 0, 1], result.Predictions.Labels);
        Assert.Equal(["a", "b"], result.Predictions.Classes);
        var expected = new[] { 0.25, 0.75, 0.75, 0.25, 0.25, 0.75, 0.25, 0.75 };
        Assert.Equal(expected, result.Predictions.LogProbabilities.Select(value => Math.Exp(value)), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Predictions_are_kept_only_where_asked_for()
    {
        using var logits = tensor(Logits, [4, 2]);
        using var labels = tensor(Labels);
        var tally = new ClassifierTally("test", ["a", "b"], keepPredictions: false);
        tally.Add(logits, labels, Examples);
        Assert.Null(tally.Result().Predictions);
    }

    [Fact]
    public void A_split_without_examples_has_no_score() =>
        Assert.Contains("'test'", Assert.Throws<InvalidOperationException>(() => new ClassifierTally("test", [], false).Result()).Message);
}
