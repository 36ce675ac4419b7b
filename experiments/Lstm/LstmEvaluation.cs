using Repro.Training;
using static TorchSharp.torch;

namespace Repro.Experiments.Lstm;

/// <summary>What a model says of a whole text.</summary>
internal static class LstmEvaluation
{
    // Words at a time: enough for products of matrices, and logits of 10,000 words each in some 40 MB.
    private const int Piece = 1000;

    /// <summary>
    /// Pieces that the text of a split is cut into: test is one stream from its first word to its last; validation is cut like the training text, as the authors' code does.
    /// </summary>
    public static int Streams(LstmOptions options, string split) => split == Splits.Test ? 1 : options.BatchSize;

    /// <summary>Mean negative log-probability of every word but the first of each stream, in nats; states begin at zero and go on through the text.</summary>
    /// <param name="members">So many members of the ensemble are averaged, the first ones.</param>
    /// <param name="streams">Pieces that the text is cut into; the remainder, fewer words than that, is left out. 1 reads it from end to end.</param>
    public static double Loss(LstmEnsemble model, int members, int[] words, int streams, Device device, EvaluationWatch? watch = null)
    {
        using var text = LstmText.Streams(words, streams, device);
        using var reading = model.Read(members, streams);
        using var sum = zeros([], dtype: ScalarType.Float64, device: device);
        var (last, step) = (text.size(0) - 1, Math.Max(1, Piece / streams));
        for (var at = 0L; at < last; at += step)
        {
            watch?.Look((double)at / last);
            using var scope = NewDisposeScope();
            var length = Math.Min(step, last - at);
            sum.add_(reading.LogProbabilities(text.narrow(0, at, length), text.narrow(0, at + 1, length)).sum(ScalarType.Float64));
        }
        return -sum.item<double>() / (last * streams);
    }
}
