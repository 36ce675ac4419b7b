namespace Repro.Reports.Comparison;

/// <summary>A fact that two sides state otherwise.</summary>
/// <param name="A">As the first states it; <see cref="ComparedFacts.None"/> where it has none.</param>
/// <param name="B">As the second does.</param>
public sealed record Difference(string Fact, string A, string B);

/// <summary>Facts of one kind about two runs or sweeps.</summary>
/// <param name="Differences">Those that are not equal, in the order in which they are stated.</param>
/// <param name="Equal">How many others both state alike.</param>
/// <param name="Remarks">Sentences on what was not compared, or what a difference does not mean.</param>
public sealed record ComparedFacts(IReadOnlyList<Difference> Differences, int Equal, IReadOnlyList<string> Remarks)
{
    /// <summary>What stands where a side does not have a fact.</summary>
    public const string None = "-";

    public bool Differ => Differences.Count > 0;

    /// <summary>Facts by name; a name that one side lacks differs.</summary>
    /// <param name="same">Whether two statements say the same; null compares them by their characters.</param>
    public static ComparedFacts Of(
        IReadOnlyList<(string Fact, string Value)> a, IReadOnlyList<(string Fact, string Value)> b, IReadOnlyList<string>? remarks = null, Func<string, string, bool>? same = null)
    {
        var (ofA, ofB) = (a.ToDictionary(fact => fact.Fact, fact => fact.Value), b.ToDictionary(fact => fact.Fact, fact => fact.Value));
        var (differences, equal) = (new List<Difference>(), 0);
        foreach (var fact in a.Concat(b).Select(fact => fact.Fact).Distinct())
        {
            var (left, right) = (ofA.GetValueOrDefault(fact), ofB.GetValueOrDefault(fact));
            if (left is not null && right is not null && (same ?? string.Equals)(left, right)) equal++;
            else differences.Add(new Difference(fact, left ?? None, right ?? None));
        }
        return new ComparedFacts(differences, equal, remarks ?? []);
    }
}
