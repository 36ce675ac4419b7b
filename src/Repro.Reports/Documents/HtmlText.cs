using System.Net;

namespace Repro.Reports.Documents;

/// <summary>Words of a line as HTML.</summary>
internal static class HtmlText
{
    /// <summary>For text and for attributes in double quotes.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    public static string Inline(Words words, LinkTargets targets)
    {
        // Most cells of big tables are one plain word.
        if (words.Items is [{ Kind: WordKind.Plain } only]) return Escape(only.Text);
        return string.Concat(words.Items.Select(word => Inline(word, targets)));
    }

    private static string Inline(Word word, LinkTargets targets) => word.Kind switch
    {
        WordKind.Code => $"<code>{Escape(word.Text)}</code>",
        WordKind.Strong => $"<strong>{Escape(word.Text)}</strong>",
        WordKind.Link when targets.Resolve(word.Address) is { } address => $"<a href=\"{Escape(address)}\">{Escape(word.Text)}</a>",
        // The sign is for the eye; what is read out is the word.
        WordKind.Good or WordKind.Bad or WordKind.Open or WordKind.Muted =>
            $"<span class=\"badge {word.Kind.ToString().ToLowerInvariant()}\"><span aria-hidden=\"true\">{Badges.Sign(word.Kind)}</span> {Escape(word.Text)}</span>",
        _ => Escape(word.Text),
    };
}
