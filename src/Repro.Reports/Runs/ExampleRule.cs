using Repro.Studies.Randomness;

namespace Repro.Reports.Runs;

/// <summary>Rules by which a report chooses the examples it shows, so that nobody chooses them by hand.</summary>
/// <param name="Name">For file names.</param>
/// <param name="Sentence">As it stands above the images.</param>
/// <param name="Positions">Into the evaluated examples, in the order they are shown.</param>
public sealed record ExampleRule(string Name, string Sentence, IReadOnlyList<int> Positions)
{
    /// <summary>Those with the largest loss, largest first; of equal ones the earlier. A loss that is not a number counts as the largest.</summary>
    /// <param name="split">What was evaluated: <c>test</c>.</param>
    public static ExampleRule HighestLoss(IReadOnlyList<double> losses, int count, string split)
    {
        var positions = Enumerable.Range(0, losses.Count)
            .OrderByDescending(i => double.IsNaN(losses[i]) ? double.PositiveInfinity : losses[i]).ThenBy(i => i).Take(count).ToList();
        return new ExampleRule("highest-loss", $"The {positions.Count} {split} examples with the highest loss, highest first.", positions);
    }

    /// <summary>Drawn without replacement by Philox from the run's seed, so that everyone draws the same ones.</summary>
    public static ExampleRule Drawn(int examples, int count, ulong seed, string split)
    {
        var positions = new Philox(seed, RandomPurpose.Report).Permutation(examples).Take(count).ToList();
        return new ExampleRule("drawn", $"{positions.Count} of {examples} {split} examples drawn at random (Philox, seed {seed}, purpose {RandomPurpose.Report}, index 0).", positions);
    }
}
