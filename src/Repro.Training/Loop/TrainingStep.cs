using Repro.Training.Loading;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Training.Loop;

/// <summary>
/// One optimizer step of a task, the same wherever steps are taken: seed of the engine, learning rate, gradients of every part of the batch, clipping,
/// update. Who takes steps looks in by the callbacks; none of them changes what a step does.
/// </summary>
internal sealed class TrainingStep(TrainingTask task, BatchFeed feed, ulong seed)
{
    private readonly List<Parameter> _parameters = [.. task.Model.parameters()];

    /// <summary>Called with what each part's forward pass gave, before its backward pass; the tensors are gone after that.</summary>
    public Action<StepResult>? Seen { get; init; }

    /// <summary>Runs the backward pass of a part's loss, which counts for its share of the step.</summary>
    public Action<Tensor> Backward { get; init; } = loss => loss.backward();

    /// <summary>Called when the gradients of all parts are there and none is clipped.</summary>
    public Action? Accumulated { get; init; }

    /// <summary>Called with the norm of all gradients before they were clipped, where the task clips.</summary>
    public Action<Tensor>? Clipped { get; init; }

    /// <summary>Takes how long each part of a step took.</summary>
    public RunTrace? Trace { get; init; }

    /// <summary>The learning rate of the newest step; NaN before the first.</summary>
    public double LearningRate { get; private set; } = double.NaN;

    /// <param name="number">Of the step, from 0; the feed is at its first part.</param>
    public void Take(long number, MetricHistory history)
    {
        EngineGenerator.SeedStep(seed, number);
        LearningRate = task.LearningRate(number, history);
        task.SetLearningRate(LearningRate);
        task.Model.zero_grad();
        for (var part = 0; part < task.PartsPerStep; part++) AddGradients();
        Accumulated?.Invoke();
        if (task.ClipGradientNorm is { } longest)
        {
            using var norm = Acceleration.ClipGradients(_parameters, longest);
            Clipped?.Invoke(norm);
        }
        using var span = Trace?.Measure("update");
        task.UpdateParameters();
    }

    private void AddGradients()
    {
        using var scope = NewDisposeScope();
        var forward = Trace?.Measure("batch and forward");
        var result = feed.Forward();
        forward?.Dispose();
        Seen?.Invoke(result);
        using var backward = Trace?.Measure("backward");
        var objective = result.Objective ?? result.Loss;
        Backward(task.PartsPerStep == 1 ? objective : objective / task.PartsPerStep);
    }
}
