using Repro.Training;
using Repro.Training.Datasets.Batches;
using Repro.Training.Metrics;
using static TorchSharp.torch;

namespace Repro.Experiments.Images;

/// <summary>Runs a classifier over a whole part of the images, none of them changed, and scores it by <see cref="ClassifierTally"/>.</summary>
internal static class ImageEvaluation
{
    private const int BatchSize = 500;

    /// <summary>Points of the validation curve of a run that ends within its first epoch: 10, so that a pruner has something to see.</summary>
    private const int PointsWithinAnEpoch = 10;

    /// <summary>Steps between evaluations while training: an epoch, or a tenth of a run that is no longer than one.</summary>
    public static long Every(long steps, long stepsPerEpoch) => steps > stepsPerEpoch ? stepsPerEpoch : Math.Max(1, steps / PointsWithinAnEpoch);

    /// <summary><c>error</c> in percent and <c>loss</c> in nats, each the mean over the examples.</summary>
    /// <param name="logits">Images to logits, examples x classes.</param>
    /// <param name="split">As in <see cref="ImageParts.Evaluated"/>.</param>
    public static Evaluation Evaluate(ImageParts parts, string split, Func<Tensor, Tensor> logits, Device device, bool keepPredictions)
    {
        var (source, examples) = parts.Evaluated(split);
        var tally = new ClassifierTally(split, parts.Classes, keepPredictions);
        var pool = new BatchPool(ImageBatches.InOrder(source, examples, BatchSize));
        for (int step = 0, done = 0; done < examples.Length; step++)
        {
            using var scope = NewDisposeScope();
            using var batch = pool.Fill(step);
            var (images, labels) = batch.To(device);
            tally.Add(logits(images), labels, examples.AsSpan(done, batch.Labels.Length));
            done += batch.Labels.Length;
        }
        return tally.Result();
    }
}
