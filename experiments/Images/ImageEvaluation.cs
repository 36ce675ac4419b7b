using Repro.Training;
using Repro.Training.Datasets.Batches;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Images;

/// <summary>Loss, error and predictions of a classifier on a whole part of the images, none of them changed.</summary>
internal static class ImageEvaluation
{
    private const int BatchSize = 500;

    /// <summary><c>error</c> in percent and <c>loss</c> in nats, each the mean over the examples.</summary>
    /// <param name="logits">Images to logits, examples x classes.</param>
    /// <param name="split">As in <see cref="ImageParts.Evaluated"/>.</param>
    public static Evaluation Evaluate(ImageParts parts, string split, Func<Tensor, Tensor> logits, Device device, bool keepPredictions)
    {
        var (source, examples) = parts.Evaluated(split);
        var (classes, labels) = (parts.Classes.Count, examples.Select(source.Label).ToArray());
        var logProbabilities = new float[examples.Length * classes];
        var pool = new BatchPool(ImageBatches.InOrder(source, examples, BatchSize));
        for (int step = 0, done = 0; done < examples.Length; step++)
        {
            using var scope = NewDisposeScope();
            using var batch = pool.Fill(step);
            var (images, _) = batch.To(device);
            var values = functional.log_softmax(logits(images), 1).cpu().data<float>().ToArray();
            values.CopyTo(logProbabilities, done * classes);
            done += batch.Labels.Length;
        }
        var (loss, wrong) = (0.0, 0);
        for (var i = 0; i < labels.Length; i++)
        {
            var row = logProbabilities.AsSpan(i * classes, classes);
            loss -= row[labels[i]];
            if (Best(row) != labels[i]) wrong++;
        }
        var metrics = new Dictionary<string, double> { ["loss"] = loss / labels.Length, ["error"] = 100.0 * wrong / labels.Length };
        return new Evaluation(metrics, keepPredictions ? new PredictionSet(split, 0, examples, labels, parts.Classes, logProbabilities) : null);
    }

    /// <summary>Share of wrongly classified examples of a batch, in percent, as a scalar on the device.</summary>
    /// <param name="logits">Examples x classes.</param>
    public static Tensor Error(Tensor logits, Tensor labels)
    {
        using var scope = no_grad();
        return logits.argmax(1).ne(labels).to(ScalarType.Float32).mean().mul_(100);
    }

    // The first of equals; a row of NaN gives class 0.
    private static int Best(ReadOnlySpan<float> row)
    {
        var best = 0;
        for (var k = 1; k < row.Length; k++)
        {
            if (row[k] > row[best]) best = k;
        }
        return best;
    }
}
