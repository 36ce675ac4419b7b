namespace Repro.Experiments.Tests;

/// <summary>Tests whose results depend on what the engine's generator draws (dropout): there is one a process, so that nothing else may run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneGenerator
{
    public const string Name = "the engine's generator";
}
