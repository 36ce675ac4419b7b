using Repro.Figures.Gnuplot;

namespace Repro.Figures;

/// <summary>Chooses what draws figures on this machine.</summary>
public static class FigureRenderers
{
    /// <summary>ScottPlot where it was built in and its native library loads, otherwise gnuplot.</summary>
    /// <param name="path">Where gnuplot is looked for; null is PATH.</param>
    /// <exception cref="FigureException">Neither is there; the message says what to install.</exception>
    public static IFigureRenderer Best(string? path = null) =>
#if SCOTTPLOT
        (IFigureRenderer?)ScottPlotting.ScottPlotRenderer.Find() ?? GnuplotRenderer.Find(path) ?? throw new FigureException(
            "Nothing here draws figures: ScottPlot's native library libSkiaSharp does not load, and gnuplot is not on the PATH. Install it with: apt-get install gnuplot-nox");
#else
        GnuplotRenderer.Find(path) ?? throw new FigureException(
            "Nothing here draws figures: this build has no ScottPlot, and gnuplot is not on the PATH. Install it with: apt-get install gnuplot-nox");
#endif
}
