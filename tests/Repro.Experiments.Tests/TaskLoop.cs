using Repro.Training;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests;

/// <summary>The plainest loop over a task: no checkpoints, no evaluations, the training metrics of every step in the history.</summary>
internal static class TaskLoop
{
    /// <summary>Loss of each step.</summary>
    public static List<double> Train<TBatch>(TrainingTask<TBatch> task, long steps)
    {
        var (losses, history) = (new List<double>(), new MetricHistory());
        task.Model.train();
        for (var step = 0L; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            task.SetLearningRate(task.LearningRate(step, history));
            foreach (var optimizer in task.Optimizers) optimizer.zero_grad();
            var batch = task.Prepare(step, 0);
            var result = task.Forward(batch);
            (batch as IDisposable)?.Dispose();
            result.Loss.backward();
            foreach (var optimizer in task.Optimizers) optimizer.step();
            losses.Add(result.Loss.item<float>());
            foreach (var (name, value) in result.Reports) history.Add(new("train_" + name, step + 1, value.item<float>(), 0));
        }
        return losses;
    }

    /// <summary>Metrics of a split in evaluation mode.</summary>
    public static IReadOnlyDictionary<string, double> Evaluate(TrainingTask task, string split)
    {
        task.Model.eval();
        using var without = no_grad();
        using var scope = NewDisposeScope();
        return task.Evaluate(split, keepPredictions: false).Metrics;
    }
}
