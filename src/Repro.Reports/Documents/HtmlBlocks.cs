using System.Text;
using Repro.Figures.Images;

namespace Repro.Reports.Documents;

/// <summary>Writes the blocks of one document as HTML, one after the other.</summary>
internal sealed class HtmlBlocks(StringBuilder html, LinkTargets targets)
{
    /// <summary>
    /// From so many characters on, an SVG is one element for each of thousands of points: slow to open, and large twice, for wide and narrow screens. Its PNG
    /// then stands in its place.
    /// </summary>
    private const int LargestSvg = 200_000;

    private readonly HtmlTables _tables = new(html, targets, new HtmlLedgers(html, new RunLists()));

    /// <param name="level">Of the next heading below where the block stands: 2 to 6.</param>
    public void Write(Block block, int level)
    {
        switch (block)
        {
            case Paragraph paragraph: html.Append($"<p>{Inline(paragraph.Words)}</p>\n"); break;
            case Note note: WriteNote(note); break;
            case BulletList list: html.Append("<ul>").AppendJoin("", list.Items.Select(item => $"<li>{Inline(item)}</li>")).Append("</ul>\n"); break;
            case Table table: _tables.Write(table); break;
            case CodeBlock code: html.Append($"<pre tabindex=\"0\"><code>{Text(code.Code.TrimEnd('\n'))}</code></pre>\n"); break;
            case KeyFigures figures: WriteKeyFigures(figures); break;
            case Picture picture: WritePicture(picture); break;
            case ImageSheet sheet: WriteSheet(sheet); break;
            case Prose prose: html.Append($"<div class=\"prose\">{MarkdownProse.ToHtml(prose.Markdown, level)}</div>\n"); break;
            case Subsection inner:
                html.Append($"<div class=\"card\"><h{level} id=\"{Text(inner.Id)}\">{Text(inner.Title)}</h{level}>\n");
                foreach (var child in inner.Blocks) Write(child, Math.Min(6, level + 1));
                html.Append("</div>\n");
                break;
            case Details details:
                html.Append($"<details><summary>{Text(details.Summary)}</summary>\n");
                foreach (var child in details.Blocks) Write(child, level);
                html.Append("</details>\n");
                break;
            default: throw new NotSupportedException($"HTML has no form for {block.GetType().Name}.");
        }
    }

    private void WriteNote(Note note)
    {
        var (style, word) = note.Kind switch { NoteKind.Failure => ("failure", "Failure"), NoteKind.Warning => ("warning", "Warning"), _ => ("information", "Note") };
        html.Append($"<p class=\"note {style}\"><strong>{word}.</strong> {Inline(note.Words)}</p>\n");
    }

    private void WriteKeyFigures(KeyFigures figures)
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

    private void WritePicture(Picture picture)
    {
        html.Append("<figure>\n");
        var png = Path.ChangeExtension(picture.Svg, ".png");
        if (new FileInfo(picture.Svg).Length > LargestSvg && File.Exists(png))
        {
            html.Append($"<img class=\"drawing\" src=\"data:image/png;base64,{Convert.ToBase64String(File.ReadAllBytes(png))}\" alt=\"{Text(picture.Alt)}\">\n");
        }
        else
        {
            foreach (var (svg, screen) in new[] { (picture.Svg, "wide"), (picture.ColumnSvg, "narrow") })
                html.Append($"<div class=\"drawing {screen}\" role=\"img\" aria-label=\"{Text(picture.Alt)}\">{InlineSvg.From(svg)}</div>\n");
        }
        if (picture.Caption.Length > 0) html.Append($"<figcaption>{Text(picture.Caption)}</figcaption>\n");
        html.Append("</figure>\n");
        _tables.Ledgers.Write(picture.Ledger);
    }

    private void WriteSheet(ImageSheet sheet)
    {
        html.Append("<ol class=\"sheet\">\n");
        foreach (var ((image, caption), i) in sheet.Images.Select((item, i) => (item, i)))
        {
            var png = Convert.ToBase64String(ImageFile.EncodePng(image));
            html.Append($"<li><figure><img src=\"data:image/png;base64,{png}\" width=\"{image.Width}\" height=\"{image.Height}\" alt=\"Image {i + 1} of {sheet.Images.Count}\"><figcaption>{Text(caption)}</figcaption></figure></li>\n");
        }
        html.Append("</ol>\n");
        _tables.Ledgers.Write(sheet.Together.Ledger);
    }

    private string Inline(Words words) => HtmlText.Inline(words, targets);

    private static string Text(string text) => HtmlText.Escape(text);
}
