using Repro.Reports.Ledgers;
using Repro.Reports.Sweeps;

namespace Repro.Reports.Verification;

/// <summary>Says where a report's ledger differs from the one made again. What drew the pictures may be another program; it is not looked at.</summary>
internal static class LedgerComparison
{
    private const int Shown = 4;

    private static readonly Dictionary<string, string> None = [];

    public static IEnumerable<string> Differences(LedgerFile stored, LedgerFile made)
    {
        foreach (var difference in Facts(stored, made)) yield return difference;
        foreach (var difference in Missing("figure", stored.Figures, made.Figures).Concat(Missing("table", stored.Tables, made.Tables))) yield return difference;
        foreach (var (name, entry) in stored.Figures)
        {
            if (!made.Figures.TryGetValue(name, out var again)) continue;
            foreach (var difference in Origins($"the figure {name}", entry, again)) yield return difference;
            if (entry.Sha256 != again.Sha256) yield return $"the digest of the data of the figure {name} is {entry.Sha256}, and made again {again.Sha256}";
        }
        foreach (var (name, entry) in stored.Tables)
        {
            if (!made.Tables.TryGetValue(name, out var again)) continue;
            foreach (var difference in Origins($"the table {name}", entry, again).Concat(Named($"files of the table {name}", entry.Files, again.Files))) yield return difference;
        }
    }

    private static IEnumerable<string> Facts(LedgerFile stored, LedgerFile made) =>
    [
        .. Value("report", stored.Report, made.Report), .. Value("command", stored.Command, made.Command),
        .. Value("test_shown", Word(stored.TestShown), Word(made.TestShown)), .. Value("test_elsewhere", Word(stored.TestElsewhere), Word(made.TestElsewhere)),
        .. Named("sources", stored.Sources, made.Sources),
    ];

    private static IEnumerable<string> Missing<T>(string what, SortedDictionary<string, T> stored, SortedDictionary<string, T> made) =>
    [
        .. made.Keys.Where(name => !stored.ContainsKey(name)).Select(name => $"the {what} {name} is missing"),
        .. stored.Keys.Where(name => !made.ContainsKey(name)).Select(name => $"the {what} {name} is not made again"),
    ];

    private static IEnumerable<string> Origins(string what, LedgerEntry stored, LedgerEntry made) =>
    [
        .. Value($"title of {what}", stored.Title, made.Title), .. Value($"command of {what}", stored.Command, made.Command), .. List($"runs of {what}", stored.Runs, made.Runs),
        .. List($"commits of {what}", stored.Commits, made.Commits), .. Named($"data of {what}", stored.Data, made.Data),
        .. Named($"yardsticks of {what}", stored.Yardsticks ?? None, made.Yardsticks ?? None), .. List($"engines of {what}", stored.Engines, made.Engines),
    ];

    private static IEnumerable<string> Value(string what, string stored, string made) => stored == made ? [] : [$"{what} is \"{stored}\", and made again \"{made}\""];

    private static IEnumerable<string> List(string what, IReadOnlyList<string> stored, IReadOnlyList<string> made)
    {
        if (stored.SequenceEqual(made)) yield break;
        var (gone, come) = (stored.Except(made).ToList(), made.Except(stored).ToList());
        yield return gone.Count + come.Count == 0 ? $"the {what} stand in another order" : $"the {what} differ: {string.Join("; ", Sets(gone, come))}";
    }

    private static IEnumerable<string> Sets(List<string> gone, List<string> come)
    {
        if (gone.Count > 0) yield return $"{Some(gone)} {(gone.Count == 1 ? "is" : "are")} not there when it is made again";
        if (come.Count > 0) yield return $"{Some(come)} {(come.Count == 1 ? "is" : "are")} missing";
    }

    private static IEnumerable<string> Named(string what, IReadOnlyDictionary<string, string> stored, IReadOnlyDictionary<string, string> made) =>
        List(what, [.. stored.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}")], [.. made.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}")]);

    private static string Some(List<string> items) => string.Join(", ", items.Take(Shown)) + (items.Count > Shown ? $" and {items.Count - Shown} more" : "");

    private static string Word(bool? value) => value is { } known ? known ? "true" : "false" : "not said";

    private static string Word(TestUse? use) => use is { } known ? $"{known.Confirmations} confirmations, {known.Readings} readings, {known.Runs} runs" : "not said";
}
