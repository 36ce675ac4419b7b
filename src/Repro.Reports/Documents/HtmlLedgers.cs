using System.Globalization;
using System.Text;

namespace Repro.Reports.Documents;

/// <summary>Writes where a figure or table comes from, folded below it.</summary>
internal sealed class HtmlLedgers(StringBuilder html, RunLists lists)
{
    /// <param name="ledger">Null writes nothing.</param>
    /// <param name="table">Name of the table's LaTeX file; empty where it has none.</param>
    public void Write(Ledger? ledger, string table = "")
    {
        if (ledger is null) return;
        html.Append($"<details class=\"ledger\"><summary>Made by <code>{Text(ledger.Command)}</code>{From(ledger.Runs.Count)}</summary>\n<pre tabindex=\"0\"><code>{Text(ledger.Command)}</code></pre>\n<dl>");
        html.Append("<dt>runs</dt><dd>");
        WriteRuns(ledger.Runs);
        html.Append("</dd>");
        Add(ledger.Commits.Count == 1 ? "commit" : "commits", ledger.Commits.Select(Code));
        Add("data", ledger.Data.OrderBy(set => set.Key, StringComparer.Ordinal).Select(set => $"{Text(set.Key)} {Code(set.Value)}"));
        if (ledger.Yardsticks.Count > 0) Add("measured with", ledger.Yardsticks.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{Text(one.Key)} {Code(one.Value)}"));
        Add(ledger.Engines.Count == 1 ? "engine" : "engines", ledger.Engines.Select(Text));
        if (table.Length > 0) Add("LaTeX", [Code(LatexWriter.FileOf(table))]);
        html.Append("</dl></details>\n");
    }

    private static string From(int runs) => runs switch { 0 => "", 1 => " from 1 run", _ => string.Create(CultureInfo.InvariantCulture, $" from {runs:N0} runs") };

    private void WriteRuns(IReadOnlyList<string> runs)
    {
        if (runs.Count <= RunLists.Few)
        {
            html.Append(runs.Count == 0 ? "none" : string.Join(", ", runs.Select(Code)));
            return;
        }
        html.Append(Text(RunLists.Short(runs)));
        var count = runs.Count.ToString("N0", CultureInfo.InvariantCulture);
        var (id, first) = lists.Place(runs);
        if (first) html.Append($"<details class=\"long\" id=\"{id}\"><summary>All {count} ids</summary><pre tabindex=\"0\"><code>").AppendJoin('\n', runs.Select(Text)).Append("</code></pre></details>");
        else html.Append($" <a href=\"#{id}\">All {count} ids</a>");
    }

    private void Add(string name, IEnumerable<string> values)
    {
        var list = values.ToList();
        html.Append($"<dt>{name}</dt><dd>{(list.Count == 0 ? "not recorded" : string.Join("<br>", list))}</dd>");
    }

    private static string Code(string text) => $"<code>{Text(text)}</code>";

    private static string Text(string text) => HtmlText.Escape(text);
}
