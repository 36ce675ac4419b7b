using System.Text.RegularExpressions;
using Repro.Figures;

namespace Repro.Reports.Documents;

/// <summary>Makes an SVG file part of an HTML page.</summary>
internal static partial class InlineSvg
{
    /// <summary>
    /// The <c>svg</c> element alone, as wide as its place. Colours of paper, ink and grid are written as <c>#rrggbb</c>, whoever drew it, so that
    /// the page's style sheet can exchange them in the dark.
    /// </summary>
    /// <exception cref="FigureException">The file has no svg element, or one with a script.</exception>
    public static string From(string file)
    {
        var text = File.ReadAllText(file);
        var start = text.IndexOf("<svg", StringComparison.Ordinal);
        if (start < 0 || Script().IsMatch(text)) throw new FigureException($"The picture {file} is no SVG without scripts and cannot be part of a page.");
        text = Rgb().Replace(text[start..], match => $"{match.Groups[1].Value}=\"#{Hex(match.Groups[2])}{Hex(match.Groups[3])}{Hex(match.Groups[4])}\"");
        return HexColour().Replace(text, match => match.Value.ToLowerInvariant()).Trim();
    }

    private static string Hex(Group number) => byte.Parse(number.ValueSpan).ToString("x2");

    [GeneratedRegex(@"<script|<[^<>]*(\son\w+\s*=|javascript:)", RegexOptions.IgnoreCase)]
    private static partial Regex Script();

    [GeneratedRegex(@"\b(fill|stroke|color)=['""]rgb\(\s*(\d{1,3}),\s*(\d{1,3}),\s*(\d{1,3})\)['""]")]
    private static partial Regex Rgb();

    [GeneratedRegex(@"(fill|stroke)=""#[0-9A-F]{6}""")]
    private static partial Regex HexColour();
}
