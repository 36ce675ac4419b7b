using System.Text;

namespace Repro.Figures.Layout;

/// <summary>How wide a text is in the figures' font, so that labels can be placed before anything is drawn.</summary>
public static class TextSize
{
    /// <summary>The family of all text. It comes with gnuplot's own dependencies; Verdana has nearly its widths where a browser lacks it.</summary>
    public const string Family = "DejaVu Sans";

    /// <summary>Axis labels, ticks and legends, in points.</summary>
    public const double Body = 8;

    /// <summary>The figure's title, bold.</summary>
    public const double Title = 9;

    /// <summary>Captions under images.</summary>
    public const double Small = 7;

    // Advance widths of U+0020 .. U+007E in thousandths of an em, from the font's hmtx table.
    private static readonly short[] Advances =
    [
        318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636, 636, 636, 636,
        337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635,
        611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974,
        634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
    ];

    // Of U+00A0 .. U+00FF.
    private static readonly short[] Latin1 =
    [
        318, 401, 636, 636, 636, 636, 337, 500, 500, 1000, 471, 612, 838, 361, 1000, 500, 500, 838, 401, 401, 500, 636, 636, 318, 500, 401,
        471, 612, 969, 969, 969, 531, 684, 684, 684, 684, 684, 684, 974, 698, 632, 632, 632, 632, 295, 295, 295, 295, 775, 748, 787, 787,
        787, 787, 787, 838, 787, 732, 732, 732, 732, 611, 605, 630, 613, 613, 613, 613, 613, 613, 982, 550, 615, 615, 615, 615, 278, 278,
        278, 278, 612, 634, 612, 612, 612, 612, 612, 838, 612, 634, 634, 634, 634, 592, 635, 592,
    ];

    // Blocks that the font has without a gap: Latin, accents, Greek, Cyrillic, Armenian, Hebrew, Arabic, Georgian, more Latin, punctuation,
    // raised and lowered digits, currencies, letterlike, arrows and operators, shapes and signs.
    private static readonly (int First, int Last)[] Covered =
    [
        (0x20, 0x7E), (0xA0, 0x2E9), (0x300, 0x34F), (0x38E, 0x3A1), (0x3A3, 0x525), (0x531, 0x556), (0x561, 0x587), (0x5D0, 0x5EA), (0x621, 0x63A),
        (0x640, 0x655), (0x10D0, 0x10FC), (0x1E00, 0x1EFB), (0x2000, 0x2027), (0x202F, 0x2064), (0x2070, 0x2071), (0x2074, 0x208E), (0x2090, 0x209C), (0x20A0, 0x20B5),
        (0x2100, 0x2109), (0x2190, 0x2311), (0x2500, 0x269C),
    ];

    // Bold is about a tenth wider than regular in this family.
    private const double BoldFactor = 1.11;

    /// <summary>Width in points. Beyond Latin 1 and the signs that figures use characters count as 0.65 em, East Asian ones as 1 em.</summary>
    public static double Width(string text, double size, bool bold = false)
    {
        var thousandths = 0;
        foreach (var rune in text.EnumerateRunes()) thousandths += Advance(rune.Value);
        return thousandths * size / 1000 * (bold ? BoldFactor : 1);
    }

    private static int Advance(int rune) => rune switch
    {
        >= 0x20 and <= 0x7E => Advances[rune - 0x20],
        >= 0xA0 and <= 0xFF => Latin1[rune - 0xA0],
        0x2009 => 200,
        0x2013 => 500,
        0x2014 or 0x2026 => 1000,
        >= 0x2070 and <= 0x2089 and not 0x207B => 401,
        0x207B => 528,
        // Arrows and operators: the minus sign, less or equal, about.
        >= 0x2190 and <= 0x22FF => 838,
        >= 0x1100 and not (>= 0x2000 and < 0x2E80) => 1000,
        _ => 650,
    };

    /// <summary>Breaks a text at spaces into lines no wider than <paramref name="width"/>; a word that is too wide, or what a last line cannot hold, ends in an ellipsis.</summary>
    public static IReadOnlyList<string> Wrap(string text, double width, double size, int maxLines, bool bold = false)
    {
        var lines = new List<string>();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (lines.Count > 0 && (Width($"{lines[^1]} {word}", size, bold) <= width || lines.Count == maxLines)) lines[^1] += " " + word;
            else lines.Add(word);
        }
        return lines.Select(line => Shorten(line, width, size, bold)).ToList();
    }

    /// <summary>The text, or as much of its beginning as fits with an ellipsis.</summary>
    public static string Shorten(string text, double width, double size, bool bold = false)
    {
        if (Width(text, size, bold) <= width) return text;
        var runes = text.EnumerateRunes().ToList();
        for (var keep = runes.Count - 1; keep > 0; keep--)
        {
            var shorter = string.Concat(runes.Take(keep)).TrimEnd() + "…";
            if (Width(shorter, size, bold) <= width) return shorter;
        }
        return "…";
    }

    /// <summary>
    /// One line of characters that the family has. Control characters become spaces; a character that the family lacks becomes an empty square:
    /// some versions of cairo draw a missing glyph as a box that covers the whole figure.
    /// </summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029) clean.Append(' ');
            else clean.Append(Array.Exists(Covered, range => rune.Value >= range.First && rune.Value <= range.Last) ? rune.ToString() : "□");
        }
        return clean.ToString();
    }
}
