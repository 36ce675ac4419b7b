namespace Repro.Studies.Statistics;

/// <summary>
/// Compares two forecasters by the losses of the same windows (Diebold and Mariano 1995, "Comparing predictive accuracy"). Windows that begin one row apart forecast nearly the same rows, and their
/// losses are as alike: their number says nothing of how sure one may be. The variance of the mean is therefore summed over all pairs of windows that are near each other in time, with weights that
/// fall linearly to 0 at twice the horizon (Bartlett's kernel, Newey and West 1987), and Student's t has as many degrees of freedom as there are windows that far apart, less one.
/// </summary>
public static class DieboldMariano
{
    /// <summary>Mean loss of the second forecaster minus that of the first.</summary>
    /// <param name="starts">First forecast row of each window, ascending; they need not be equally far apart.</param>
    /// <param name="first">Losses of one forecaster: for each of its seeds one a window. Seeds are averaged, and their scatter adds to the error.</param>
    /// <param name="second">Those of the other one, of as many seeds or not.</param>
    /// <param name="horizon">Rows that a window forecasts: windows that begin so far apart share none, and count as unlike from twice that on.</param>
    /// <exception cref="ArgumentException">Starts are not ascending, lengths differ, a loss is not finite, or no two windows begin twice the horizon apart.</exception>
    public static Estimate Between(IReadOnlyList<int> starts, IReadOnlyList<IReadOnlyList<double>> first, IReadOnlyList<IReadOnlyList<double>> second, int horizon)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        var count = starts.Count;
        for (var i = 1; i < count; i++) if (starts[i] <= starts[i - 1]) throw new ArgumentException($"Windows are in the order of time: {starts[i]} comes after {starts[i - 1]}.", nameof(starts));
        foreach (var losses in first.Concat(second))
        {
            if (losses.Count != count) throw new ArgumentException($"There are {count} windows, and {losses.Count} losses of one seed.");
            Sample.RequireFinite(losses);
        }
        if (first.Count == 0 || second.Count == 0) throw new ArgumentException("Each forecaster has the losses of one seed at least.");
        var unlike = Apart(starts, 2 * horizon);
        if (unlike < 2) throw new ArgumentException($"{count} windows of {horizon} rows, no two of which begin {2 * horizon} rows apart, tell nothing of how far their losses scatter.", nameof(starts));
        double[] differences = [.. Enumerable.Range(0, count).Select(i => second.Average(losses => losses[i]) - first.Average(losses => losses[i]))];
        var mean = differences.Average();
        // What lies about its own mean scatters too little, by as much as one of the unlike windows.
        var windows = VarianceOfMean(starts, differences, mean, 2 * horizon) * unlike / (unlike - 1);
        var seeds = VarianceOfMean(first) + VarianceOfMean(second);
        var total = windows + seeds;
        // Satterthwaite 1946: the source of more of the error counts for more of its degrees.
        var degrees = total == 0 ? unlike - 1
            : 1 / ((Math.Pow(windows / total, 2) / (unlike - 1)) + (Math.Pow(seeds / total, 2) / Math.Max(1, first.Count + second.Count - 2)));
        return new Estimate(mean, Math.Sqrt(total), degrees);
    }

    private static double VarianceOfMean(IReadOnlyList<int> starts, double[] values, double mean, int reach)
    {
        var sum = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            sum += (values[i] - mean) * (values[i] - mean);
            for (var j = i + 1; j < values.Length && starts[j] - starts[i] < reach; j++)
                sum += 2 * (1 - ((double)(starts[j] - starts[i]) / reach)) * (values[i] - mean) * (values[j] - mean);
        }
        // Bartlett's weights give no negative sum but for rounding.
        return Math.Max(0, sum) / values.Length / values.Length;
    }

    // The most of these windows that all begin at least so far apart.
    private static int Apart(IReadOnlyList<int> starts, int rows)
    {
        var (count, free) = (0, int.MinValue);
        foreach (var start in starts)
        {
            if (start < free) continue;
            (count, free) = (count + 1, start + rows);
        }
        return count;
    }

    // Of the mean over seeds of the mean over windows; one seed shows no scatter.
    private static double VarianceOfMean(IReadOnlyList<IReadOnlyList<double>> seeds) =>
        seeds.Count < 2 ? 0 : Math.Pow(Sample.Of([.. seeds.Select(losses => losses.Average())]).StandardError, 2);
}
