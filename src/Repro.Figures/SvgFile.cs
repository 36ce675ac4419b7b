using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Repro.Figures.Layout;

namespace Repro.Figures;

/// <summary>What every SVG of a figure has, whoever drew it.</summary>
internal static partial class SvgFile
{
    /// <summary>
    /// An SVG that stands alone and in a page: its size in points, a name and a description for screen readers, ids that two figures of one page
    /// do not share, and fonts that a browser falls back to.
    /// </summary>
    public static byte[] Finish(string svg, Figure figure, double width, double height)
    {
        var prefix = NotId().Replace(figure.Name, "-") + "-";
        var text = Id().Replace(svg, $"id=\"{prefix}$1\"");
        text = Link().Replace(text, $"$1#{prefix}");
        text = text.Replace($"font-family=\"{TextSize.Family}\"", $"font-family=\"'{TextSize.Family}', Verdana, sans-serif\"", StringComparison.Ordinal);
        var size = string.Create(CultureInfo.InvariantCulture, $"width=\"{width}pt\" height=\"{height}pt\" viewBox=\"0 0 {width} {height}\"");
        var head = $"<svg {size} role=\"img\" aria-labelledby=\"{prefix}title\" xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">\n"
            + $"<title id=\"{prefix}title\">{Escape(figure.Title)}</title>\n<desc>{Escape(figure.Caption)}</desc>";
        return Encoding.UTF8.GetBytes(Head().Replace(text, _ => head, 1));
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(TextSize.Clean(text));

    [GeneratedRegex(@"<svg\s[^>]*>(\s*<title>[^<]*</title>\s*<desc>[^<]*</desc>)?")]
    private static partial Regex Head();

    [GeneratedRegex(@"\bid=['""]([A-Za-z0-9_]+)['""]")]
    private static partial Regex Id();

    [GeneratedRegex(@"(xlink:href=['""]|\burl\()#")]
    private static partial Regex Link();

    [GeneratedRegex("[^A-Za-z0-9_-]")]
    private static partial Regex NotId();
}
