namespace Repro.Reports.Documents;

/// <summary>Where a figure or a table comes from. Every one of a report carries its own, so that it can be made and checked again without the rest.</summary>
/// <param name="Command">The one command that makes it again: <c>./repro report resnet</c>.</param>
/// <param name="Runs">Ids of the runs that its numbers come from, as <c>resnet-shortcuts/0-3</c>, in order; a range is not abbreviated here.</param>
/// <param name="Commits">Of the repository at which those runs trained, without doubles; with <c>+dirty</c> behind one whose tree had been changed.</param>
/// <param name="Data">Identity hashes of the data sets that they read, by name.</param>
/// <param name="Engines">What computed: <c>Repro.Torch over libtorch 1.13.1</c>; without doubles.</param>
public sealed record Ledger(
    string Command, IReadOnlyList<string> Runs, IReadOnlyList<string> Commits, IReadOnlyDictionary<string, string> Data, IReadOnlyList<string> Engines)
{
    /// <summary>Identity hashes of what they were measured with, by name; empty where a number needs nothing but the data.</summary>
    public IReadOnlyDictionary<string, string> Yardsticks { get; init; } = new Dictionary<string, string>();
}
