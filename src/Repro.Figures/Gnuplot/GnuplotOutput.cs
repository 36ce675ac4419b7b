using System.Text;
using System.Text.RegularExpressions;
using Repro.Figures.Layout;

namespace Repro.Figures.Gnuplot;

/// <summary>Mends what gnuplot's terminals have no setting for.</summary>
internal static partial class GnuplotOutput
{
    /// <summary>An SVG with a readable font and sharp pixels, and without tooltips that show gnuplot's names of data blocks.</summary>
    public static byte[] Svg(byte[] svg, Figure figure, double width, double height)
    {
        var text = NoText().Replace(PlotTitle().Replace(Encoding.UTF8.GetString(svg), ""), "");
        text = text.Replace($"font-family=\"{TextSize.Family}:Bold\"", $"font-family=\"{TextSize.Family}\" font-weight=\"bold\"", StringComparison.Ordinal);
        text = ShortPoints(text);
        text = text.Replace("<image ", "<image style='image-rendering:pixelated' ", StringComparison.Ordinal);
        return SvgFile.Finish(text, figure, width, height);
    }

    // gnuplot repeats size and colour at every point; here each kind of point is drawn once and only placed again and again.
    private static string ShortPoints(string svg)
    {
        var kinds = new Dictionary<string, string>();
        var shorter = Point().Replace(svg, match =>
        {
            var look = $"<use xlink:href='#{match.Groups["shape"].Value}' transform='{match.Groups["scale"].Value}'{match.Groups["look"].Value}/>";
            if (!kinds.TryGetValue(look, out var id)) kinds.Add(look, id = $"p{kinds.Count}");
            return $"<use xlink:href='#{id}' x='{match.Groups["x"].Value}' y='{match.Groups["y"].Value}'/>";
        });
        var definitions = string.Concat(kinds.Select(kind => $"\n\t<g id=\"{kind.Value}\">{kind.Key}</g>"));
        return kinds.Count == 0 ? svg : FirstEndOfDefinitions().Replace(shorter, match => definitions + "\n" + match.Value, 1);
    }

    /// <summary>A PDF without the date of its making.</summary>
    public static byte[] Pdf(byte[] pdf)
    {
        // Latin-1 keeps every byte as it is; the new date is as long as the old, so that no offset in the file moves.
        var text = Encoding.Latin1.GetString(pdf);
        return Encoding.Latin1.GetBytes(CreationDate().Replace(text, match => $"/CreationDate (D:{"19700101000000"}{match.Groups[1].Value}"));
    }

    [GeneratedRegex(@"<title>\$d\d+</title>|<title>gnuplot_plot_\d+[a-z]?</title>")]
    private static partial Regex PlotTitle();

    // Of ticks whose labels the layout writes.
    [GeneratedRegex(@"\s*<g transform=[^>]*>\s*<text>\s*</text>\s*</g>")]
    private static partial Regex NoText();

    [GeneratedRegex(@"<use xlink:href='#(?<shape>gpPt\d+|gpDot)' transform='translate\((?<x>[0-9.-]+),(?<y>[0-9.-]+)\) (?<scale>scale\([0-9.]+\))'(?<look>[^/>]*)/>")]
    private static partial Regex Point();

    [GeneratedRegex("</defs>")]
    private static partial Regex FirstEndOfDefinitions();

    [GeneratedRegex(@"/CreationDate \(D:\d{14}([^)]*)")]
    private static partial Regex CreationDate();
}
