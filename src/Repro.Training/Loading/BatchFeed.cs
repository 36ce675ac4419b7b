namespace Repro.Training.Loading;

/// <summary>A task's batches in the order of training, without their type: what the loop sees of the loader.</summary>
internal abstract class BatchFeed : IDisposable
{
    /// <summary>Time spent waiting for batches.</summary>
    public abstract TimeSpan Waited { get; }

    /// <summary>Takes the next part of a batch and runs the forward pass on it.</summary>
    public abstract StepResult Forward();

    public abstract void Dispose();
}

internal sealed class BatchFeed<TBatch>(TrainingTask<TBatch> task, long firstStep, int ahead, int threads, TimeProvider time) : BatchFeed
{
    private readonly Prefetcher<TBatch> _prefetcher = new(
        index => task.Prepare(index / task.PartsPerStep, (int)(index % task.PartsPerStep)),
        firstStep * task.PartsPerStep, task.Steps * task.PartsPerStep, ahead, threads, time);

    // Kept until the next one is taken: the backward pass may still read the arrays.
    private IDisposable? _present;

    public override TimeSpan Waited => _prefetcher.Waited;

    public override StepResult Forward()
    {
        _present?.Dispose();
        var batch = _prefetcher.Take();
        _present = batch as IDisposable;
        return task.Forward(batch);
    }

    public override void Dispose()
    {
        _prefetcher.Dispose();
        _present?.Dispose();
        _present = null;
    }
}
