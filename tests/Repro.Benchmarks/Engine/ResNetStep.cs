using Repro.Experiments.Images;
using Repro.Experiments.ResNet;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using Repro.Training.Loading;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Benchmarks.Engine;

/// <summary>ResNet-20, batch 128: the whole step as an experiment takes it, with images cropped and flipped by the loader's thread.</summary>
internal sealed class ResNetStep : IWorkload
{
    private const int Batch = 128;
    private static readonly ImageShape Shape = new(3, 32, 32);
    private readonly ResNetModel _model = Acceleration.ChannelsLast(Model());
    private readonly optim.Optimizer _optimizer;
    private readonly Prefetcher<ImageBatch> _batches;

    /// <summary>An image takes as many multiplications as the convolutions and the last layer of ResNet-20 have.</summary>
    public static Work Work => Work.Training(Batch * 40_551_040.0, 269_722, state: 1, first: Batch * 442_368.0);

    public ResNetStep()
    {
        _optimizer = optim.SGD(_model.parameters(), 0.1, 0.9, weight_decay: 1e-4);
        var source = ImageBatches.Shuffled(new RandomImages(Shape, 0.4734f, 0.2515f), [.. Enumerable.Range(0, RandomImages.Examples)], Batch, seed: 0, Augmentation.PadCropFlip);
        var pool = new BatchPool(source);
        _batches = new(pool.Fill, 0, long.MaxValue, ahead: 4, threads: 1, TimeProvider.System);
    }

    internal static ResNetModel Model() => new(n: 3, width: 16, ResNetKind.Residual, channels: 3, classes: 10, seed: 0, new InputScale(Shape, null));

    public void Step()
    {
        using var scope = NewDisposeScope();
        using var batch = _batches.Take();
        var (images, labels) = batch.To(CPU);
        _optimizer.zero_grad();
        functional.cross_entropy(_model.call(Acceleration.ImagesChannelsLast(images)), labels).backward();
        _optimizer.step();
    }

    public void Dispose()
    {
        _batches.Dispose();
        _optimizer.Dispose();
        _model.Dispose();
    }
}
