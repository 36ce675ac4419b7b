using Repro.Figures.Layout;
using static Repro.Figures.Gnuplot.GnuplotScript;

namespace Repro.Figures.Gnuplot;

/// <summary>The script of a figure with axes.</summary>
internal static class GnuplotAxes
{
    public static GnuplotScript Script(Figure figure)
    {
        var layout = FigureLayout.Of(figure);
        var script = new GnuplotScript(layout.Width, layout.Height);
        Frame(script, figure, layout);
        foreach (var title in layout.Title) script.Text(title);
        script.Text(layout.XLabel);
        script.Text(layout.YLabel);
        foreach (var text in layout.TickTexts) script.Text(text);
        foreach (var entry in layout.Legend) Entry(script, figure, entry);
        foreach (var label in layout.DirectLabels)
        {
            script.Segment(label.FromX + 1, label.FromY, label.Text.X - 2, label.Text.Y, $"lw 0.7 lc rgb '{label.Colour}'");
            script.Text(label.Text);
        }
        foreach (var (_, text) in layout.ReferenceLabels) script.Text(text);
        foreach (var word in layout.Words) script.Text(word);
        if (layout.Bar is { } bar) Bar(script, bar);
        GnuplotMarks.Draw(script, figure, layout);
        return script;
    }

    private static void Frame(GnuplotScript script, Figure figure, FigureLayout layout)
    {
        var plot = layout.Plot;
        script.Set($"set lmargin at screen {script.X(plot.Left)}");
        script.Set($"set rmargin at screen {script.X(plot.Right)}");
        script.Set($"set tmargin at screen {script.Y(plot.Top)}");
        script.Set($"set bmargin at screen {script.Y(plot.Bottom)}");
        script.Set($"set border {(figure.Frame ? 3 : 0)} back lw 0.7 lc rgb '{Palette.Ink}'");
        script.Set($"set clip two");
        // Lines through the middles of cells would be taken for data.
        if (figure.Marks.Any(mark => mark is HeatMap)) script.Set($"unset grid");
        else script.Set($"set grid xtics ytics back lt 1 lw 0.6 lc rgb '{Palette.Grid}'");
        Axis(script, "x", layout.X);
        Axis(script, "y", layout.Y);
        script.Set($"set boxwidth {Number(layout.BarWidth)} absolute");
        script.Set($"set style fill solid 0.85 noborder");
    }

    // The layout writes the labels; gnuplot draws the ticks, longer ones where a label stands.
    private static void Axis(GnuplotScript script, string name, AxisScale scale)
    {
        if (scale.Log) script.Set($"set logscale {name} 10");
        var (from, to) = scale.Reversed ? (scale.Max, scale.Min) : (scale.Min, scale.Max);
        script.Set($"set {name}range [{Number(from)}:{Number(to)}] noextend");
        // An empty list would bring gnuplot's own ticks.
        if (scale.Ticks.Count == 0)
        {
            script.Set($"unset {name}tics");
            return;
        }
        var ticks = scale.Ticks.Select(tick => tick.Label.Length > 0 ? $"'' {Number(tick.Position)}" : $"'' {Number(tick.Position)} 1");
        script.Set($"set {name}tics out nomirror scale 0.45,0.25 ({string.Join(", ", ticks)})");
    }

    private static void Bar(GnuplotScript script, ColourBar bar)
    {
        foreach (var (box, colour) in bar.Pieces()) Rectangle(script, box, colour, 1);
        foreach (var y in bar.Ticks) script.Segment(bar.Box.Right, y, bar.Box.Right + 2, y, $"lw 0.7 lc rgb '{Palette.Ink}'");
        foreach (var text in bar.TickLabels) script.Text(text);
        script.Text(bar.Label);
    }

    private static void Entry(GnuplotScript script, Figure figure, LegendEntry entry)
    {
        var (left, right, middle) = (entry.X, entry.X + LegendEntry.SampleWidth, entry.X + LegendEntry.SampleWidth / 2);
        foreach (var mark in entry.Samples)
        {
            var colour = Shades.Hex(figure, mark);
            switch (mark)
            {
                case Band: Rectangle(script, new Box(left, entry.Y - 4, right, entry.Y + 4), colour, 0.22); break;
                case Bars: Rectangle(script, new Box(left, entry.Y - 3.5, right, entry.Y + 3.5), colour, 0.85); break;
                case Points: script.Set($"set label '' at screen {script.X(middle)},{script.Y(entry.Y)} point pt {GnuplotMarks.Marker(mark.Colour)} ps 0.55 lc rgb '{colour}' front"); break;
                case Reference: script.Segment(left, entry.Y, right, entry.Y, $"lw 1 dt (10,7) lc rgb '{colour}'"); break;
                case Intervals:
                    script.Segment(left, entry.Y, right, entry.Y, $"lw 1 lc rgb '{colour}'");
                    foreach (var end in (double[])[left, right]) script.Segment(end, entry.Y - 2.2, end, entry.Y + 2.2, $"lw 1 lc rgb '{colour}'");
                    break;
                default: script.Segment(left, entry.Y, right, entry.Y, $"lw {Number(GnuplotMarks.LineWidth)} dt {GnuplotMarks.Dash(mark)} lc rgb '{colour}'"); break;
            }
        }
        script.Text(new PlacedText(entry.Label, right + LegendEntry.Gap, entry.Y, TextSize.Body));
    }

    private static void Rectangle(GnuplotScript script, Box box, string colour, double opacity)
    {
        var style = opacity < 1 ? $"transparent solid {Number(opacity)}" : "solid 1";
        script.Set($"set object rectangle from screen {script.X(box.Left)},{script.Y(box.Bottom)} to screen {script.X(box.Right)},{script.Y(box.Top)} front fillcolor rgb '{colour}' fillstyle {style} noborder");
    }
}
