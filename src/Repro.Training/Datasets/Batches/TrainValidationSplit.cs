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
        Check(count, validation);
        var order = new Philox(seed, RandomPurpose.Split).Permutation(count);
        return Of(order.AsSpan(0, validation), order.AsSpan(validation));
    }

    /// <summary>A random division in which each class has its share of the validation part, rounded by largest remainders.</summary>
    /// <exception cref="BadInputException">The validation part would be negative or leave nothing to train on.</exception>
    public static TrainValidationSplit Stratified(ReadOnlySpan<byte> labels, int validation, ulong seed)
    {
        Check(labels.Length, validation);
        var order = new Philox(seed, RandomPurpose.Split).Permutation(labels.Length);
        var counts = new int[256];
        foreach (var label in labels) counts[label]++;
        var shares = Array.ConvertAll(counts, count => (double)count * validation / order.Length);
        var wanted = shares.Select(share => (int)share).ToArray();
        foreach (var label in Enumerable.Range(0, 256).OrderByDescending(label => shares[label] - wanted[label]).ThenBy(label => label).Take(validation - wanted.Sum()))
            wanted[label]++;

        var (held, kept) = (new List<int>(validation), new List<int>(labels.Length - validation));
        foreach (var example in order) (wanted[labels[example]]-- > 0 ? held : kept).Add(example);
        return Of(held.ToArray(), kept.ToArray());
    }

    private static TrainValidationSplit Of(ReadOnlySpan<int> validation, ReadOnlySpan<int> train)
    {
        var split = new TrainValidationSplit(train.ToArray(), validation.ToArray());
        Array.Sort(split.Train);
        Array.Sort(split.Validation);
        return split;
    }

    private static void Check(int count, int validation)
    {
        if (validation < 0 || validation >= count)
            throw new BadInputException($"A validation part of {validation:N0} examples must be at least 0 and leave some of the {count:N0} to train on.");
    }
}
