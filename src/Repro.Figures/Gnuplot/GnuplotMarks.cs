using System.Globalization;
using Repro.Figures.Layout;
using static Repro.Figures.Gnuplot.GnuplotScript;

namespace Repro.Figures.Gnuplot;

/// <summary>The elements of gnuplot's <c>plot</c>: a figure's data.</summary>
internal static class GnuplotMarks
{
    public const double LineWidth = 1.3;

    private const int Columns = 600;

    // Told apart without colour too: circle, square, triangle, diamond, triangle down, pentagon.
    private static readonly int[] Markers = [7, 5, 9, 13, 11, 15];

    public static void Draw(GnuplotScript script, Figure figure, FigureLayout layout)
    {
        var marks = DrawingOrder.Of(figure);
        for (var i = 0; i < marks.Count;)
        {
            // A thousand shaded trials are a thousand marks; gnuplot draws them in one element, each row with its colour.
            var count = marks.Skip(i).TakeWhile(mark => Alike(marks[i], mark)).Count();
            switch (marks[i])
            {
                case Line: AddLines(script, figure, layout, marks.GetRange(i, Math.Max(1, count)).Cast<Line>().ToList()); break;
                case Points: AddPoints(script, figure, layout, marks.GetRange(i, Math.Max(1, count)).Cast<Points>().ToList()); break;
                default: Single(script, figure, layout, marks[i]); break;
            }
            i += Math.Max(1, count);
        }
    }

    public static int Marker(int colour) => Markers[colour % Markers.Length];

    // Beyond the palette colours come again, with a dash of their own.
    public static string Dash(Mark mark) =>
        mark is Line { Dashed: true } ? "(12,6)" : (mark.Colour / Palette.Count) switch { 0 => "solid", 1 => "(20,6)", _ => "(4,4)" };

    private static bool Alike(Mark first, Mark other) =>
        first.Shade is not null && other.Shade is not null && (first, other) switch
        {
            (Line a, Line b) => Dash(a) == Dash(b),
            (Points a, Points b) => Marker(a.Colour) == Marker(b.Colour),
            _ => false,
        };

    private static void AddLines(GnuplotScript script, Figure figure, FigureLayout layout, List<Line> lines)
    {
        var parts = (
            from line in lines
            let colour = Colour(Shades.Hex(figure, line))
            from part in Polylines.Split(line.X, line.Y)
            select Polylines.Reduce(part, layout.X, Columns).Select(point => new[] { point[0], point[1], colour }).ToArray()).ToList();
        Rows(script, parts.Where(part => part.Length > 1), $"using 1:2:3 with lines lw {Number(LineWidth)} dt {Dash(lines[0])} lc rgb variable");
        Rows(script, parts.Where(part => part.Length == 1), "using 1:2:3 with points pt 7 ps 0.3 lc rgb variable");
    }

    private static void AddPoints(GnuplotScript script, Figure figure, FigureLayout layout, List<Points> marks)
    {
        var rows = (
            from points in marks
            let colour = Colour(Shades.Hex(figure, points))
            from point in Polylines.Split(points.X, points.Y).SelectMany(part => part)
            select new[] { point[0], point[1], colour }).ToList();
        var visible = PointThinning.Visible(rows.Select(row => layout.Map(row[0], row[1])).ToList());
        // One to three points are there to be found among many.
        var (size, alpha) = rows.Count switch { <= 3 => (0.9, 0), <= PointThinning.Few => (0.65, 0), < PointThinning.Many => (0.55, 0x40), _ => (0.35, 0x40) };
        foreach (var row in rows) row[2] += alpha * (double)0x1000000;
        Rows(script, [visible.Select(i => rows[i]).ToArray()], $"using 1:2:3 with points pt {Marker(marks[0].Colour)} ps {Number(size)} lw 0.1 lc rgb variable");
    }

    private static void Single(GnuplotScript script, Figure figure, FigureLayout layout, Mark mark)
    {
        var colour = Shades.Hex(figure, mark);
        switch (mark)
        {
            case Band band:
                var bands = Polylines.Split(band.X, band.Low, band.High);
                // gnuplot makes one polygon of all the rows it is given, so each part is an element of its own.
                foreach (var part in bands.Where(part => part.Length > 1)) script.Plot(part, $"using 1:2:3 with filledcurves fs transparent solid 0.22 noborder lc rgb '{colour}'");
                Rows(script, bands.Where(part => part.Length == 1), $"using 1:2:(0):($3-$2) with vectors nohead lw {Number(LineWidth)} lc rgb '#99{colour[1..]}'");
                break;
            case Bars bars:
                Rows(script, Polylines.Split(bars.X, bars.Height), $"with boxes lc rgb '{colour}'");
                break;
            case Reference reference:
                double[][] ends = reference.Vertical ? [[reference.At, layout.Y.Min], [reference.At, layout.Y.Max]] : [[layout.X.Min, reference.At], [layout.X.Max, reference.At]];
                Rows(script, [ends], $"with lines lw 1 dt (10,7) lc rgb '{colour}'");
                break;
            case Intervals intervals:
                // Strokes of their own: in one path cairo draws a spur where a short stroke follows a long one.
                Rows(script, Whiskers.Segments(intervals, layout).Select(s => (double[][])[[s.From.X, s.From.Y, s.To.X, s.To.Y]]), $"using 1:2:($3-$1):($4-$2) with vectors nohead lw 1 lc rgb '{colour}'");
                break;
            case HeatMap map:
                Cells(script, figure, map);
                break;
        }
    }

    private static void Cells(GnuplotScript script, Figure figure, HeatMap map)
    {
        var rows =
            from row in Enumerable.Range(0, map.Cells.Count)
            from column in Enumerable.Range(0, map.Cells[row].Count)
            let value = map.Cells[row][column]
            let rgb = double.IsFinite(value) ? Colour(Shades.Hex(figure.Colours!, value)) : 0
            select new[] { column, row, Math.Floor(rgb / 65536), Math.Floor(rgb / 256) % 256, rgb % 256, double.IsFinite(value) ? 255 : 0 };
        // gnuplot cannot tell the size of the cells of one row or column; they are drawn as boxes.
        if (map.Cells.Count > 1 && map.Cells[0].Count > 1) script.Plot(rows, "using 1:2:3:4:5:6 with rgbalpha");
        else script.Plot(rows.Where(row => row[5] > 0), "using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):(int($3)*65536+int($4)*256+int($5)) with boxxyerror fs solid 1 noborder lc rgb variable");
    }

    private static double Colour(string hex) => int.Parse(hex.AsSpan(1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static void Rows(GnuplotScript script, IEnumerable<double[][]> parts, string style)
    {
        var rows = parts.SelectMany(part => (double[][])[.. part, []]).ToList();
        if (rows.Count > 1) script.Plot(rows, style);
    }
}
