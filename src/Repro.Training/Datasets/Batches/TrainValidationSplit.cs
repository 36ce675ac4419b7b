using Repro.Studies;
using Repro.Studies.Randomness;

namespace Repro.Training.Datasets.Batches;

/// <summary>
/// A training split divided for selection: validation chooses, test is kept for the end. It depends on the seed and on the examples' content alone
/// (they stand in canonical order), not on the order of files.
/// </summary>
/// <param name="Train">Numbers of the examples to train on, ascending.</param>
/// <param name="Validation">Numbers of those held back, ascending.</param>
public sealed record TrainValidationSplit(int[] Train, int[] Validation)
{
    /// <summary>Nothing is held back.</summary>
    public static TrainValidationSplit Whole(int count) => new(Enumerable.Range(0, count).ToArray(), []);

    /// <summary>A plain random division, as He et al. 2015 section 4.2 make of CIFAR-10 (45k and 5k).</summary>
    /// <exception cref="BadInputException">The validation part would be negative or leave nothing to train on.</exception>
    public static TrainValidationSplit Random(int count, int validation, ulong seed)
    {
        if (validation < 0 || validation >= count)
            throw new BadInputException($"A validation part of {validation:N0} examples must be at least 0 and leave some of the {count:N0} to train on.");
        var order = new Philox(seed, RandomPurpose.Split).Permutation(count);
        var split = new TrainValidationSplit(order[validation..], order[..validation]);
        Array.Sort(split.Train);
        Array.Sort(split.Validation);
        return split;
    }
}
