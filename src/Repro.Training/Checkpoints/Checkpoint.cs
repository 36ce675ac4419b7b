using static TorchSharp.torch;

namespace Repro.Training.Checkpoints;

/// <summary>
/// The whole resumable state of a run at a step, as one safetensors file whose last tensor, <c>__sha256__</c>, is the SHA-256 of every byte before it.
/// </summary>
public sealed class Checkpoint
{
    /// <summary>Reads and verifies a whole checkpoint.</summary>
    /// <exception cref="Repro.Studies.BadInputException">The file is not there, truncated, corrupt, or of another format version.</exception>
    public static Checkpoint Read(string file) => throw new NotSupportedException(file);

    /// <summary>Optimizer steps in it.</summary>
    public long Step { get; private init; }

    /// <summary>The run's seed.</summary>
    public ulong Seed { get; private init; }

    /// <summary>
    /// Puts the run's result into a model of the same options: the best parameters on validation where the task selects, otherwise the moving
    /// average where it keeps one, otherwise the last iterate; buffers included.
    /// </summary>
    /// <exception cref="Repro.Studies.BadInputException">Names or shapes differ from the model's.</exception>
    public void LoadResult(nn.Module model) => throw new NotSupportedException(model.ToString());
}
