using Repro.Benchmarks.Engine;
using Repro.Training;
using Repro.Training.Loading;
using Repro.Training.Loop;

namespace Repro.Benchmarks.Experiments;

/// <summary>A step of an experiment's own task, whole, as a run takes it: batches from the loader's thread, gradients, clipping, update, moving average.</summary>
internal sealed class TaskStep : IWorkload
{
    private readonly TrainingTask _task;
    private readonly BatchFeed _feed;
    private readonly TrainingStep _step;
    private readonly MovingAverage? _average;
    private readonly MetricHistory _history = new();
    private long _number;

    /// <param name="task">Disposed of with this.</param>
    public TaskStep(TrainingTask task)
    {
        _task = task;
        _task.Model.train();
        _feed = task.OpenFeed(0, TimeProvider.System);
        _step = new TrainingStep(task, _feed, seed: 0);
        _average = task.EmaDecay is { } decay ? new MovingAverage(task.Model, decay) : null;
    }

    public long Parameters => _task.Model.parameters().Sum(parameter => parameter.numel());

    public void Step()
    {
        _step.Take(_number++, _history);
        _average?.Update();
    }

    public void Dispose()
    {
        _feed.Dispose();
        _average?.Dispose();
        _task.Dispose();
    }
}
