namespace Repro.Studies.Statistics;

/// <summary>
/// Two one-sided tests of equivalence (Schuirmann 1987, "A comparison of the two one-sided tests procedure and the power approach"): a difference is shown to be
/// smaller than a margin, rather than merely not shown to exist.
/// </summary>
/// <param name="Difference">What is held against the margin.</param>
/// <param name="Interval">The 100 (1 - 2 alpha) % interval of the difference: 90 % at alpha 0.05.</param>
/// <param name="Delta">The margin, in the unit of the values.</param>
/// <param name="P">The larger of both one-sided p-values.</param>
public sealed record Equivalence(Estimate Difference, Interval Interval, double Delta, double Alpha, double P)
{
    /// <summary>Whether the interval lies inside +- delta, which is the same as P at most alpha.</summary>
    public bool IsEquivalent => Interval.LiesWithin(-Delta, Delta);

    /// <summary>Whether the interval lies outside of +- delta: the difference is larger than the margin, at alpha on its side.</summary>
    public bool IsDifferent => Interval.LiesOutside(-Delta, Delta);

    /// <param name="difference">Any difference that Student's t describes: <see cref="StudentT.WelchOf"/>, <see cref="StudentT.FromDrawOf"/>.</param>
    /// <param name="delta">Above 0, frozen before the runs.</param>
    /// <param name="alpha">The level of either test, below 0.5.</param>
    public static Equivalence Of(Estimate difference, double delta, double alpha = 0.05)
    {
        if (!(delta > 0 && double.IsFinite(delta))) throw new ArgumentOutOfRangeException(nameof(delta), delta, "A margin of equivalence is a finite number above 0.");
        if (!(alpha > 0 && alpha < 0.5)) throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "The level of a one-sided test lies between 0 and 0.5.");
        // A difference of exactly the margin, without any deviation, lies inside it, as its interval does.
        var p = difference.StandardError == 0 ? Math.Abs(difference.Value) <= delta ? 0 : 1 : Math.Max(difference.Below(delta), difference.Above(-delta));
        return new Equivalence(difference, difference.Interval(1 - (2 * alpha)), delta, alpha, p);
    }

    /// <summary>Of two independent groups of runs, whose deviations may differ.</summary>
    public static Equivalence Welch(IReadOnlyList<double> a, IReadOnlyList<double> b, double delta, double alpha = 0.05) => Of(StudentT.WelchOf(Sample.Of(a), Sample.Of(b)), delta, alpha);

    /// <summary>Of pairs, such as runs with equal seeds.</summary>
    /// <param name="differences">One a pair.</param>
    public static Equivalence Paired(IReadOnlyList<double> differences, double delta, double alpha = 0.05) => Of(StudentT.MeanOf(differences), delta, alpha);

    /// <summary>
    /// Of runs and a number that is itself the mean of <paramref name="drawRuns"/> runs of which no deviation is known: they are taken to vary as the runs here do.
    /// </summary>
    public static Equivalence WithDraw(IReadOnlyList<double> values, double draw, double delta, double alpha = 0.05, int drawRuns = 1) => Of(StudentT.FromDrawOf(values, draw, drawRuns), delta, alpha);

    /// <summary>Of runs and a number that is exact, such as an entropy or the value of an integral. A paper's measurement is none.</summary>
    public static Equivalence WithConstant(IReadOnlyList<double> values, double constant, double delta, double alpha = 0.05)
    {
        Sample.RequireFinite([constant]);
        var mean = StudentT.MeanOf(values);
        return Of(mean with { Value = mean.Value - constant }, delta, alpha);
    }
}
