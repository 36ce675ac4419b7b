using Repro.Training;

namespace Repro.Experiments;

/// <summary>The experiments there are: one line each.</summary>
public static class Catalog
{
    /// <summary>In the order in which they are listed.</summary>
    public static IReadOnlyList<Experiment> All { get; } =
    [
        new ResNet.ResNetExperiment(),
        new Airbench.AirbenchExperiment(),
        new LeNet.LeNetExperiment(),
        new Transformer.TransformerExperiment(),
        new Lstm.LstmExperiment(),
        new Transformer.GptExperiment(),
        new Ddpm.DdpmExperiment(),
        new TimeSeriesDiffusion.NsDiffExperiment(),
    ];
}
