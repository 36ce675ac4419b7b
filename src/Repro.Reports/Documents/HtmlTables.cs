using System.Globalization;
using System.Text;

namespace Repro.Reports.Documents;

/// <summary>Writes tables as HTML. Sorting and filtering are the script's: it acts on tables of the class <c>sortable</c>.</summary>
internal sealed class HtmlTables(StringBuilder html, LinkTargets targets, HtmlLedgers ledgers)
{
    /// <summary>
    /// From so many rows on a table scrolls in a box of its own, in groups of <see cref="Group"/> rows that a browser lays out only when they come into sight.
    /// Ten thousand rows laid out as one table cost 1.7 s of processor time, in groups 0.2 s. A table cannot be laid out in parts, so that on screens its rows
    /// are grids of the same columns, whose widths are known beforehand.
    /// </summary>
    private const int Big = 200, Group = 100;

    /// <summary>Widths of a big table's columns, in digits; what is longer breaks.</summary>
    private const int Narrowest = 6, Widest = 32;

    /// <summary>Fewer rows are seen at once, and names beside values have an order of their own.</summary>
    private const int SortableRows = 3, SortableColumns = 3;

    /// <summary>
    /// On a narrow screen the rows of a table with verdicts are read one by one, each as a card with names beside its values, so that no verdict lies outside the
    /// screen. Longer tables, and those whose columns are compared, scroll to the side.
    /// </summary>
    private const int StackedRows = 30, StackedColumns = 4;

    public HtmlLedgers Ledgers => ledgers;

    public void Write(Table table)
    {
        var caption = HtmlText.Escape(table.Caption);
        var sortable = table.Rows.Count >= SortableRows && table.Columns.Count >= SortableColumns;
        var big = table.Rows.Count >= Big;
        var stacked = table.Rows.Count <= StackedRows && table.Columns.Count >= StackedColumns && table.Rows.Any(row => row.Any(cell => cell.Items.Any(word => Badges.Sign(word.Kind) is not null)));
        // Wide tables scroll in their own box, reachable by keyboard, so that the page never does.
        html.Append($"<div class=\"scroll{(big ? " big" : "")}\" role=\"group\" tabindex=\"0\" aria-label=\"{caption}\"><table");
        if (table.Name.Length > 0) html.Append($" id=\"{HtmlText.Escape(LinkTargets.OfTable(table.Name))}\"");
        var classes = string.Join(' ', ((string?[])[sortable ? "sortable" : null, stacked ? "stacked" : null]).OfType<string>());
        if (classes.Length > 0) html.Append($" class=\"{classes}\"");
        // Rows that are drawn as blocks are no table to some screen readers, unless told.
        if (big) html.Append($" style=\"{Columns(table)}\"");
        html.Append(stacked || big ? " role=\"table\">" : ">").Append($"\n<caption>{caption}</caption>\n<thead><tr>");
        foreach (var column in table.Columns) html.Append($"<th scope=\"col\">{HtmlText.Escape(column)}</th>");
        html.Append("</tr></thead>\n<tbody>\n");
        for (var r = 0; r < table.Rows.Count; r++)
        {
            if (big && r > 0 && r % Group == 0) html.Append("</tbody>\n<tbody>\n");
            html.Append("<tr");
            if (table.RowIds.Count > 0) html.Append(" id=\"").Append(HtmlText.Escape(table.RowIds[r])).Append('"');
            html.Append(stacked ? " role=\"row\">" : ">");
            var row = table.Rows[r];
            for (var i = 0; i < row.Count; i++)
            {
                html.Append(i == 0 ? "<th scope=\"row\"" : "<td");
                if (stacked) html.Append(i == 0 ? " role=\"rowheader\"" : $" role=\"cell\" data-name=\"{HtmlText.Escape(table.Columns[i])}\"");
                html.Append('>').Append(HtmlText.Inline(row[i], targets)).Append(i == 0 ? "</th>" : "</td>");
            }
            html.Append("</tr>\n");
        }
        html.Append("</tbody></table></div>\n");
        ledgers.Write(table.Ledger, table.Name);
    }

    private static string Columns(Table table)
    {
        var widths = table.Columns.Select((name, i) =>
        {
            // The sign behind a sortable name takes two, and so does the space beside a cell.
            var longest = Math.Max(table.Rows.Max(row => i < row.Count ? row[i].Length : 0), name.Split(' ').Max(word => word.Length) + 2);
            return Math.Clamp(longest, Narrowest, Widest) + 2;
        }).ToList();
        return string.Create(CultureInfo.InvariantCulture, $"--width:{widths.Sum()}ch;--columns:{string.Join(' ', widths.Select(width => string.Create(CultureInfo.InvariantCulture, $"minmax({width}ch,{width}fr)")))}");
    }
}
