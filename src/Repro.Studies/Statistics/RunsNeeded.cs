using System.Globalization;
using MathNet.Numerics.Distributions;

namespace Repro.Studies.Statistics;

/// <summary>What is compared, and so how the standard error falls with the runs.</summary>
public abstract record RunsDesign
{
    private RunsDesign() { }

    /// <summary>Runs in pairs of equal seeds, or one group held against an exact number: sigma / sqrt(n), n - 1 degrees of freedom; sigma is the deviation of the differences.</summary>
    public sealed record Paired : RunsDesign;

    /// <summary>Two independent groups of n runs each: sigma sqrt(2/n), 2n - 2 degrees of freedom.</summary>
    public sealed record Independent : RunsDesign;

    /// <summary>n runs and a number that is the mean of a paper's m runs: sigma sqrt(1/n + 1/m), n - 1 degrees of freedom. It does not fall below sigma / sqrt(m).</summary>
    /// <param name="Runs">m; 1 where a paper reports one run, or does not say.</param>
    public sealed record AgainstDraw(int Runs = 1) : RunsDesign;

    /// <summary>The standard error over sigma, and its degrees of freedom.</summary>
    internal (double Error, double Degrees) At(double runs) => this switch
    {
        Independent => (Math.Sqrt(2 / runs), (2 * runs) - 2),
        AgainstDraw draw => (Math.Sqrt((1 / runs) + (1.0 / draw.Runs)), runs - 1),
        _ => (1 / Math.Sqrt(runs), runs - 1),
    };
}

/// <summary>How many runs decide a question, as far as one can know before they are made.</summary>
/// <param name="Runs">The smallest n, a side, whose power reaches the one asked for; null where no n up to <paramref name="Largest"/> does.</param>
/// <param name="Power">At <paramref name="Runs"/>; at <paramref name="Largest"/> where that is null.</param>
/// <param name="Limit">The power that no number of runs exceeds; 1 but for a comparison with a paper's draw.</param>
/// <param name="Largest">The largest n considered.</param>
/// <param name="Sentence">The answer for people.</param>
/// <remarks>
/// The power is at delta, the difference that matters and is frozen beforehand, never at the observed difference: "observed power" says no more than the p-value does
/// (Hoenig, Heisey 2001, "The abuse of power"), and adding runs until it is enough is optional stopping.
/// </remarks>
public sealed record RunsNeeded(int? Runs, double Power, double Limit, int Largest, string Sentence)
{
    /// <summary>
    /// Runs after which a true difference of delta is found by a 100 (1 - 2 alpha) % interval that excludes 0, or a one-sided test at alpha, with the power asked for.
    /// </summary>
    /// <param name="deviation">Sigma, in the unit of the values; see <see cref="UpperDeviation"/> where it comes from few runs.</param>
    /// <param name="delta">The difference that matters; above 0.</param>
    /// <param name="largest">The largest n, frozen beforehand; at least 2.</param>
    public static RunsNeeded ForDifference(RunsDesign design, double deviation, double delta, int largest, double alpha = 0.05, double power = 0.8) =>
        Search(design, deviation, delta, largest, power, "find a difference of", z: Normal.InvCDF(0, 1, 1 - alpha), (margin, degrees) => Statistics.Power.OfDifference(margin, degrees, alpha),
            (margin, z) => Normal.CDF(0, 1, margin - z));

    /// <summary>
    /// Runs after which, if there is no true difference, a 100 (1 - 2 alpha) % interval lies inside +- delta with the power asked for. Against a paper's draw there may be
    /// no such number: however well our own mean is known, the draw itself is not.
    /// </summary>
    /// <inheritdoc cref="ForDifference"/>
    public static RunsNeeded ForEquivalence(RunsDesign design, double deviation, double delta, int largest, double alpha = 0.05, double power = 0.8) =>
        Search(design, deviation, delta, largest, power, "show equivalence within", z: Normal.InvCDF(0, 1, 1 - alpha), (margin, degrees) => Statistics.Power.OfEquivalence(margin, degrees, alpha),
            (margin, z) => Math.Max(0, (2 * Normal.CDF(0, 1, margin - z)) - 1));

    /// <summary>
    /// The upper one-sided confidence limit of a deviation, s sqrt((n - 1) / chi^2_(1 - confidence, n - 1)), for normal values: with a deviation estimated from few runs,
    /// planning with s itself misses the power asked for more often than not; with this limit it is reached with the given confidence (Browne 1995, "On the use of a pilot
    /// sample for sample size determination").
    /// </summary>
    public static double UpperDeviation(Sample pilot, double confidence = 0.8)
    {
        Sample.RequireLevel(confidence);
        var degrees = pilot.Checked().Count - 1;
        return pilot.Deviation * Math.Sqrt(degrees / ChiSquared.InvCDF(degrees, 1 - confidence));
    }

    private static RunsNeeded Search(RunsDesign design, double deviation, double delta, int largest, double power, string what, double z,
        Func<double, double, double> powerAt, Func<double, double, double> inTheLimit)
    {
        Sample.RequireLevel(power);
        ArgumentOutOfRangeException.ThrowIfLessThan(largest, 2);
        if (!(delta > 0 && double.IsFinite(delta))) throw new ArgumentOutOfRangeException(nameof(delta), delta, "A difference that matters is a finite number above 0.");
        if (!(deviation >= 0 && double.IsFinite(deviation))) throw new ArgumentOutOfRangeException(nameof(deviation), deviation, "A deviation is a finite number of at least 0.");
        if (design is RunsDesign.AgainstDraw { Runs: < 1 } draw) throw new ArgumentOutOfRangeException(nameof(design), draw.Runs, "A paper's number is the mean of at least 1 run.");

        var limit = deviation > 0 && design is RunsDesign.AgainstDraw { Runs: var m } ? inTheLimit(delta * Math.Sqrt(m) / deviation, z) : 1;
        // Power rises with n: the first that reaches it lies between two that are known.
        var (below, reached) = (1, 2);
        while (At(reached) < power && reached < largest) (below, reached) = (reached, (int)Math.Min(2L * reached, largest));
        var enough = At(reached) >= power;
        while (enough && reached - below > 1)
        {
            var middle = below + ((reached - below) / 2);
            if (At(middle) >= power) reached = middle;
            else below = middle;
        }
        return new RunsNeeded(enough ? reached : null, At(reached), limit, largest, Say(enough ? reached : null, At(reached)));

        double At(int runs)
        {
            var (error, degrees) = design.At(runs);
            return deviation == 0 ? 1 : powerAt(delta / (deviation * error), degrees);
        }

        string Say(int? runs, double at)
        {
            var goal = string.Create(CultureInfo.InvariantCulture, $"{what} {delta:G4} with a power of {power:0.##} at a standard deviation of {deviation:G4}");
            if (runs is { } n) return string.Create(CultureInfo.InvariantCulture, $"{n} {(design is RunsDesign.Independent ? "runs a side" : design is RunsDesign.Paired ? "runs or pairs" : "runs")} {goal}.");
            return limit < power
                ? string.Create(CultureInfo.InvariantCulture, $"No number of runs can {goal}: the paper's number is itself {(design is RunsDesign.AgainstDraw { Runs: > 1 and var m } ? $"the mean of {m} draws" : "one draw")}, and its own error limits the power to {limit:0.00}. Only more runs by the paper would.")
                : string.Create(CultureInfo.InvariantCulture, $"More than {largest} runs are needed to {goal}: {largest}, the most there may be, reach {at:0.00}.");
        }
    }
}
