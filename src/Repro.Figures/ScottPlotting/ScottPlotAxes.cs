#if SCOTTPLOT
using Repro.Figures.Layout;
using ScottPlot;

namespace Repro.Figures.ScottPlotting;

/// <summary>A figure's axes as a ScottPlot plot. ScottPlot's axes are linear, so logarithmic ones hold the logarithms to base 10.</summary>
internal static class ScottPlotAxes
{
    public static Plot Build(Figure figure, FigureLayout layout)
    {
        var plot = new Plot();
        plot.FigureBackground.Color = Color.FromHex(Palette.Paper);
        plot.Axes.Margins(0, 0);
        plot.Layout.Fixed(new PixelPadding((float)layout.Plot.Left, (float)(layout.Width - layout.Plot.Right), (float)(layout.Height - layout.Plot.Bottom), (float)layout.Plot.Top));
        var (bottom, top) = layout.Y.Reversed ? (layout.Y.Max, layout.Y.Min) : (layout.Y.Min, layout.Y.Max);
        plot.Axes.SetLimits(On(layout.X, layout.X.Min), On(layout.X, layout.X.Max), On(layout.Y, bottom), On(layout.Y, top));
        // Lines through the middles of cells would be taken for data.
        plot.Grid.IsVisible = !figure.Marks.Any(mark => mark is HeatMap);
        plot.Grid.MajorLineColor = Color.FromHex(Palette.Grid);
        plot.Grid.MajorLineWidth = 0.6f;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        Axis(plot.Axes.Bottom, layout.X);
        Axis(plot.Axes.Left, layout.Y);
        if (!figure.Frame) (plot.Axes.Bottom.FrameLineStyle.Width, plot.Axes.Left.FrameLineStyle.Width) = (0, 0);
        ScottPlotMarks.Draw(plot, figure, layout);
        return plot;
    }

    // The layout writes the labels; ScottPlot draws the ticks, longer ones where a label stands.
    private static void Axis(IAxis axis, AxisScale scale)
    {
        var ticks = scale.Ticks.Select(tick => tick.Label.Length > 0 ? ScottPlot.Tick.Major(On(scale, tick.Position), "") : ScottPlot.Tick.Minor(On(scale, tick.Position)));
        axis.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. ticks]);
        axis.FrameLineStyle.Width = 0.7f;
        axis.FrameLineStyle.Color = Color.FromHex(Palette.Ink);
        foreach (var (style, length) in new[] { (axis.MajorTickStyle, 3f), (axis.MinorTickStyle, 1.7f) })
        {
            style.Length = length;
            style.Width = 0.7f;
            style.Color = Color.FromHex(Palette.Ink);
        }
    }

    public static double On(AxisScale scale, double value) => scale.Log ? Math.Log10(value) : value;
}
#endif
