using System.Text;

namespace Repro.Reports.Documents;

/// <summary>Writes a document as Markdown that reads well on a forge and in an editor.</summary>
public static class MarkdownWriter
{
    public static string Write(Document document)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(Escape(document.Title)).Append("\n\n").Append(Escape(document.Subtitle)).Append("\n\n");
        foreach (var block in document.Lead) Write(text, block);
        foreach (var section in document.Sections)
        {
            text.Append("## ").Append(Escape(section.Title)).Append("\n\n");
            foreach (var block in section.Blocks) Write(text, block);
        }
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static void Write(StringBuilder text, Block block)
    {
        switch (block)
        {
            case Paragraph paragraph: text.Append(Line(paragraph.Words)); break;
            case Note note: text.Append("> **").Append(note.Kind switch { NoteKind.Failure => "Failure", NoteKind.Warning => "Warning", _ => "Note" }).Append(".** ").Append(Line(note.Words)); break;
            case BulletList list: text.AppendJoin('\n', list.Items.Select(item => "- " + Line(item))); break;
            case Table table: WriteTable(text, table); break;
            case CodeBlock code: WriteCode(text, code); break;
            case KeyFigures figures:
                text.AppendJoin('\n', figures.Items.Select(item => $"- {Escape(item.Name)}: **{Escape(item.Value)}**{(item.Note.Length > 0 ? " (" + Escape(item.Note) + ")" : "")}"));
                break;
            case Picture picture: WritePicture(text, picture); break;
            case ImageSheet sheet: WritePicture(text, sheet.Together); break;
            case Prose prose: text.Append(MarkdownProse.ToMarkdown(prose.Markdown).Trim('\n')); break;
            case Details details:
                // Forges fold these; elsewhere they read as a paragraph and what follows.
                text.Append("<details><summary>").Append(Escape(details.Summary)).Append("</summary>\n\n");
                foreach (var inner in details.Blocks) Write(text, inner);
                text.Append("</details>");
                break;
            default: throw new NotSupportedException($"Markdown has no form for {block.GetType().Name}.");
        }
        text.Append("\n\n");
    }

    private static void WriteTable(StringBuilder text, Table table)
    {
        text.Append("| ").AppendJoin(" | ", table.Columns.Select(column => Cell(column))).Append(" |\n|");
        foreach (var _ in table.Columns) text.Append(" --- |");
        foreach (var row in table.Rows) text.Append("\n| ").AppendJoin(" | ", row.Select(Cell)).Append(" |");
    }

    private static void WriteCode(StringBuilder text, CodeBlock block)
    {
        var fence = new string('`', Math.Max(3, LongestRun(block.Code) + 1));
        text.Append(fence).Append(block.Language).Append('\n').Append(block.Code.TrimEnd('\n')).Append('\n').Append(fence);
    }

    private static void WritePicture(StringBuilder text, Picture picture)
    {
        var address = string.Join('/', picture.Png.Split('/').Select(Uri.EscapeDataString));
        text.Append("![").Append(Escape(picture.Alt)).Append("](").Append(address).Append(')');
        if (picture.Caption.Length > 0) text.Append("\n\n*").Append(Escape(picture.Caption)).Append('*');
    }

    private static string Line(Words words) => string.Concat(words.Items.Select(Inline));

    private static string Cell(Words words) => Line(words).Replace("|", "\\|", StringComparison.Ordinal).Replace("\\\\|", "\\|", StringComparison.Ordinal);

    private static string Inline(Word word) => word.Kind switch
    {
        WordKind.Code => Code(word.Text),
        WordKind.Strong => $"**{Escape(word.Text)}**",
        _ => Escape(word.Text),
    };

    private static string Code(string text)
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

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static int LongestRun(string text)
    {
        int longest = 0, run = 0;
        foreach (var c in text)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        return longest;
    }
}
