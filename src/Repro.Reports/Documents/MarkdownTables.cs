using System.Globalization;
using System.Text;

namespace Repro.Reports.Documents;

/// <summary>Writes tables as Markdown.</summary>
/// <param name="address">What a link's address becomes in this file; null makes it text.</param>
internal sealed class MarkdownTables(StringBuilder text, Func<string, string?> address, MarkdownLedgers ledgers)
{
    public void Write(Table table)
    {
        var shown = Math.Min(table.Rows.Count, table.MarkdownRows ?? int.MaxValue);
        if (table.Name.Length > 0) text.Append(MarkdownText.Anchor(LinkTargets.OfTable(table.Name))).Append("\n\n");
        text.Append("| ").AppendJoin(" | ", table.Columns.Select(column => MarkdownText.Cell(column, address))).Append(" |\n|");
        foreach (var _ in table.Columns) text.Append(" --- |");
        for (var r = 0; r < shown; r++)
        {
            text.Append("\n| ");
            if (table.RowIds.Count > 0) text.Append(MarkdownText.Anchor(table.RowIds[r]));
            text.AppendJoin(" | ", table.Rows[r].Select(cell => MarkdownText.Cell(cell, address))).Append(" |");
        }
        if (shown < table.Rows.Count)
        {
            var place = DocumentFiles.HtmlName + (table.Name.Length > 0 ? "#" + LinkTargets.OfTable(table.Name) : "");
            text.Append(CultureInfo.InvariantCulture, $"\n\n*The first {shown:N0} of {table.Rows.Count:N0} rows; the other {table.Rows.Count - shown:N0} stand in [{DocumentFiles.HtmlName}]({place}).*");
        }
        ledgers.Write(table.Ledger, table.Name);
    }
}
