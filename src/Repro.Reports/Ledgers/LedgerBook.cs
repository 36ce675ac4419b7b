using Repro.Reports.Documents;

namespace Repro.Reports.Ledgers;

/// <summary>Gives every figure and table of a report its <see cref="Ledger"/>.</summary>
/// <param name="target">What <c>repro figures</c> and <c>repro report</c> call it: a run's id, a sweep's name, a paper.</param>
/// <param name="origins">The runs that a section's numbers come from, in order, by the section's id; the first screen's is the empty one.</param>
internal sealed class LedgerBook(string target, Func<string, IReadOnlyList<RunOrigin>> origins)
{
    /// <summary>The document with ledgers; one that a figure or table has already stays.</summary>
    public Document Fill(Document document) => document with
    {
        Lead = Fill(document.Lead, Of("")),
        Sections = [.. document.Sections.Select(section => section with { Blocks = Fill(section.Blocks, Of(section.Id)) })],
    };

    /// <summary>Where something comes from that these runs measured.</summary>
    /// <param name="command">Makes it again.</param>
    public static Ledger Of(string command, IReadOnlyList<RunOrigin> runs)
    {
        var environments = runs.SelectMany(run => run.Attempts).ToList();
        return new Ledger(
            command, [.. runs.Select(run => run.Id)],
            [.. environments.Where(e => e.Commit is not null).Select(e => e.Dirty ? $"{e.Commit}+dirty" : e.Commit!).Distinct().Order(StringComparer.Ordinal)],
            // Runs may have read other copies under one name: then both hashes stand there.
            Hashes(yardsticks: false), [.. environments.Select(e => e.Engine).Distinct().Order(StringComparer.Ordinal)]) { Yardsticks = Hashes(yardsticks: true) };

        SortedDictionary<string, string> Hashes(bool yardsticks) => new(
            environments.SelectMany(e => e.DataSets).Where(set => set.IsYardstick == yardsticks).GroupBy(set => set.Name)
                .ToDictionary(set => set.Key, set => string.Join(", ", set.Select(used => used.Identity).Distinct().Order(StringComparer.Ordinal))),
            StringComparer.Ordinal);
    }

    private Ledger Of(string section) => Of($"./repro report {target}", origins(section));

    private List<Block> Fill(IEnumerable<Block> blocks, Ledger ledger) => [.. blocks.Select(block => Fill(block, ledger))];

    private Block Fill(Block block, Ledger ledger) => block switch
    {
        Table { Ledger: null } table => table with { Ledger = ledger },
        Picture { Ledger: null } picture => Drawn(picture, ledger),
        ImageSheet { Together.Ledger: null } sheet => sheet with { Together = Drawn(sheet.Together, ledger) },
        Subsection inner => inner with { Blocks = Fill(inner.Blocks, ledger) },
        Details details => details with { Blocks = Fill(details.Blocks, ledger) },
        _ => block,
    };

    private Picture Drawn(Picture picture, Ledger ledger) => picture with { Ledger = ledger with { Command = $"./repro figures {target} --only {picture.Name}" } };
}
