using Repro.Studies.Randomness;
using static TorchSharp.torch;

namespace Repro.Training;

/// <summary>
/// Seeds the engine's own generators (dropout, initial parameters) from (seed, purpose, step), so that what they draw at a step never depends
/// on what was drawn before it.
/// </summary>
public static class EngineGenerator
{
    /// <summary>Before a model is built. The loop does this before <see cref="Experiment.CreateTask"/>.</summary>
    /// <param name="model">Number of the model among those built from one seed.</param>
    public static void SeedInitialization(ulong seed, long model = 0) => Seed(new Philox(seed, RandomPurpose.Initialization, model));

    /// <summary>Before each training step.</summary>
    public static void SeedStep(ulong seed, long step) => Seed(new Philox(seed, RandomPurpose.Engine, step));

    /// <summary>Before each evaluation after so many steps; apart from the numbers of any step.</summary>
    public static void SeedEvaluation(ulong seed, long step) => Seed(new Philox(seed, RandomPurpose.Engine, ~step));

    private static void Seed(Philox numbers) => manual_seed((long)(numbers.NextUInt64() >> 1));
}
