using System.Security.Cryptography;
using System.Text;

namespace Repro.Reports.Documents;

/// <summary>
/// Writes a document as one HTML file that needs nothing else: styles, pictures and the one script are inside, and the page's own policy forbids the
/// network and every script but this one, by its SHA-256. The script sorts and filters tables, copies commands and opens what a link leads into;
/// without it the page says the same.
/// </summary>
public static class HtmlWriter
{
    private static readonly string Style = Read("report.css");
    private static readonly string Script = Read("report.js");

    /// <summary>As browsers compute it: over the bytes between the tags.</summary>
    private static readonly string ScriptHash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script)));

    /// <exception cref="ArgumentException">Two places have the same id, or a table has not one id a row.</exception>
    public static string Write(Document document)
    {
        var html = new StringBuilder();
        html.Append($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-{ScriptHash}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
            <title>{HtmlText.Escape(document.Title)}</title>
            <style>
            {Style}</style>
            </head>
            <body>
            <a class="skip" href="#content">Skip to the content</a>
            <header><h1>{HtmlText.Escape(document.Title)}</h1><p class="subtitle">{HtmlText.Escape(document.Subtitle)}</p></header>
            <nav aria-label="Sections"><ul>
            """);
        foreach (var section in document.Sections) html.Append($"<li><a href=\"#{HtmlText.Escape(section.Id)}\">{HtmlText.Escape(section.Title)}</a></li>");
        html.Append("</ul></nav>\n<main id=\"content\" tabindex=\"-1\">\n");
        var blocks = new HtmlBlocks(html, new LinkTargets(document));
        foreach (var block in document.Lead) blocks.Write(block, 2);
        foreach (var section in document.Sections)
        {
            html.Append($"<section aria-labelledby=\"{HtmlText.Escape(section.Id)}\">\n<h2 id=\"{HtmlText.Escape(section.Id)}\">{HtmlText.Escape(section.Title)}</h2>\n");
            foreach (var block in section.Blocks) blocks.Write(block, 3);
            html.Append("</section>\n");
        }
        return html.Append("</main>\n<script>").Append(Script).Append("</script>\n</body>\n</html>\n").ToString();
    }

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(HtmlWriter).Assembly.GetManifestResourceStream("Repro.Reports.Documents." + name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
