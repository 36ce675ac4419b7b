using System.Globalization;
using System.Text;

namespace Repro.Reports.Documents;

/// <summary>Writes where a figure or table comes from, folded below it where a forge folds.</summary>
internal sealed class MarkdownLedgers(StringBuilder text)
{
    /// <summary>Longer lists stand on the page alone: a forge cuts off files that are too long.</summary>
    private const int LongestList = 500;

    private readonly RunLists _lists = new();

    /// <param name="ledger">Null writes nothing.</param>
    /// <param name="table">Name of the table's LaTeX file; empty where it has none.</param>
    public void Write(Ledger? ledger, string table = "")
    {
        if (ledger is null) return;
        text.Append("\n\n<details><summary>Made by <code>").Append(HtmlText.Escape(ledger.Command)).Append("</code></summary>\n\n");
        var fence = new string('`', Math.Max(3, MarkdownText.LongestRun(ledger.Command) + 1));
        text.Append(fence).Append("sh\n").Append(ledger.Command.ReplaceLineEndings(" ")).Append('\n').Append(fence).Append("\n\n");
        text.Append("- runs: ").Append(Runs(ledger.Runs));
        Add(ledger.Commits.Count == 1 ? "commit" : "commits", ledger.Commits.Select(MarkdownText.Code));
        Add("data", ledger.Data.OrderBy(set => set.Key, StringComparer.Ordinal).Select(set => $"{MarkdownText.Escape(set.Key)} {MarkdownText.Code(set.Value)}"));
        if (ledger.Yardsticks.Count > 0) Add("measured with", ledger.Yardsticks.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{MarkdownText.Escape(one.Key)} {MarkdownText.Code(one.Value)}"));
        Add(ledger.Engines.Count == 1 ? "engine" : "engines", ledger.Engines.Select(MarkdownText.Escape));
        if (table.Length > 0) text.Append("\n- LaTeX: [").Append(LatexWriter.FileOf(table)).Append("](").Append(LatexWriter.FileOf(table)).Append(')');
        if (_all is { } all) text.Append("\n\n").Append(all);
        _all = null;
        text.Append("\n\n</details>");
    }

    /// <summary>The whole list of the ledger that is being written, for below its facts.</summary>
    private string? _all;

    private string Runs(IReadOnlyList<string> runs)
    {
        if (runs.Count <= RunLists.Few) return runs.Count == 0 ? "none" : string.Join(", ", runs.Select(MarkdownText.Code));
        var (id, first) = _lists.Place(runs);
        var count = runs.Count.ToString("N0", CultureInfo.InvariantCulture);
        // The page numbers its lists in the same order.
        if (runs.Count > LongestList) return $"{count}: {MarkdownText.Escape(RunLists.Short(runs))} ([all ids]({DocumentFiles.HtmlName}#{id}))";
        if (!first) return $"{count}: {MarkdownText.Escape(RunLists.Short(runs))} ([all ids](#{id}))";
        _all = $"<details><summary>All {count} ids</summary>{MarkdownText.Anchor(id)}\n\n{string.Join(", ", runs.Select(MarkdownText.Code))}\n\n</details>";
        return $"{count}: {MarkdownText.Escape(RunLists.Short(runs))}";
    }

    private void Add(string name, IEnumerable<string> values)
    {
        var list = values.ToList();
        text.Append("\n- ").Append(name).Append(": ").Append(list.Count == 0 ? "not recorded" : string.Join("; ", list));
    }
}
