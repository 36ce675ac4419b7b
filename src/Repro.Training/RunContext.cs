using Repro.Training.Datasets;
using Repro.Training.Loop;

namespace Repro.Training;

/// <summary>Where and under what conditions a run executes: everything that is not an option of the experiment.</summary>
public sealed record RunContext
{
    /// <summary>Everything random derives from it.</summary>
    public ulong Seed { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads inside one operator; part of the conditions under which bits are promised.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Finds data sets.</summary>
    public DataFolders Data { get; init; } = DataFolders.FromEnvironment(null);

    /// <summary>
    /// Told of what an evaluation measures with, where that was made on this machine and may differ on another: a run records it beside its data sets, as no data set, and runs that were measured otherwise
    /// are not judged together.
    /// </summary>
    public Action<Yardstick>? MeasuredWith { get; init; }

    /// <summary>The attempt's folder, where checkpoints are written (<c>run/attempt-n</c>). Empty: none are written.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Time between checkpoints; a checkpoint is also written at the end and on a request to stop.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Test is neither evaluated nor read, and the scores have none of it: a run of a search. The final evaluation leaves it out; a task that wants its
    /// curve while training, or reads its images, gets a <see cref="SealedTestException"/>.
    /// </summary>
    public bool TestIsSealed { get; init; }

    /// <summary>
    /// Test is evaluated with the trained result, whatever the task's options say: a chosen configuration that is confirmed. Trials of a search have options that leave it out.
    /// </summary>
    public bool EvaluatesTest { get; init; }

    /// <summary>Removes no checkpoint: whoever records them does, when a newer one is recorded.</summary>
    public bool KeepsEveryCheckpoint { get; init; }

    /// <summary>Records the norm of every layer's activations and gradients.</summary>
    public bool Inspect { get; init; }

    /// <summary>Finds the operator where a NaN was born; several times slower.</summary>
    public bool DetectAnomaly { get; init; }

    /// <summary>Takes how long the parts of every step took; null measures nothing.</summary>
    public RunTrace? Trace { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>What an evaluation measures with.</summary>
/// <param name="Name">In capitals, which no data set's name has: <c>DIGITS-CNN-64</c>.</param>
/// <param name="Identity">Equal where it measures alike, such as a hash of its weights.</param>
/// <param name="Examples">It was made from.</param>
public sealed record Yardstick(string Name, string Identity, int Examples);
