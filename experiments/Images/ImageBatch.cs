using System.Collections.Concurrent;
using Repro.Training.Datasets.Batches;
using static TorchSharp.torch;

namespace Repro.Experiments.Images;

/// <summary>Images and classes of one step in main memory; disposing it gives the arrays back to the pool it came from.</summary>
internal sealed class ImageBatch(BatchPool pool, float[] pixels, long[] labels) : IDisposable
{
    internal float[] Pixels { get; } = pixels;

    internal long[] Labels { get; } = labels;

    /// <summary>The batch on a device: [N, channels, height, width] and [N].</summary>
    public (Tensor Images, Tensor Labels) To(Device device)
    {
        var shape = pool.Shape;
        return (tensor(Pixels, [Labels.Length, shape.Channels, shape.Height, shape.Width], device: device), tensor(Labels, [Labels.Length], device: device));
    }

    public void Dispose() => pool.Return(this);
}

/// <summary>Fills batches of one size, in arrays that are used again. From any thread.</summary>
internal sealed class BatchPool(ImageBatches batches)
{
    // No bag: it keeps what it has by thread, and batches that know their pool would hold it for as long as the thread lives.
    private readonly ConcurrentQueue<ImageBatch> _free = [];

    public Training.Datasets.ImageShape Shape => batches.Shape;

    /// <summary>The batch of a step.</summary>
    public ImageBatch Fill(long step)
    {
        var size = batches.Size(step);
        if (!_free.TryDequeue(out var batch) || batch.Labels.Length != size) batch = new ImageBatch(this, new float[size * Shape.Size], new long[size]);
        batches.Fill(step, batch.Pixels, batch.Labels);
        return batch;
    }

    internal void Return(ImageBatch batch) => _free.Enqueue(batch);
}
