using System.Globalization;
using System.Text;
using Repro.Figures.Layout;

namespace Repro.Figures.Gnuplot;

/// <summary>Builds a gnuplot script with its data inside. Positions of the canvas are points from the top left.</summary>
internal sealed class GnuplotScript(double width, double height)
{
    private readonly StringBuilder _head = new();
    private readonly StringBuilder _data = new();
    private readonly List<string> _plots = [];
    private int _blocks;

    /// <summary>Adds one command.</summary>
    public void Set(FormattableString command) => _head.Append(command.ToString(CultureInfo.InvariantCulture)).Append('\n');

    /// <summary>Adds one element of the final <c>plot</c>, over rows of numbers. Empty rows break lines.</summary>
    public void Plot(IEnumerable<double[]> rows, string style)
    {
        var block = $"$d{_blocks++}";
        _data.Append(block).Append(" << EOD\n");
        foreach (var row in rows) _data.AppendJoin(' ', row.Select(Number)).Append('\n');
        _data.Append("EOD\n");
        _plots.Add($"{block} {style} notitle");
    }

    /// <summary>Adds a line of text.</summary>
    public void Text(PlacedText text)
    {
        if (text.Text.Length == 0) return;
        var align = text.Align switch { TextAlign.Centre => "center", TextAlign.Right => "right", _ => "left" };
        var face = text.Bold ? TextSize.Family + ":Bold" : TextSize.Family;
        Set($"set label {Quote(text.Text)} at screen {X(text.X)},{Y(text.Y)} {align} rotate by {Number(text.Turn)} front noenhanced textcolor rgb '{text.Colour}' font '{face},{Number(text.Size)}'");
    }

    /// <summary>Adds a straight line on the canvas.</summary>
    public void Segment(double x1, double y1, double x2, double y2, string style) =>
        Set($"set arrow from screen {X(x1)},{Y(y1)} to screen {X(x2)},{Y(y2)} nohead front {style}");

    /// <summary>Share of the canvas from the left.</summary>
    public string X(double points) => Number(points / width);

    /// <summary>Share of the canvas from the bottom.</summary>
    public string Y(double points) => Number(1 - points / height);

    /// <summary>The whole script, for one terminal.</summary>
    public string Write(string terminal) =>
        $"set encoding utf8\nset terminal {terminal}\nunset key\n{_head}{_data}plot {string.Join(", ", _plots)}\n";

    /// <summary>A text as an expression of gnuplot's, in single quotes: gnuplot substitutes nothing in them, neither escapes nor shell commands nor variables.</summary>
    public static string Quote(string text)
    {
        var clean = TextSize.Clean(text);
        // gnuplot 5.4 takes the first two of ''' for an empty text, not for a quote and an apostrophe. Apostrophes at the beginning stand in double quotes, in which they mean nothing.
        var rest = clean.TrimStart('\'');
        var quoted = $"'{rest.Replace("'", "''")}'";
        return rest.Length == clean.Length ? quoted : $"\"{clean[..^rest.Length]}\".{quoted}";
    }

    /// <summary>A number as gnuplot reads it.</summary>
    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
