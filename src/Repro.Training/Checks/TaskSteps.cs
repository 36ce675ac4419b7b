using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Checks;

/// <summary>The first steps of a run, without what surrounds them: no evaluation, no average of the parameters, no checkpoint.</summary>
internal static class TaskSteps
{
    /// <param name="task">Fresh.</param>
    public static void Take(TrainingTask task, ulong seed, long steps, TimeProvider time, CancellationToken stop)
    {
        using var feed = task.OpenFeed(0, time);
        var history = new MetricHistory();
        task.Model.train();
        for (var step = 0L; step < steps; step++)
        {
            stop.ThrowIfCancellationRequested();
            EngineGenerator.SeedStep(seed, step);
            using var scope = NewDisposeScope();
            task.SetLearningRate(task.LearningRate(step, history));
            task.Model.zero_grad();
            for (var part = 0; part < task.PartsPerStep; part++)
            {
                var loss = feed.Forward().Loss;
                (task.PartsPerStep == 1 ? loss : loss / task.PartsPerStep).backward();
            }
            if (task.ClipGradientNorm is { } longest) Acceleration.ClipGradients([.. task.Model.parameters()], longest);
            task.UpdateParameters();
        }
    }
}
