using Repro.Figures.Layout;
using static Repro.Figures.Gnuplot.GnuplotScript;

namespace Repro.Figures.Gnuplot;

/// <summary>The script of a figure with axes.</summary>
internal static class GnuplotAxes
{
    private const double LineWidth = 1.3;
    private const int Columns = 600;

    // Told apart without colour too: circle, square, triangle, diamond, triangle down, pentagon.
    private static readonly int[] Markers = [7, 5, 9, 13, 11, 15];

    public static GnuplotScript Script(Figure figure)
    {
        var layout = FigureLayout.Of(figure);
        var script = new GnuplotScript(layout.Width, layout.Height);
        Frame(script, layout);
        foreach (var title in layout.Title) script.Text(title);
        script.Text(layout.XLabel);
        script.Text(layout.YLabel, turn: 90);
        foreach (var entry in layout.Legend) Entry(script, entry);
        foreach (var label in layout.DirectLabels)
        {
            script.Segment(label.FromX + 1, label.FromY, label.Text.X - 2, label.Text.Y, $"lw 0.7 lc rgb '{Palette.Hex(label.Colour)}'");
            script.Text(label.Text);
        }
        foreach (var (_, text) in layout.ReferenceLabels) script.Text(text);
        // What is wide lies below what is thin.
        foreach (var mark in figure.Marks.OrderBy(mark => mark switch { Band => 0, Bars => 1, Reference => 2, Line => 3, _ => 4 })) Draw(script, layout, mark);
        return script;
    }

    private static void Frame(GnuplotScript script, FigureLayout layout)
    {
        var plot = layout.Plot;
        script.Set($"set lmargin at screen {script.X(plot.Left)}");
        script.Set($"set rmargin at screen {script.X(plot.Right)}");
        script.Set($"set tmargin at screen {script.Y(plot.Top)}");
        script.Set($"set bmargin at screen {script.Y(plot.Bottom)}");
        script.Set($"set border 3 back lw 0.7 lc rgb '{Palette.Ink}'");
        script.Set($"set clip two");
        script.Set($"set grid xtics ytics back lt 1 lw 0.6 lc rgb '{Palette.Grid}'");
        Axis(script, "x", layout.X, layout.TurnXTicks ? "rotate by 40 right" : "norotate");
        Axis(script, "y", layout.Y, "norotate");
        script.Set($"set boxwidth {Number(layout.BarWidth)} absolute");
        script.Set($"set style fill solid 0.85 noborder");
    }

    private static void Axis(GnuplotScript script, string name, AxisScale scale, string rotation)
    {
        if (scale.Log) script.Set($"set logscale {name} 10");
        script.Set($"set {name}range [{Number(scale.Min)}:{Number(scale.Max)}] noextend");
        var ticks = scale.Ticks.Select(tick => tick.Label.Length > 0 ? $"{Quote(tick.Label)} {Number(tick.Position)}" : $"'' {Number(tick.Position)} 1");
        script.Set($"set {name}tics out nomirror scale 0.45,0.25 {rotation} noenhanced textcolor rgb '{Palette.Ink}' font '{TextSize.Family},{Number(TextSize.Body)}' ({string.Join(", ", ticks)})");
    }

    private static void Entry(GnuplotScript script, LegendEntry entry)
    {
        var (left, right, middle) = (entry.X, entry.X + LegendEntry.SampleWidth, entry.X + LegendEntry.SampleWidth / 2);
        foreach (var mark in entry.Samples)
        {
            var colour = Palette.Hex(mark.Colour);
            switch (mark)
            {
                case Band: Box(4, 0.22); break;
                case Bars: Box(3.5, 0.85); break;
                case Points: script.Set($"set label '' at screen {script.X(middle)},{script.Y(entry.Y)} point pt {Marker(mark.Colour)} ps 0.55 lc rgb '{colour}' front"); break;
                case Reference: script.Segment(left, entry.Y, right, entry.Y, $"lw 1 dt (10,7) lc rgb '{colour}'"); break;
                default: script.Segment(left, entry.Y, right, entry.Y, $"lw {Number(LineWidth)} dt {Dash(mark)} lc rgb '{colour}'"); break;
            }

            void Box(double half, double solid) => script.Set(
                $"set object rectangle from screen {script.X(left)},{script.Y(entry.Y + half)} to screen {script.X(right)},{script.Y(entry.Y - half)} front fillcolor rgb '{colour}' fillstyle transparent solid {Number(solid)} noborder");
        }
        script.Text(new PlacedText(entry.Label, right + LegendEntry.Gap, entry.Y, TextSize.Body));
    }

    private static void Draw(GnuplotScript script, FigureLayout layout, Mark mark)
    {
        var colour = Palette.Hex(mark.Colour);
        switch (mark)
        {
            case Line line:
                var parts = Polylines.Split(line.X, line.Y).Select(part => Polylines.Reduce(part, layout.X, Columns)).ToList();
                Rows(parts.Where(part => part.Length > 1), $"with lines lw {Number(LineWidth)} dt {Dash(mark)} lc rgb '{colour}'");
                Rows(parts.Where(part => part.Length == 1), $"with points pt 7 ps 0.3 lc rgb '{colour}'");
                break;
            case Band band:
                var bands = Polylines.Split(band.X, band.Low, band.High);
                // gnuplot makes one polygon of all the rows it is given, so each part is an element of its own.
                foreach (var part in bands.Where(part => part.Length > 1)) script.Plot(part, $"using 1:2:3 with filledcurves fs transparent solid 0.22 noborder lc rgb '{colour}'");
                Rows(bands.Where(part => part.Length == 1), $"using 1:2:(0):($3-$2) with vectors nohead lw {Number(LineWidth)} lc rgb '#99{colour[1..]}'");
                break;
            case Points points:
                // A few points are there to be found among many: larger, and not translucent.
                var (size, alpha) = points.X.Count <= 3 ? (0.9, "00") : (0.55, "40");
                Rows(Polylines.Split(points.X, points.Y), $"with points pt {Marker(mark.Colour)} ps {Number(size)} lw 0.1 lc rgb '#{alpha}{colour[1..]}'");
                break;
            case Bars bars:
                Rows(Polylines.Split(bars.X, bars.Height), $"with boxes lc rgb '{colour}'");
                break;
            case Reference reference:
                Rows([[[layout.X.Min, reference.At], [layout.X.Max, reference.At]]], $"with lines lw 1 dt (10,7) lc rgb '{colour}'");
                break;
        }

        void Rows(IEnumerable<double[][]> parts, string style)
        {
            var rows = parts.SelectMany(part => (double[][])[.. part, []]).ToList();
            if (rows.Count > 0) script.Plot(rows, style);
        }
    }

    private static int Marker(int colour) => Markers[colour % Markers.Length];

    // Beyond the palette colours come again, with a dash of their own.
    private static string Dash(Mark mark) =>
        mark is Line { Dashed: true } ? "(12,6)" : (mark.Colour / Palette.Count) switch { 0 => "solid", 1 => "(20,6)", _ => "(4,4)" };
}
