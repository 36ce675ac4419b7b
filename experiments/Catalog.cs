using Repro.Experiments.Airbench;
using Repro.Experiments.LeNet;
using Repro.Experiments.ResNet;
using Repro.Training;

namespace Repro.Experiments;

/// <summary>The experiments there are: one line each.</summary>
public static class Catalog
{
    /// <summary>In the order in which they are listed.</summary>
    public static IReadOnlyList<Experiment> All { get; } =
    [
        new ResNetExperiment(),
        new AirbenchExperiment(),
        new LeNetExperiment(),
    ];
}
