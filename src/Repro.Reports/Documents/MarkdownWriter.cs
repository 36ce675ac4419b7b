using System.Text;

namespace Repro.Reports.Documents;

/// <summary>Writes a document as Markdown that reads well on a forge and in an editor.</summary>
public static class MarkdownWriter
{
    /// <exception cref="ArgumentException">Two places have the same id, or a table has not one id a row.</exception>
    public static string Write(Document document)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(MarkdownText.Escape(document.Title)).Append("\n\n").Append(MarkdownText.Escape(document.Subtitle)).Append("\n\n");
        var blocks = new MarkdownBlocks(text, document);
        foreach (var block in document.Lead) blocks.Write(block, 2);
        foreach (var section in document.Sections)
        {
            blocks.WriteHeading(section.Id, section.Title, 2);
            foreach (var block in section.Blocks) blocks.Write(block, 3);
        }
        return text.ToString().TrimEnd('\n') + "\n";
    }
}
