namespace Repro.Training.Tests;

/// <summary>Tests that use the engine run one after another: its generators, its thread count and its anomaly mode belong to the process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EngineTests
{
    public const string Name = "engine";
}
