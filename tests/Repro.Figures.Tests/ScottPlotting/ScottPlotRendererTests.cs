#if SCOTTPLOT
using Repro.Figures.ScottPlotting;

namespace Repro.Figures.Tests.ScottPlotting;

public sealed class ScottPlotRendererTests : FigureRendererContract
{
    protected override IFigureRenderer Renderer() => new ScottPlotRenderer();
}
#endif
