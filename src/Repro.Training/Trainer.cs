using Repro.Studies;
using Repro.Training.Checkpoints;
using Repro.Training.Loop;
using static TorchSharp.torch;

namespace Repro.Training;

/// <summary>Executes a run: trains, evaluates, writes checkpoints, and reports to a sink.</summary>
public static class Trainer
{
    /// <summary>
    /// Trains to the end, or goes on from a checkpoint, with the same bits where what computes is the same: whoever records attempts compares that. A loss
    /// that is no number any more and a checkpoint that cannot be written end the run as failed; every other exception of the experiment or the engine
    /// passes through.
    /// </summary>
    /// <param name="resumeFrom">Checkpoint files that were recorded, newest first; the first one that is whole is taken. Empty starts anew.</param>
    /// <param name="stop">Ends the run at the next step with a checkpoint, in state Paused.</param>
    /// <exception cref="SealedTestException">The experiment asked for test while it is sealed.</exception>
    /// <exception cref="BadInputException">The checkpoint belongs to another run, or was trained on other data.</exception>
    /// <exception cref="MissingComponentException">The device or a data set is not there.</exception>
    public static RunOutcome Run(
        Experiment experiment, object options, RunContext context, IRunSink sink, IReadOnlyList<string> resumeFrom, CancellationToken stop)
    {
        var conditions = RunConditions.Describe(experiment, options, context);
        var device = Devices.Select(context.Device);
        set_num_threads(context.Threads);
        Acceleration.RepeatBits();
        var checkpoint = Checkpoint.FirstWhole(resumeFrom, sink.Message)?.Checkpoint;
        if (checkpoint is not null) RunConditions.RequireSameRun(checkpoint, conditions);
        else if (resumeFrom.Count > 0) sink.Message("No checkpoint is whole: the run begins anew.");
        context = context with { Data = RunConditions.Watch(context.Data, conditions, checkpoint, sink.Message) with { TestIsSealed = context.TestIsSealed } };
        EngineGenerator.SeedInitialization(context.Seed);
        using var task = experiment.CreateTask(options, context);
        using var state = new LoopState(task, device);
        if (checkpoint is not null) state.Load(checkpoint);
        var checkpoints = context.Folder.Length > 0 ? new CheckpointWriter(context.Folder, sink, context.KeepsEveryCheckpoint) { LastStep = checkpoint?.Step } : null;
        using var loop = new RunLoop(task, state, device, context, sink, checkpoints, conditions);
        return loop.Run(stop);
    }
}
