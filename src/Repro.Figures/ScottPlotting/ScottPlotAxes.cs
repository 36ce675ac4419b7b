#if SCOTTPLOT
using Repro.Figures.Layout;
using ScottPlot;

namespace Repro.Figures.ScottPlotting;

/// <summary>A figure's axes and marks as a ScottPlot plot. ScottPlot's axes are linear, so logarithmic ones hold the logarithms to base 10.</summary>
internal static class ScottPlotAxes
{
    private const float LineWidth = 1.3f;
    private const int Columns = 600;

    private static readonly MarkerShape[] Markers =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleDown];

    public static Plot Build(Figure figure, FigureLayout layout)
    {
        var plot = new Plot();
        plot.FigureBackground.Color = Color.FromHex(Palette.Paper);
        plot.Axes.Margins(0, 0);
        plot.Layout.Fixed(new PixelPadding((float)layout.Plot.Left, (float)(layout.Width - layout.Plot.Right), (float)(layout.Height - layout.Plot.Bottom), (float)layout.Plot.Top));
        plot.Axes.SetLimits(On(layout.X, layout.X.Min), On(layout.X, layout.X.Max), On(layout.Y, layout.Y.Min), On(layout.Y, layout.Y.Max));
        plot.Grid.MajorLineColor = Color.FromHex(Palette.Grid);
        plot.Grid.MajorLineWidth = 0.6f;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        Axis(plot.Axes.Bottom, layout.X);
        Axis(plot.Axes.Left, layout.Y);
        if (layout.TurnXTicks)
        {
            plot.Axes.Bottom.TickLabelStyle.Rotation = -40;
            plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.MiddleRight;
        }
        // What is wide lies below what is thin.
        foreach (var mark in figure.Marks.OrderBy(mark => mark switch { Band => 0, Bars => 1, Reference => 2, Line => 3, _ => 4 })) Add(plot, layout, mark);
        return plot;
    }

    public static MarkerShape Marker(int colour) => Markers[colour % Markers.Length];

    private static void Axis(IAxis axis, AxisScale scale)
    {
        var ticks = scale.Ticks.Select(tick => tick.Label.Length > 0 ? ScottPlot.Tick.Major(On(scale, tick.Position), tick.Label) : ScottPlot.Tick.Minor(On(scale, tick.Position)));
        axis.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. ticks]);
        axis.TickLabelStyle.FontName = TextSize.Family;
        axis.TickLabelStyle.FontSize = (float)TextSize.Body;
        axis.TickLabelStyle.ForeColor = Color.FromHex(Palette.Ink);
        axis.FrameLineStyle.Width = 0.7f;
        axis.FrameLineStyle.Color = Color.FromHex(Palette.Ink);
        foreach (var (style, length) in new[] { (axis.MajorTickStyle, 3f), (axis.MinorTickStyle, 1.7f) })
        {
            style.Length = length;
            style.Width = 0.7f;
            style.Color = Color.FromHex(Palette.Ink);
        }
    }

    private static void Add(Plot plot, FigureLayout layout, Mark mark)
    {
        var colour = Color.FromHex(Palette.Hex(mark.Colour));
        switch (mark)
        {
            case Line line:
                foreach (var part in Polylines.Split(line.X, line.Y).Select(part => Polylines.Reduce(part, layout.X, Columns)))
                {
                    var drawn = plot.Add.Scatter(Xs(part, layout), Ys(part, 1, layout), colour);
                    drawn.LineWidth = LineWidth;
                    drawn.LinePattern = CanvasDrawing.Pattern(mark);
                    // A part of one point has no line to show.
                    drawn.MarkerSize = part.Length == 1 ? 2.6f : 0;
                }
                break;
            case Band band:
                foreach (var part in Polylines.Split(band.X, band.Low, band.High))
                {
                    var filled = plot.Add.FillY(Xs(part, layout), Ys(part, 1, layout), Ys(part, 2, layout));
                    filled.FillColor = colour.WithAlpha(0.22);
                    filled.LineWidth = part.Length == 1 ? LineWidth : 0;
                    filled.LineColor = colour.WithAlpha(0.4);
                    filled.MarkerSize = 0;
                }
                break;
            case Points points:
                foreach (var part in Polylines.Split(points.X, points.Y))
                {
                    // A few points are there to be found among many: larger, and not translucent.
                    var few = points.X.Count <= 3;
                    plot.Add.Markers(Xs(part, layout), Ys(part, 1, layout), Marker(mark.Colour), few ? 6 : 3.8f, few ? colour : colour.WithAlpha(0.75));
                }
                break;
            case Bars bars:
                var list = Polylines.Split(bars.X, bars.Height).SelectMany(part => part)
                    .Select(bar => new Bar { Position = bar[0], Value = bar[1], Size = layout.BarWidth, FillColor = colour.WithAlpha(0.85), LineWidth = 0 }).ToList();
                plot.Add.Bars(list);
                break;
            case Reference reference:
                var level = plot.Add.HorizontalLine(On(layout.Y, reference.At), 1, colour, CanvasDrawing.ReferencePattern);
                level.LabelText = "";
                break;
        }
    }

    private static double On(AxisScale scale, double value) => scale.Log ? Math.Log10(value) : value;

    private static double[] Xs(double[][] part, FigureLayout layout) => part.Select(point => On(layout.X, point[0])).ToArray();

    private static double[] Ys(double[][] part, int column, FigureLayout layout) => part.Select(point => On(layout.Y, point[column])).ToArray();
}
#endif
