using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Repro.Figures.Layout;

namespace Repro.Figures.Gnuplot;

/// <summary>Mends what gnuplot's terminals have no setting for.</summary>
internal static partial class GnuplotOutput
{
    /// <summary>
    /// An SVG in points that stands alone and in a page: a name and a description for screen readers, ids that two figures of one page do not share,
    /// no tooltips with gnuplot's block names, fonts that a browser falls back to, sharp pixels.
    /// </summary>
    public static byte[] Svg(byte[] svg, Figure figure, double width, double height)
    {
        var prefix = NotId().Replace(figure.Name, "-") + "-";
        var text = Encoding.UTF8.GetString(svg);
        text = PlotTitle().Replace(text, "");
        text = Id().Replace(text, $"id='{prefix}$1'");
        text = Href().Replace(text, $"xlink:href='#{prefix}$1'");
        var family = $"font-family=\"'{TextSize.Family}', Verdana, sans-serif\"";
        text = text.Replace($"font-family=\"{TextSize.Family}\"", family, StringComparison.Ordinal);
        text = text.Replace($"font-family=\"{TextSize.Family}:Bold\"", family + " font-weight=\"bold\"", StringComparison.Ordinal);
        text = text.Replace("<image ", "<image style='image-rendering:pixelated' ", StringComparison.Ordinal);
        var size = string.Create(CultureInfo.InvariantCulture, $"width=\"{width}pt\" height=\"{height}pt\" viewBox=\"0 0 {width} {height}\"");
        var head = $"<svg {size} role=\"img\" aria-labelledby=\"{prefix}title\" xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">\n"
            + $"<title id=\"{prefix}title\">{Escape(figure.Title)}</title>\n<desc>{Escape(figure.Caption)}</desc>";
        return Encoding.UTF8.GetBytes(Head().Replace(text, head.Replace("$", "$$"), 1));
    }

    /// <summary>A PDF without the date of its making.</summary>
    public static byte[] Pdf(byte[] pdf)
    {
        // Latin-1 keeps every byte as it is; the new date is as long as the old, so that no offset in the file moves.
        var text = Encoding.Latin1.GetString(pdf);
        return Encoding.Latin1.GetBytes(CreationDate().Replace(text, match => $"/CreationDate (D:{"19700101000000"}{match.Groups[1].Value}"));
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(TextSize.Clean(text)).Replace("&#39;", "&apos;", StringComparison.Ordinal);

    [GeneratedRegex(@"<svg\s[^>]*>\s*<title>[^<]*</title>\s*<desc>[^<]*</desc>")]
    private static partial Regex Head();

    [GeneratedRegex(@"<title>\$d\d+</title>|<title>gnuplot_plot_\d+[a-z]?</title>")]
    private static partial Regex PlotTitle();

    [GeneratedRegex(@"\bid=['""]([A-Za-z0-9_]+)['""]")]
    private static partial Regex Id();

    [GeneratedRegex(@"xlink:href='#([A-Za-z0-9_]+)'")]
    private static partial Regex Href();

    [GeneratedRegex("[^A-Za-z0-9_-]")]
    private static partial Regex NotId();

    [GeneratedRegex(@"/CreationDate \(D:\d{14}([^)]*)")]
    private static partial Regex CreationDate();
}
