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
        var text = PlotTitle().Replace(Encoding.UTF8.GetString(svg), "");
        text = text.Replace($"font-family=\"{TextSize.Family}:Bold\"", $"font-family=\"{TextSize.Family}\" font-weight=\"bold\"", StringComparison.Ordinal);
        text = text.Replace("<image ", "<image style='image-rendering:pixelated' ", StringComparison.Ordinal);
        return SvgFile.Finish(text, figure, width, height);
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

    [GeneratedRegex(@"/CreationDate \(D:\d{14}([^)]*)")]
    private static partial Regex CreationDate();
}
