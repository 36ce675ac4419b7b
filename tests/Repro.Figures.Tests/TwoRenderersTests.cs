using Repro.Figures.Gnuplot;
using Repro.Figures.Tests.ScottPlotting;

namespace Repro.Figures.Tests;

/// <summary>One figure drawn by both renderers, compared with each other. Each is compared with the layout by <see cref="FigureRendererContract"/>, also where it is alone.</summary>
public sealed class TwoRenderersTests
{
    [SkippableFact]
    public void Both_write_the_same_words_at_the_same_places_and_put_the_same_points_there()
    {
        var (gnuplot, scottPlot) = (GnuplotRenderer.Find(), ScottPlotHere.Renderer());
        Skip.If(gnuplot is null, "gnuplot is not installed (apt-get install gnuplot-nox).");
        var folder = Directory.CreateTempSubdirectory("repro-figures-").FullName;
        try
        {
            foreach (var figure in ExampleFigures.WithAxes())
            {
                var one = SvgDrawing.Read(gnuplot!.Render(figure, Path.Combine(folder, "gnuplot"), FigureFormat.Svg)[0]);
                var other = SvgDrawing.Read(scottPlot.Render(figure, Path.Combine(folder, "scottplot"), FigureFormat.Svg)[0]);
                Assert.Equal(one.Texts.Select(text => text.Text).Order(StringComparer.Ordinal), other.Texts.Select(text => text.Text).Order(StringComparer.Ordinal));
                Assert.All(one.Texts, text => Assert.Contains(other.Texts, twin => twin.Text == text.Text && Math.Abs(twin.X - text.X) < 4 && Math.Abs(twin.Y - text.Y) < 4));
                Assert.All(one.Shapes, shape => Assert.Contains(other.Shapes, twin => Math.Abs(twin.X - shape.X) < 1 && Math.Abs(twin.Y - shape.Y) < 1));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
