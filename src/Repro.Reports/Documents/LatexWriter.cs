using System.Globalization;
using System.Text;

namespace Repro.Reports.Documents;

/// <summary>
/// Writes a table for a paper: <c>\input{tables/NAME}</c> gives a float with caption and label <c>tab:NAME</c>. Needs no package but booktabs, so that it
/// compiles in any journal's class. Where it comes from stands in comment lines at the top.
/// </summary>
public static class LatexWriter
{
    /// <summary>A cell of more characters makes its column a paragraph of a set width; otherwise the table would run off the page.</summary>
    private const int LongCell = 36;

    /// <summary>Relative to the report's folder: <c>tables/NAME.tex</c>.</summary>
    public static string FileOf(string name) => $"tables/{name}.tex";

    /// <param name="table">With a name. Where Markdown leaves rows out, so does this: a page has no scrolling either.</param>
    /// <exception cref="ArgumentException">The name is empty or has other characters than letters, digits and hyphens.</exception>
    public static string Write(Table table)
    {
        if (table.Name.Length == 0 || !table.Name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            throw new ArgumentException($"A table's name becomes a file and a label, so it has letters, digits and hyphens: '{table.Name}' of '{table.Caption}' has others, or none.");
        var tex = new StringBuilder();
        var shown = Math.Min(table.Rows.Count, table.MarkdownRows ?? int.MaxValue);
        WriteComments(tex, table, shown);
        tex.Append("\\begin{table}\n\\centering\n");
        tex.Append("\\caption{").Append(LatexText.Escape(table.Caption)).Append("}\n\\label{tab:").Append(table.Name).Append("}\n");
        tex.Append("\\begin{tabular}{").Append(Columns(table, shown)).Append("}\n\\toprule\n");
        tex.AppendJoin(" & ", table.Columns.Select(LatexText.Escape)).Append(" \\\\\n\\midrule\n");
        foreach (var row in table.Rows.Take(shown)) tex.AppendJoin(" & ", row.Select(LatexText.Line)).Append(" \\\\\n");
        return tex.Append("\\bottomrule\n\\end{tabular}\n\\end{table}\n").ToString();
    }

    private static void WriteComments(StringBuilder tex, Table table, int shown)
    {
        tex.Append("% Needs \\usepackage{booktabs}.\n");
        if (shown < table.Rows.Count) Comment(tex, "rows", string.Create(CultureInfo.InvariantCulture, $"the first {shown} of {table.Rows.Count}; {DocumentFiles.HtmlName} has all"));
        if (table.Ledger is not { } ledger) return;
        Comment(tex, "made by", ledger.Command);
        // Any paper's source stays readable beside them: long lists stand in short, and whole on the page.
        Comment(tex, "runs", ledger.Runs.Count <= RunLists.Few ? string.Join(", ", ledger.Runs) : $"{ledger.Runs.Count}: {RunLists.Short(ledger.Runs)}");
        foreach (var commit in ledger.Commits) Comment(tex, "commit", commit);
        foreach (var (name, hash) in ledger.Data.OrderBy(set => set.Key, StringComparer.Ordinal)) Comment(tex, "data", $"{name} {hash}");
        foreach (var engine in ledger.Engines) Comment(tex, "engine", engine);
    }

    // A line that broke would be read as part of the table.
    private static void Comment(StringBuilder tex, string name, string value) => tex.Append("% ").Append(name).Append(": ").Append(value.ReplaceLineEndings(" ")).Append('\n');

    private static string Columns(Table table, int shown)
    {
        var columns = Enumerable.Range(0, table.Columns.Count).Select(i => table.Rows.Take(shown).Where(row => i < row.Count).Select(row => row[i].ToString()).ToList()).ToList();
        var paragraphs = columns.Count(cells => cells.Exists(cell => cell.Length > LongCell));
        // Together they take what the short columns leave of a line, roughly.
        var width = Math.Max(0.12, (0.9 - (0.09 * (columns.Count - paragraphs))) / Math.Max(1, paragraphs)).ToString("0.00", CultureInfo.InvariantCulture);
        return string.Concat(columns.Select((cells, i) => cells.Exists(cell => cell.Length > LongCell) ? $"p{{{width}\\linewidth}}" : i > 0 && cells.Count > 0 && cells.TrueForAll(IsNumber) ? "r" : "l"));
    }

    private static bool IsNumber(string cell) => cell is "–" or "" || char.IsAsciiDigit(cell[0]) || (cell.Length > 1 && cell[0] is '-' or '+' or '−' or '.' && (char.IsAsciiDigit(cell[1]) || cell[1] == '.'));
}
