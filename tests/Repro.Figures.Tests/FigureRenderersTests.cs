using Repro.Figures.Gnuplot;

namespace Repro.Figures.Tests;

public sealed class FigureRenderersTests
{
#if SCOTTPLOT
    [SkippableFact]
    public void ScottPlot_is_chosen_where_it_was_built_in_and_loads()
    {
        Skip.If(Repro.Figures.ScottPlotting.ScottPlotRenderer.Find() is null, "ScottPlot's native library libSkiaSharp does not load here.");
        Assert.StartsWith("ScottPlot 5", FigureRenderers.Best("/nonexistent").Name, StringComparison.Ordinal);
    }
#else
    [Fact]
    public void Where_nothing_draws_the_error_says_what_to_install()
    {
        var error = Assert.Throws<FigureException>(() => FigureRenderers.Best("/nonexistent"));
        Assert.Contains("apt-get install gnuplot-nox", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Gnuplot_is_chosen_where_it_is_installed()
    {
        Skip.If(GnuplotRenderer.Find() is null, "gnuplot is not installed (apt-get install gnuplot-nox).");
        Assert.StartsWith("gnuplot ", FigureRenderers.Best().Name, StringComparison.Ordinal);
    }
#endif
}
