using System.Globalization;

namespace Repro.Studies.Statistics;

/// <summary>What Student's methods need of a sample, and what a paper that reports "mean and deviation over n runs" gives of its own.</summary>
/// <param name="Deviation">The sample's standard deviation, with n - 1 in the denominator; in the unit of the values.</param>
/// <param name="Count">At least 2: one value has no deviation.</param>
public sealed record Sample(double Mean, double Deviation, int Count)
{
    /// <summary>Deviation / sqrt(n): the standard error of the mean.</summary>
    public double StandardError => Deviation / Math.Sqrt(Count);

    /// <exception cref="ArgumentException">Fewer than two values, or one that is not finite.</exception>
    public static Sample Of(IReadOnlyList<double> values)
    {
        RequireFinite(values);
        if (values.Count < 2) throw new ArgumentException($"A deviation needs at least 2 values; there {(values.Count == 1 ? "is 1" : "are none")}. Take more seeds.", nameof(values));
        // Relative to the first: equal values have exactly their own mean and no deviation, whatever their last bits.
        var mean = values[0] + (values.Sum(value => value - values[0]) / values.Count);
        return new Sample(mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)), values.Count);
    }

    /// <summary>Itself where a mean, a deviation and a count can be a sample's.</summary>
    /// <exception cref="ArgumentException">A number that is not finite, a negative deviation, or a count below 2.</exception>
    internal Sample Checked()
    {
        if (!double.IsFinite(Mean) || !(Deviation >= 0 && double.IsFinite(Deviation)) || Count < 2)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"A sample has a finite mean, a finite deviation of at least 0 and at least 2 values; this one has the mean {Mean}, the deviation {Deviation} and {Count} values."));
        }
        return this;
    }

    /// <exception cref="ArgumentException">A value is not finite.</exception>
    internal static void RequireFinite(IReadOnlyList<double> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (!double.IsFinite(values[i]))
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Statistics take finite values; value {i + 1} of {values.Count} is {values[i]}. Leave out runs that diverged, and say how many they are."), nameof(values));
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">A level, a significance or a power is not strictly between 0 and 1.</exception>
    internal static void RequireLevel(double level)
    {
        if (!(level > 0 && level < 1)) throw new ArgumentOutOfRangeException(nameof(level), level, "A level lies between 0 and 1.");
    }
}
