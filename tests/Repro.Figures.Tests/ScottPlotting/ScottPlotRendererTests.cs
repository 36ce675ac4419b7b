namespace Repro.Figures.Tests.ScottPlotting;

public sealed class ScottPlotRendererTests : FigureRendererContract
{
    protected override IFigureRenderer Renderer() => ScottPlotHere.Renderer();
}

internal static class ScottPlotHere
{
    /// <summary>ScottPlot, or a skip that says why it does not draw here.</summary>
    public static IFigureRenderer Renderer()
    {
#if SCOTTPLOT
        var renderer = Repro.Figures.ScottPlotting.ScottPlotRenderer.Find();
        Skip.If(renderer is null, "ScottPlot was built in, but its native library libSkiaSharp does not load here.");
        return renderer!;
#else
        throw new SkipException("This build has no ScottPlot: no feed gave the package when ./setup looked (see docs/figures.md).");
#endif
    }
}
