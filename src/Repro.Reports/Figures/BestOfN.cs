using Repro.Figures;
namespace Repro.Reports.Figures;
public static class BestOfN
{
    public static FigureOrReason Of(SearchedTrials trials, string sampler, string pruner, PaperValue? paper = null) => FigureOrReason.Because("x");
}
