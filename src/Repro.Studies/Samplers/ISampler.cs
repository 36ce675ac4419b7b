using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Samplers;

/// <summary>Says which configuration to try next.</summary>
/// <remarks>
/// A suggestion is a pure function of the sampler's seed, its number and the set of results in the history, whatever the order in which these arrived; asking
/// twice gives the same. What a sampler keeps between calls is a cache. Not for several threads at once.
/// Suggestions fulfil the constraints of the search space: others are drawn again, see <see cref="Rejection.Limit"/>.
/// </remarks>
public interface ISampler
{
    /// <summary>How many suggestions there are; null where they do not end.</summary>
    long? Count { get; }

    /// <summary>Whether its suggestions depend on the history.</summary>
    bool Learns { get; }

    /// <summary>The configuration to try.</summary>
    /// <param name="number">Which suggestion, from 0, owned by the caller: no two trials of a sweep have the same.</param>
    /// <param name="history">What is known when it is asked, of the same search space. Not looked at where <see cref="Learns"/> is false.</param>
    /// <exception cref="BadInputException">The constraints leave nothing to suggest.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="number"/> is negative, or <see cref="Count"/> or more.</exception>
    Configuration Suggest(int number, TrialHistory history);
}
