using Repro.Figures;
namespace Repro.Reports.Figures;
public static class HyperparameterImportance
{
    public static FigureOrReason Of(SearchedTrials trials, string sampler, string pruner) => FigureOrReason.Because("x");
}
