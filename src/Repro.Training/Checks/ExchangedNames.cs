namespace Repro.Training.Checks;

/// <summary>
/// The mean recall of a classifier beside its distribution when the names that it gives are exchanged by a random permutation of the classes.
/// </summary>
/// <param name="Value">Mean over the true classes of the share of their examples named correctly, 0 to 1.</param>
/// <param name="Mean">Of the mean recall over all permutations.</param>
/// <param name="Deviation">
/// Its standard deviation (Hoeffding 1951, "A combinatorial central limit theorem"), or that of a guesser's rate where this is larger.
/// </param>
internal readonly record struct ExchangedNames(double Value, double Mean, double Deviation)
{
    /// <summary>What counts as better than chance: two standard deviations above the mean.</summary>
    public double Required => Mean + 2 * Deviation;

    /// <param name="labels">The true class of each example.</param>
    /// <param name="answers">The class named for each; classes that are nobody's true class only count as wrong.</param>
    public static ExchangedNames Compare(long[] labels, long[] answers)
    {
        long[] classes = [.. labels.Distinct().Order()];
        var count = classes.Length;
        var share = new double[count, count]; // [true class, named class]
        for (var row = 0; row < count; row++)
        {
            var given = labels.Zip(answers).Where(example => example.First == classes[row]).Select(example => example.Second).ToArray();
            for (var column = 0; column < count; column++) share[row, column] = given.Count(answer => answer == classes[column]) / (double)given.Length;
        }
        var rows = Enumerable.Range(0, count).Select(i => Enumerable.Range(0, count).Average(j => share[i, j])).ToArray();
        var columns = Enumerable.Range(0, count).Select(j => Enumerable.Range(0, count).Average(i => share[i, j])).ToArray();
        var mean = rows.Average();
        var squares = 0.0;
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++) squares += Math.Pow(share[i, j] - rows[i] - columns[j] + mean, 2);
        }
        var exchanged = count < 2 ? 0 : Math.Sqrt(squares / (count - 1)) / count;
        var guessed = Math.Sqrt(mean * (1 - mean) / labels.Length);
        return new ExchangedNames(Enumerable.Range(0, count).Average(i => share[i, i]), mean, Math.Max(exchanged, guessed));
    }
}
