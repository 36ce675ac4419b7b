using System.Text;

namespace Repro.Reports.Documents;

/// <summary>Writes tables as HTML. Sorting and filtering are the script's: it acts on tables of the class <c>sortable</c>.</summary>
internal sealed class HtmlTables(StringBuilder html, LinkTargets targets, HtmlLedgers ledgers)
{
    /// <summary>From so many rows on a table scrolls in a box of its own, and a browser lays it out only when it comes into sight.</summary>
    private const int Big = 200;

    /// <summary>Fewer rows are seen at once, and names beside values have an order of their own.</summary>
    private const int SortableRows = 3, SortableColumns = 3;

    public HtmlLedgers Ledgers => ledgers;

    public void Write(Table table)
    {
        var caption = HtmlText.Escape(table.Caption);
        var sortable = table.Rows.Count >= SortableRows && table.Columns.Count >= SortableColumns;
        // Wide tables scroll in their own box, reachable by keyboard, so that the page never does.
        html.Append($"<div class=\"scroll{(table.Rows.Count >= Big ? " big" : "")}\" role=\"group\" tabindex=\"0\" aria-label=\"{caption}\"><table");
        if (table.Name.Length > 0) html.Append($" id=\"{HtmlText.Escape(LinkTargets.OfTable(table.Name))}\"");
        html.Append(sortable ? " class=\"sortable\"" : "").Append($">\n<caption>{caption}</caption>\n<thead><tr>");
        foreach (var column in table.Columns) html.Append($"<th scope=\"col\">{HtmlText.Escape(column)}</th>");
        html.Append("</tr></thead>\n<tbody>\n");
        for (var r = 0; r < table.Rows.Count; r++)
        {
            html.Append("<tr");
            if (table.RowIds.Count > 0) html.Append(" id=\"").Append(HtmlText.Escape(table.RowIds[r])).Append('"');
            html.Append('>');
            var row = table.Rows[r];
            for (var i = 0; i < row.Count; i++)
            {
                html.Append(i == 0 ? "<th scope=\"row\">" : "<td>").Append(HtmlText.Inline(row[i], targets)).Append(i == 0 ? "</th>" : "</td>");
            }
            html.Append("</tr>\n");
        }
        html.Append("</tbody></table></div>\n");
        ledgers.Write(table.Ledger, table.Name);
    }
}
