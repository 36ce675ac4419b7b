using System.Globalization;

namespace Repro.Studies.Statistics;

/// <summary>
/// The exact paired randomization test (Fisher 1935, "The design of experiments", section 21): where a change makes no difference, every pair's difference
/// has either sign equally often, so the observed sum is held against the sums under all 2^n signs. Assumes nothing of how the differences are distributed.
/// </summary>
public static class SignFlip
{
    /// <summary>Pairs that a test may have: 40, whose 2^40 signs are counted as two halves of 2^20.</summary>
    public const int MostPairs = 40;

    // Sums that are equal in decimals differ in their last bits; 40 additions cannot move one by more than this share of all they add.
    private const double Rounding = 1e-12;

    /// <summary>The share of all sign assignments whose sum is at least as far from 0 as the observed one: two-sided, never below 2^(1 - n).</summary>
    /// <param name="differences">Arm minus baseline, one a pair; finite.</param>
    public static double PValue(IReadOnlyList<double> differences)
    {
        if (differences.Count is 0 or > MostPairs || !differences.All(double.IsFinite))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The test takes 1 to {MostPairs} finite differences; it was given {differences.Count}: {string.Join(", ", differences)}."), nameof(differences));
        var observed = Math.Abs(differences.Sum()) - (Rounding * differences.Sum(Math.Abs));
        if (observed <= 0) return 1;
        var (left, right) = (Sums(differences.Take(differences.Count / 2)), Sums(differences.Skip(differences.Count / 2)));
        // The larger the left half's sum, the smaller may the right half's be: one walk through both.
        var (atLeast, from) = (0L, right.Length);
        foreach (var sum in left)
        {
            while (from > 0 && sum + right[from - 1] >= observed) from--;
            atLeast += right.Length - from;
        }
        // Turning every sign round turns the sum round: as many lie on the other side.
        return 2.0 * atLeast / Math.Pow(2, differences.Count);
    }

    /// <summary>
    /// The fewest pairs whose smallest possible p-value, 2^(1 - n), reaches <paramref name="alpha"/>: 6 for one arm at 0.05. With several arms the smallest of their
    /// p-values has to reach alpha / arms (Holm 1979): 8 for five.
    /// </summary>
    public static int LeastPairs(double alpha = 0.05, int arms = 1)
    {
        if (!(alpha > 0 && alpha < 1)) throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "A level lies between 0 and 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(arms, 1);
        var pairs = 1;
        for (var smallest = 1.0; smallest > alpha / arms; smallest /= 2) pairs++;
        return pairs;
    }

    /// <summary>What so many pairs can decide, for people.</summary>
    public static string Sentence(int pairs, int arms, double alpha = 0.05)
    {
        var least = LeastPairs(alpha, arms);
        var rule = arms == 1
            ? $"A sign-flip test can reach p <= {alpha.ToString(CultureInfo.InvariantCulture)} from {least} pairs on"
            : $"Under Holm's correction over {arms} arms a sign-flip test can reach {alpha.ToString(CultureInfo.InvariantCulture)} from {least} pairs on";
        var smallest = Math.Pow(2, 1 - pairs).ToString("0.#####", CultureInfo.InvariantCulture);
        return pairs >= least
            ? $"{rule}: {pairs} pairs can decide; their smallest possible p-value is {smallest}."
            : $"{rule}: {pairs} {(pairs == 1 ? "pair" : "pairs")} cannot decide anything by it, whatever the runs measure, because the smallest possible p-value is {smallest}. Take --seeds {least} or more. A claim of the paper's card goes by a rule of its own, which takes differences for normal, and may be decided with fewer (docs/reports.md).";
    }

    /// <summary>The sums under all signs, ascending.</summary>
    private static double[] Sums(IEnumerable<double> differences)
    {
        double[] sums = [0];
        foreach (var difference in differences) sums = [.. sums.Select(sum => sum - difference), .. sums.Select(sum => sum + difference)];
        Array.Sort(sums);
        return sums;
    }
}
