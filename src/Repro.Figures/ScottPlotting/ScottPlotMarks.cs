#if SCOTTPLOT
using Repro.Figures.Layout;
using ScottPlot;

namespace Repro.Figures.ScottPlotting;

/// <summary>A figure's data as ScottPlot's plottables.</summary>
internal static class ScottPlotMarks
{
    private const float LineWidth = 1.3f;
    private const int Columns = 600;

    private static readonly MarkerShape[] Markers =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleDown];

    public static void Draw(Plot plot, Figure figure, FigureLayout layout)
    {
        var marks = DrawingOrder.Of(figure);
        for (var i = 0; i < marks.Count;)
        {
            // A thousand shaded trials are a thousand marks of a point; they are thinned together.
            var count = Math.Max(1, marks.Skip(i).TakeWhile(mark => mark is Points { Shade: not null } && marks[i] is Points { Shade: not null } && mark.Colour % Markers.Length == marks[i].Colour % Markers.Length).Count());
            if (marks[i] is Points) AddPoints(plot, figure, layout, marks.GetRange(i, count).Cast<Points>().ToList());
            else Add(plot, figure, layout, marks[i]);
            i += count;
        }
    }

    public static MarkerShape Marker(int colour) => Markers[colour % Markers.Length];

    private static void AddPoints(Plot plot, Figure figure, FigureLayout layout, List<Points> marks)
    {
        var rows = (
            from points in marks
            let colour = Shades.Hex(figure, points)
            from point in Polylines.Split(points.X, points.Y).SelectMany(part => part)
            select (X: point[0], Y: point[1], Colour: colour)).ToList();
        var visible = PointThinning.Visible(rows.Select(row => layout.Map(row.X, row.Y)).ToList()).Select(i => rows[i]).ToList();
        // One to three points are there to be found among many.
        var (size, alpha) = rows.Count switch { <= 3 => (6f, 1.0), <= PointThinning.Few => (4.4f, 1.0), < PointThinning.Many => (3.8f, 0.75), _ => (2.4f, 0.75) };
        for (var i = 0; i < visible.Count;)
        {
            // What lies above what stays so: only neighbours in the order of drawing are drawn together.
            var run = visible.Skip(i).TakeWhile(point => point.Colour == visible[i].Colour).ToList();
            var colour = Color.FromHex(run[0].Colour).WithAlpha(alpha);
            plot.Add.Markers(run.Select(point => ScottPlotAxes.On(layout.X, point.X)).ToArray(), run.Select(point => ScottPlotAxes.On(layout.Y, point.Y)).ToArray(), Marker(marks[0].Colour), size, colour);
            i += run.Count;
        }
    }

    private static void Add(Plot plot, Figure figure, FigureLayout layout, Mark mark)
    {
        var colour = Color.FromHex(Shades.Hex(figure, mark));
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
            case Bars bars:
                var list = Polylines.Split(bars.X, bars.Height).SelectMany(part => part)
                    .Select(bar => new Bar { Position = bar[0], Value = bar[1], Size = layout.BarWidth, FillColor = colour.WithAlpha(0.85), LineWidth = 0 }).ToList();
                plot.Add.Bars(list);
                break;
            case Reference { Vertical: true } reference:
                plot.Add.VerticalLine(ScottPlotAxes.On(layout.X, reference.At), 1, colour, CanvasDrawing.ReferencePattern).LabelText = "";
                break;
            case Reference reference:
                plot.Add.HorizontalLine(ScottPlotAxes.On(layout.Y, reference.At), 1, colour, CanvasDrawing.ReferencePattern).LabelText = "";
                break;
            case Intervals intervals:
                foreach (var (from, to) in Whiskers.Segments(intervals, layout))
                {
                    var stroke = plot.Add.Line(
                        ScottPlotAxes.On(layout.X, from.X), ScottPlotAxes.On(layout.Y, from.Y), ScottPlotAxes.On(layout.X, to.X), ScottPlotAxes.On(layout.Y, to.Y));
                    stroke.LineWidth = 1;
                    stroke.LineColor = colour;
                    stroke.MarkerSize = 0;
                }
                break;
            case HeatMap map:
                plot.Add.Plottable(new CellsPlottable(map, figure.Colours!));
                break;
        }
    }

    private static double[] Xs(double[][] part, FigureLayout layout) => part.Select(point => ScottPlotAxes.On(layout.X, point[0])).ToArray();

    private static double[] Ys(double[][] part, int column, FigureLayout layout) => part.Select(point => ScottPlotAxes.On(layout.Y, point[column])).ToArray();
}
#endif
