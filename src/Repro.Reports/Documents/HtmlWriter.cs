using System.Net;
using System.Text;
using Repro.Figures.Images;

namespace Repro.Reports.Documents;

/// <summary>
/// Writes a document as one HTML file that needs nothing else: styles and pictures are inside, there is no script, and the page's own policy
/// forbids the network.
/// </summary>
public static class HtmlWriter
{
    private static readonly string Style = ReadStyle();

    public static string Write(Document document)
    {
        var html = new StringBuilder();
        html.Append("""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">

            """);
        html.Append($"<title>{Text(document.Title)}</title>\n<style>\n{Style}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">Skip to the content</a>\n");
        html.Append($"<header><h1>{Text(document.Title)}</h1><p class=\"subtitle\">{Text(document.Subtitle)}</p></header>\n");
        html.Append("<nav aria-label=\"Sections\"><ul>");
        foreach (var section in document.Sections) html.Append($"<li><a href=\"#{Text(section.Id)}\">{Text(section.Title)}</a></li>");
        html.Append("</ul></nav>\n<main id=\"content\" tabindex=\"-1\">\n");
        foreach (var block in document.Lead) Write(html, block);
        foreach (var section in document.Sections)
        {
            html.Append($"<section aria-labelledby=\"{Text(section.Id)}\">\n<h2 id=\"{Text(section.Id)}\">{Text(section.Title)}</h2>\n");
            foreach (var block in section.Blocks) Write(html, block);
            html.Append("</section>\n");
        }
        return html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void Write(StringBuilder html, Block block)
    {
        switch (block)
        {
            case Paragraph paragraph: html.Append($"<p>{Inline(paragraph.Words)}</p>\n"); break;
            case Note note: WriteNote(html, note); break;
            case BulletList list: html.Append("<ul>").AppendJoin("", list.Items.Select(item => $"<li>{Inline(item)}</li>")).Append("</ul>\n"); break;
            case Table table: WriteTable(html, table); break;
            case CodeBlock code: html.Append($"<pre tabindex=\"0\"><code>{Text(code.Code.TrimEnd('\n'))}</code></pre>\n"); break;
            case KeyFigures figures: WriteKeyFigures(html, figures); break;
            case Picture picture: WritePicture(html, picture); break;
            case ImageSheet sheet: WriteSheet(html, sheet); break;
            case Prose prose: html.Append($"<div class=\"prose\">{MarkdownProse.ToHtml(prose.Markdown)}</div>\n"); break;
            case Details details:
                html.Append($"<details><summary>{Text(details.Summary)}</summary>\n");
                foreach (var inner in details.Blocks) Write(html, inner);
                html.Append("</details>\n");
                break;
            default: throw new NotSupportedException($"HTML has no form for {block.GetType().Name}.");
        }
    }

    private static void WriteNote(StringBuilder html, Note note)
    {
        var (style, word) = note.Kind switch { NoteKind.Failure => ("failure", "Failure"), NoteKind.Warning => ("warning", "Warning"), _ => ("information", "Note") };
        html.Append($"<p class=\"note {style}\"><strong>{word}.</strong> {Inline(note.Words)}</p>\n");
    }

    private static void WriteTable(StringBuilder html, Table table)
    {
        // Wide tables scroll in their own box, reachable by keyboard, so that the page never does.
        html.Append($"<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{Text(table.Caption)}\"><table>\n<caption>{Text(table.Caption)}</caption>\n<thead><tr>");
        foreach (var column in table.Columns) html.Append($"<th scope=\"col\">{Text(column)}</th>");
        html.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in table.Rows)
        {
            html.Append("<tr>");
            for (var i = 0; i < row.Count; i++) html.Append(i == 0 ? $"<th scope=\"row\">{Inline(row[i])}</th>" : $"<td>{Inline(row[i])}</td>");
            html.Append("</tr>\n");
        }
        html.Append("</tbody></table></div>\n");
    }

    private static void WriteKeyFigures(StringBuilder html, KeyFigures figures)
    {
        html.Append("<dl class=\"key\">");
        foreach (var item in figures.Items)
        {
            html.Append($"<div><dt>{Text(item.Name)}</dt><dd>{Text(item.Value)}");
            if (item.Note.Length > 0) html.Append($"<span>{Text(item.Note)}</span>");
            html.Append("</dd></div>");
        }
        html.Append("</dl>\n");
    }

    private static void WritePicture(StringBuilder html, Picture picture)
    {
        html.Append("<figure>\n");
        foreach (var (svg, screen) in new[] { (picture.Svg, "wide"), (picture.ColumnSvg, "narrow") })
            html.Append($"<div class=\"drawing {screen}\" role=\"img\" aria-label=\"{Text(picture.Alt)}\">{InlineSvg.From(svg)}</div>\n");
        if (picture.Caption.Length > 0) html.Append($"<figcaption>{Text(picture.Caption)}</figcaption>\n");
        html.Append("</figure>\n");
    }

    private static void WriteSheet(StringBuilder html, ImageSheet sheet)
    {
        html.Append("<ol class=\"sheet\">\n");
        foreach (var ((image, caption), i) in sheet.Images.Select((item, i) => (item, i)))
        {
            var png = Convert.ToBase64String(ImageFile.EncodePng(image));
            html.Append($"<li><figure><img src=\"data:image/png;base64,{png}\" width=\"{image.Width}\" height=\"{image.Height}\" alt=\"Image {i + 1} of {sheet.Images.Count}\"><figcaption>{Text(caption)}</figcaption></figure></li>\n");
        }
        html.Append("</ol>\n");
    }

    private static string Inline(Words words) => string.Concat(words.Items.Select(word => word.Kind switch
    {
        WordKind.Code => $"<code>{Text(word.Text)}</code>",
        WordKind.Strong => $"<strong>{Text(word.Text)}</strong>",
        _ => Text(word.Text),
    }));

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string ReadStyle()
    {
        using var reader = new StreamReader(typeof(HtmlWriter).Assembly.GetManifestResourceStream("Repro.Reports.Documents.report.css")!);
        return reader.ReadToEnd();
    }
}
