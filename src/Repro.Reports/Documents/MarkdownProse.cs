using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Repro.Reports.Documents;

/// <summary>A person's Markdown, as part of a report: no HTML of its own, no script, nothing from the network, headings below the report's.</summary>
public static class MarkdownProse
{
    /// <summary>The report's title is level 1, its sections level 2; in a section, the prose's own highest heading becomes this one.</summary>
    private const int InSection = 3;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().UsePipeTables().UsePreciseSourceLocation().Build();

    /// <summary>HTML in which every link goes to http, https, mailto or a relative place, and images are links.</summary>
    /// <param name="highest">Level of the prose's highest heading: 2 to 6.</param>
    public static string ToHtml(string markdown, int highest = InSection)
    {
        var document = Parse(markdown);
        foreach (var image in document.Descendants<LinkInline>().Where(link => link.IsImage).ToList()) image.IsImage = false;
        foreach (var link in document.Descendants<LinkInline>().Where(link => !IsSafe(link.GetDynamicUrl?.Invoke() ?? link.Url)).ToList()) link.Url = "#";
        foreach (var link in document.Descendants<AutolinkInline>().Where(link => !link.IsEmail && !IsSafe(link.Url)).ToList()) link.ReplaceBy(new LiteralInline(link.Url));
        var shift = Shift(document, highest);
        foreach (var heading in document.Descendants<HeadingBlock>()) heading.Level = Level(heading, shift);
        return document.ToHtml(Pipeline);
    }

    /// <summary>The same Markdown with headings moved down and the less-than signs of its text escaped, so that no reader of Markdown takes them for HTML.</summary>
    /// <param name="highest">Level of the prose's highest heading: 2 to 6.</param>
    public static string ToMarkdown(string markdown, int highest = InSection)
    {
        var document = Parse(markdown);
        var edits = new List<(int Start, int Length, string Text)>();
        foreach (var literal in document.Descendants<LiteralInline>())
        {
            for (var i = literal.Span.Start; i <= literal.Span.End && i < markdown.Length; i++)
            {
                if (markdown[i] == '<' && (i == 0 || markdown[i - 1] != '\\')) edits.Add((i, 1, "&lt;"));
            }
        }
        foreach (var link in document.Descendants<LinkInline>().Where(link => !IsSafe(link.Url)))
        {
            if (link.UrlSpan is { Length: > 0 } url) edits.Add((url.Start, url.Length, "#"));
        }
        foreach (var link in document.Descendants<AutolinkInline>().Where(link => !link.IsEmail && !IsSafe(link.Url))) edits.Add((link.Span.Start, 1, "&lt;"));
        var shift = Shift(document, highest);
        foreach (var heading in document.Descendants<HeadingBlock>())
        {
            var marks = new string('#', Level(heading, shift));
            if (!heading.IsSetext)
            {
                edits.Add((heading.Span.Start, heading.Level, marks));
                continue;
            }
            // An underlined heading has no levels below 2: it loses its underline and gets marks.
            var underline = markdown.LastIndexOf('\n', heading.Span.End);
            edits.Add((heading.Span.Start, 0, marks + " "));
            edits.Add((underline, heading.Span.End + 1 - underline, ""));
        }
        var text = new System.Text.StringBuilder(markdown);
        foreach (var (start, length, replacement) in edits.DistinctBy(edit => (edit.Start, edit.Length)).OrderByDescending(edit => edit.Start))
            text.Remove(start, length).Insert(start, replacement);
        return text.ToString();
    }

    private static int Shift(MarkdownDocument document, int highest) =>
        highest - document.Descendants<HeadingBlock>().Select(heading => heading.Level).DefaultIfEmpty(highest).Min();

    private static int Level(HeadingBlock heading, int shift) => Math.Min(6, heading.Level + shift);

    private static MarkdownDocument Parse(string markdown) => Markdig.Markdown.Parse(markdown, Pipeline);

    private static bool IsSafe(string? url)
    {
        if (url is null) return false;
        // Browsers ignore control characters and spaces when they look for the scheme.
        var bare = string.Concat(url.Where(c => !char.IsControl(c) && !char.IsWhiteSpace(c)));
        var colon = bare.IndexOf(':');
        var path = bare.IndexOfAny(['/', '?', '#']);
        return colon < 0 || (path >= 0 && path < colon) || bare[..colon].ToLowerInvariant() is "http" or "https" or "mailto";
    }
}
