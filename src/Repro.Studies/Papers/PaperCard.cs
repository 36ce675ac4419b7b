namespace Repro.Studies.Papers;

/// <summary>A paper under <c>papers/</c>: what it is, what it claims, and in its prose what we do otherwise.</summary>
/// <param name="Name">The file's name without extension.</param>
/// <param name="Experiment">Name of the experiment that reproduces it.</param>
/// <param name="Source">arXiv:1512.03385, a DOI or an address.</param>
/// <param name="Prose">Markdown after the front matter.</param>
public sealed record PaperCard(
    string Name, string Title, string Authors, int Year, string Source, string Experiment, IReadOnlyList<Claim> Claims, string Prose);

/// <summary>One statement of a paper that a study can test. Tolerance and largest n are frozen before the first judged run.</summary>
/// <param name="Stands">Table 6, Figure 6 (right).</param>
/// <param name="Value">The paper's number; null for an ordering or a trend.</param>
/// <param name="Spread">The paper's own standard deviation, where it states one.</param>
/// <param name="Unit">Of the value and the tolerance.</param>
/// <param name="Options">
/// What the claim is about, by name: a run with other values says nothing of it; several values separated by commas mean any of them. All other options are
/// asked at their defaults, the paper's setting: a run that differs there is about the claim, but not comparable at its scale.
/// </param>
/// <param name="Tolerance">Half-width of the region that counts as the same, in <paramref name="Unit"/>.</param>
/// <param name="LargestN">Runs after which one stops, decided or not.</param>
/// <param name="Study">The study that tests it.</param>
/// <param name="Scale">Where the paper tested it.</param>
/// <param name="Transfer">Tested elsewhere than in the paper.</param>
public sealed record Claim(
    string Id, string Statement, string Stands, ClaimKind Kind, string Metric, string Split, double? Value, double? Spread, string Unit,
    IReadOnlyDictionary<string, string> Options, double? Tolerance, int? LargestN, string? Study, string Scale, bool Transfer);

/// <summary>What kind of statement a claim is.</summary>
public enum ClaimKind
{
    /// <summary>A number.</summary>
    Value,

    /// <summary>One setting is better than another.</summary>
    Ordering,

    /// <summary>A metric rises or falls along an option.</summary>
    Trend,

    /// <summary>Two settings give the same.</summary>
    Equivalence,
}
