namespace Repro.Studies.Statistics;

/// <summary>
/// Intervals and estimates by Student's t (Student 1908, "The probable error of a mean"), which hold from two runs on where values are near normal: at n = 3 to 30
/// those called 95 % cover 95 %, while percentile bootstraps cover 73 to 93 %. Equal values give an interval of no width.
/// </summary>
/// <remarks>All of them refuse fewer than two values and values that are not finite with an <see cref="ArgumentException"/>. Methods ending in Of give the estimate, from which p-values come.</remarks>
public static class StudentT
{
    /// <summary>The interval of the expected value: mean +- t s / sqrt(n), with n - 1 degrees of freedom.</summary>
    public static Interval Mean(IReadOnlyList<double> values, double level = 0.95) => MeanOf(values).Interval(level);

    /// <summary>The mean with its standard error s / sqrt(n).</summary>
    public static Estimate MeanOf(IReadOnlyList<double> values)
    {
        var sample = Sample.Of(values);
        return new Estimate(sample.Mean, sample.StandardError, sample.Count - 1);
    }

    /// <summary>
    /// Where the mean of m further runs of the same experiment falls: mean +- t s sqrt(1/n + 1/m) (Hahn, Meeker 1991, "Statistical intervals"). A number
    /// that a paper reports from one run is such a draw, m = 1; testing against it as a fixed value rejects perfect reproductions, more often the more runs there are.
    /// </summary>
    /// <param name="futureRuns">m: the runs whose mean the other number is; at least 1.</param>
    public static Interval Prediction(IReadOnlyList<double> values, double level = 0.95, int futureRuns = 1) => FromDrawOf(values, 0, futureRuns).Interval(level);

    /// <summary>
    /// Mean minus a number that is itself the mean of <paramref name="drawRuns"/> runs, drawn with the same deviation: the standard error is s sqrt(1/n + 1/m).
    /// </summary>
    /// <param name="draw">What the other side reports, without a deviation of its own.</param>
    public static Estimate FromDrawOf(IReadOnlyList<double> values, double draw, int drawRuns = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(drawRuns, 1);
        Sample.RequireFinite([draw]);
        var sample = Sample.Of(values);
        return new Estimate(sample.Mean - draw, sample.Deviation * Math.Sqrt((1.0 / sample.Count) + (1.0 / drawRuns)), sample.Count - 1);
    }

    /// <summary>The interval of mean(a) - mean(b) of independent runs whose deviations may differ (Welch 1947; degrees of freedom by Satterthwaite 1946).</summary>
    public static Interval Welch(IReadOnlyList<double> a, IReadOnlyList<double> b, double level = 0.95) => WelchOf(Sample.Of(a), Sample.Of(b)).Interval(level);

    /// <summary><see cref="Welch"/> where of the other side only mean, deviation and number of runs are known, as papers report them.</summary>
    public static Interval WelchSummary(IReadOnlyList<double> values, Sample other, double level = 0.95) => WelchOf(Sample.Of(values), other).Interval(level);

    /// <summary>mean(a) - mean(b) with the standard error sqrt(s_a^2/n_a + s_b^2/n_b).</summary>
    public static Estimate WelchOf(Sample a, Sample b)
    {
        var (first, second) = (a.Checked().StandardError, b.Checked().StandardError);
        var error = Math.Sqrt((first * first) + (second * second));
        // Shares of the variance rather than the variances, whose squares underflow. Where neither side varies the degrees say nothing.
        var (shareA, shareB) = error > 0 ? (first / error, second / error) : (1, 0);
        var degrees = 1 / ((Math.Pow(shareA, 4) / (a.Count - 1)) + (Math.Pow(shareB, 4) / (b.Count - 1)));
        return new Estimate(a.Mean - b.Mean, error, degrees);
    }

    /// <summary>The interval of the expected difference of pairs, such as runs with equal seeds: that of <see cref="Mean"/> over the differences.</summary>
    /// <param name="differences">One a pair.</param>
    public static Interval Paired(IReadOnlyList<double> differences, double level = 0.95) => Mean(differences, level);
}
