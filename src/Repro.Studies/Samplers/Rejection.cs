using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Samplers;

/// <summary>Constraints are kept by drawing again; this is what happens when that does not end.</summary>
public static class Rejection
{
    /// <summary>Draws for one suggestion before a sampler gives up: 10,000. Constraints that allow one configuration in 1,000 fail once in 22,000 suggestions.</summary>
    public const int Limit = 10_000;

    internal static BadInputException GaveUp(SearchSpace space, int number) => new(
        $"Suggestion {number}: {Limit:N0} draws in a row violated the constraints {string.Join("; ", space.Constraints.Select(c => $"\"{c.Text}\""))}. "
        + "Loosen them, or narrow the ranges to where they hold.");
}
