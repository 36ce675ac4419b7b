namespace Repro.Studies.Statistics;

/// <summary>
/// An estimate whose error, divided by its standard error, follows Student's t: a mean, a difference of means, or the distance from a mean to a further draw.
/// Intervals, tests and equivalence all follow from it.
/// </summary>
/// <param name="Degrees">Degrees of freedom; above 0, not always an integer.</param>
public sealed record Estimate(double Value, double StandardError, double Degrees)
{
    /// <summary>Value +- t(1 - (1 - level)/2) StandardError.</summary>
    public Interval Interval(double level = 0.95)
    {
        Sample.RequireLevel(level);
        var reach = StandardError == 0 ? 0 : TDistribution.Upper((1 - level) / 2, Degrees) * StandardError;
        return new Interval(Value - reach, Value + reach, level);
    }

    /// <summary>The same interval by the probability that is left beyond each of its ends: 0.05 gives the 90 % one. Takes tails as small as looks long before the last leave, where a level would be 1 already.</summary>
    public Interval WithTails(double each)
    {
        if (!(each > 0 && each < 0.5)) throw new ArgumentOutOfRangeException(nameof(each), each, "The probability beyond an end lies between 0 and 0.5.");
        var reach = StandardError == 0 ? 0 : TDistribution.Upper(each, Degrees) * StandardError;
        return new Interval(Value - reach, Value + reach, 1 - (2 * each));
    }

    /// <summary>The two-sided p-value of the hypothesis that the estimated number is <paramref name="hypothesis"/>.</summary>
    public double P(double hypothesis = 0) => Math.Min(1, 2 * Math.Min(Below(hypothesis), Above(hypothesis)));

    /// <summary>The one-sided p-value against "at least <paramref name="hypothesis"/>": small where the number is below it.</summary>
    public double Below(double hypothesis) => Tail(Value - hypothesis);

    /// <summary>The one-sided p-value against "at most <paramref name="hypothesis"/>": small where the number is above it.</summary>
    public double Above(double hypothesis) => Tail(hypothesis - Value);

    // Values that do not vary at all leave no doubt about which side they are on.
    private double Tail(double distance) => StandardError > 0 ? TDistribution.Below(distance / StandardError, Degrees) : distance < 0 ? 0 : 1;
}
