using System.Text;

namespace Repro.Reports.Documents;

/// <summary>Words of a line as Markdown.</summary>
internal static class MarkdownText
{
    /// <param name="address">What a link's address becomes in this file; null makes it text.</param>
    public static string Line(Words words, Func<string, string?> address) => string.Concat(words.Items.Select(word => Inline(word, address)));

    public static string Cell(Words words, Func<string, string?> address) => Bars(Line(words, address));

    public static string Code(string text)
    {
        text = OneLine(text);
        if (text.Length == 0) return "";
        var fence = new string('`', LongestRun(text) + 1);
        // A space keeps backticks at the ends apart from the fence; readers remove it.
        var space = text[0] == '`' || text[^1] == '`' ? " " : "";
        return fence + space + text + space + fence;
    }

    /// <summary>Text that no reader of Markdown takes for markup or HTML.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        text = OneLine(text);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '<') escaped.Append("&lt;");
            else if (c == '&') escaped.Append("&amp;");
            else if (c is '\\' or '`' or '*' or '[' or ']' or '|') escaped.Append('\\').Append(c);
            // Inside a word an underscore is no emphasis, and names stay readable in the source.
            else if (c == '_' && !(i > 0 && i + 1 < text.Length && char.IsLetterOrDigit(text[i - 1]) && char.IsLetterOrDigit(text[i + 1]))) escaped.Append("\\_");
            else if (i == 0 && c is '#' or '>' or '+' or '-' or '=') escaped.Append(i == 0 ? "\\" : "").Append(c);
            else escaped.Append(c);
        }
        return escaped.ToString();
    }

    /// <summary>An anchor that forges keep, unlike other HTML.</summary>
    public static string Anchor(string id) => $"<a id=\"{HtmlText.Escape(id)}\"></a>";

    public static int LongestRun(string text)
    {
        int longest = 0, run = 0;
        foreach (var c in text)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        return longest;
    }

    private static string Inline(Word word, Func<string, string?> address) => word.Kind switch
    {
        WordKind.Code => Code(word.Text),
        WordKind.Strong => $"**{Escape(word.Text)}**",
        WordKind.Link when address(word.Address) is { } place => $"[{Escape(word.Text)}]({place})",
        WordKind.Good or WordKind.Bad or WordKind.Open or WordKind.Muted => $"**{Badges.Sign(word.Kind)} {OneLine(Escape(word.Text))}**",
        _ => Escape(word.Text),
    };

    // A bar ends a cell even within code, unless it is escaped; one that text has escaped already is left.
    private static string Bars(string line) => line.Replace("|", "\\|", StringComparison.Ordinal).Replace("\\\\|", "\\|", StringComparison.Ordinal);

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
