using System.Globalization;
using System.Text;

namespace Repro.Reports.Documents;

/// <summary>Words of a cell as LaTeX, for a document in UTF-8 that loads no package for them.</summary>
internal static class LatexText
{
    private static readonly Dictionary<char, string> Signs = new()
    {
        ['\\'] = @"\textbackslash{}", ['{'] = @"\{", ['}'] = @"\}", ['#'] = @"\#", ['$'] = @"\$", ['%'] = @"\%", ['&'] = @"\&", ['_'] = @"\_",
        ['^'] = @"\textasciicircum{}", ['~'] = @"\textasciitilde{}", ['<'] = @"\textless{}", ['>'] = @"\textgreater{}", ['|'] = @"\textbar{}",
        ['"'] = @"{\char34}", ['`'] = @"{\char96}", ['\u00A0'] = "~", ['\u202F'] = "~", ['\u2009'] = "~",
        // Behind the end of a row these would be read as its options.
        ['['] = "{[}", [']'] = "{]}", ['*'] = "{*}",
        ['±'] = @"$\pm$", ['−'] = "$-$", ['×'] = @"$\times$", ['·'] = @"$\cdot$", ['≤'] = @"$\leq$", ['≥'] = @"$\geq$", ['≈'] = @"$\approx$", ['≠'] = @"$\neq$", ['∞'] = @"$\infty$",
        ['→'] = @"$\rightarrow$", ['←'] = @"$\leftarrow$", ['√'] = @"$\surd$", ['Δ'] = @"$\Delta$", ['α'] = @"$\alpha$", ['β'] = @"$\beta$", ['γ'] = @"$\gamma$", ['δ'] = @"$\delta$", ['ε'] = @"$\varepsilon$",
        ['η'] = @"$\eta$", ['θ'] = @"$\theta$", ['λ'] = @"$\lambda$", ['µ'] = @"$\mu$", ['μ'] = @"$\mu$", ['σ'] = @"$\sigma$", ['τ'] = @"$\tau$", ['°'] = @"$^\circ$", ['²'] = "$^2$", ['³'] = "$^3$", ['½'] = @"$\frac{1}{2}$",
        ['–'] = "--", ['—'] = "---", ['…'] = @"\ldots{}", ['‘'] = "`", ['’'] = "'", ['“'] = "``", ['”'] = "''", ['✓'] = "", ['✗'] = "",
    };

    /// <summary>The characters that have a form of their own; a test has LaTeX print them all.</summary>
    public static IEnumerable<char> Special => Signs.Keys;

    public static string Line(Words words) => string.Concat(words.Items.Select(word => word.Kind switch
    {
        WordKind.Code => @"\texttt{" + Escape(word.Text) + "}",
        WordKind.Strong => @"\textbf{" + Escape(word.Text) + "}",
        _ => Escape(word.Text),
    }));

    /// <summary>Text that LaTeX prints as it is. A letter that it has no glyph for without packages becomes its code point, <c>(U+4E2D)</c>.</summary>
    public static string Escape(string text)
    {
        var tex = new StringBuilder(text.Length + 8);
        char before = '\0';
        foreach (var rune in text.ReplaceLineEndings(" ").EnumerateRunes())
        {
            var c = rune.IsBmp ? (char)rune.Value : '\0';
            // Two of these in a row would become one dash or quotation mark.
            if (c == before && c is '-' or ',' or '\'') tex.Append("{}");
            before = c;
            if (Signs.TryGetValue(c, out var sign)) tex.Append(sign);
            else if (Rune.IsControl(rune)) tex.Append(' ');
            else if (rune.Value < 0x80 || IsLatinLetter(rune)) tex.Append(rune.ToString());
            else tex.Append(CultureInfo.InvariantCulture, $"(U+{rune.Value:X4})");
        }
        return tex.ToString();
    }

    /// <summary>Letters with accents that LaTeX reads since 2018 without asking, and that its oldest fonts have.</summary>
    private static bool IsLatinLetter(Rune rune) => rune.Value is >= 0xC0 and <= 0x17F && Rune.IsLetter(rune) && !NotInOldFonts.Contains((char)rune.Value, StringComparison.Ordinal);

    private const string NotInOldFonts = "ÐÞðþĄąĐđĘęĦħĮįĸĿŀŉŊŋŦŧŲųſ";
}
