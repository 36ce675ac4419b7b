using System.Text;

namespace Repro.Reports.Documents;

/// <summary>Writes the blocks of one document as Markdown, one after the other.</summary>
internal sealed class MarkdownBlocks
{
    private readonly StringBuilder _text;
    private readonly LinkTargets _targets;
    private readonly MarkdownTables _tables;
    private readonly MarkdownLedgers _ledgers;

    /// <summary>Anchors of rows that Markdown leaves out: links to them lead into the page, which has them.</summary>
    private readonly HashSet<string> _leftOut;

    public MarkdownBlocks(StringBuilder text, Document document)
    {
        _text = text;
        _targets = new LinkTargets(document);
        _leftOut = [.. document.Lead.Concat(document.Sections.SelectMany(section => section.Blocks)).SelectMany(LeftOut)];
        _ledgers = new MarkdownLedgers(text);
        _tables = new MarkdownTables(text, Address, _ledgers);
    }

    public void WriteHeading(string id, string title, int level) =>
        // A forge makes anchors of titles, each in its own way; this one is the document's.
        _text.Append(MarkdownText.Anchor(id)).Append('\n').Append('#', level).Append(' ').Append(MarkdownText.Escape(title)).Append("\n\n");

    /// <param name="level">Of the next heading below where the block stands: 2 to 6.</param>
    public void Write(Block block, int level)
    {
        switch (block)
        {
            case Paragraph paragraph: _text.Append(Line(paragraph.Words)); break;
            case Note note: _text.Append("> **").Append(note.Kind switch { NoteKind.Failure => "Failure", NoteKind.Warning => "Warning", _ => "Note" }).Append(".** ").Append(Line(note.Words)); break;
            case BulletList list: _text.AppendJoin('\n', list.Items.Select(item => "- " + Line(item))); break;
            case Table table: _tables.Write(table); break;
            case CodeBlock code: WriteCode(code); break;
            case KeyFigures figures:
                _text.AppendJoin('\n', figures.Items.Select(item => $"- {Escape(item.Name)}: **{Escape(item.Value)}**{(item.Note.Length > 0 ? " (" + Escape(item.Note) + ")" : "")}"));
                break;
            case Picture picture: WritePicture(picture); break;
            case ImageSheet sheet: WritePicture(sheet.Together); break;
            case Prose prose: _text.Append(MarkdownProse.ToMarkdown(prose.Markdown, level).Trim('\n')); break;
            case Subsection inner:
                WriteHeading(inner.Id, inner.Title, level);
                foreach (var child in inner.Blocks) Write(child, Math.Min(6, level + 1));
                return;
            case Details details:
                // Forges fold these; elsewhere they read as a paragraph and what follows.
                _text.Append("<details><summary>").Append(Escape(details.Summary)).Append("</summary>\n\n");
                foreach (var inner in details.Blocks) Write(inner, level);
                _text.Append("</details>");
                break;
            default: throw new NotSupportedException($"Markdown has no form for {block.GetType().Name}.");
        }
        _text.Append("\n\n");
    }

    private void WriteCode(CodeBlock block)
    {
        var fence = new string('`', Math.Max(3, MarkdownText.LongestRun(block.Code) + 1));
        _text.Append(fence).Append(block.Language).Append('\n').Append(block.Code.TrimEnd('\n')).Append('\n').Append(fence);
    }

    private void WritePicture(Picture picture)
    {
        var address = string.Join('/', picture.Png.Split('/').Select(Uri.EscapeDataString));
        _text.Append("![").Append(Escape(picture.Alt)).Append("](").Append(address).Append(')');
        if (picture.Caption.Length > 0) _text.Append("\n\n*").Append(Escape(picture.Caption)).Append('*');
        _ledgers.Write(picture.Ledger);
    }

    private string? Address(string address) =>
        _targets.Resolve(address) is not { } place ? null : place[0] == '#' && _leftOut.Contains(address[1..]) ? DocumentFiles.HtmlName + place : place;

    private static IEnumerable<string> LeftOut(Block block) => block switch
    {
        Subsection inner => inner.Blocks.SelectMany(LeftOut),
        Details details => details.Blocks.SelectMany(LeftOut),
        Table { MarkdownRows: { } rows } table => table.RowIds.Skip(rows),
        _ => [],
    };

    private string Line(Words words) => MarkdownText.Line(words, Address);

    private static string Escape(string text) => MarkdownText.Escape(text);
}
