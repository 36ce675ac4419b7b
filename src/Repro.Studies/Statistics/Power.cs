using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Integration;

namespace Repro.Studies.Statistics;

/// <summary>
/// The power of tests by Student's t: the chance that a difference of a given size is found, for normal values of a known deviation. MathNet has no noncentral t, so
/// these integrate a normal probability over the distribution of the sample's deviation, s / sigma = sqrt(chi^2_v / v); SciPy's <c>nct</c> agrees to eight digits.
/// </summary>
public static class Power
{
    /// <summary>
    /// The chance that the one-sided test at alpha, or the 100 (1 - 2 alpha) % interval, finds a true difference on its own side of 0: P(T'_v(effect) > t_(1 - alpha, v)).
    /// </summary>
    /// <param name="effect">The true difference over its standard error; the noncentrality.</param>
    /// <param name="degrees">v, above 0.</param>
    public static double OfDifference(double effect, double degrees, double alpha = 0.05)
    {
        var critical = Critical(degrees, alpha);
        // Where critical s lies 39 above the effect, the probability is 0 in double precision; without the bound a strict test of few runs would fall between the nodes.
        return OverDeviations(degrees, (Math.Max(0, effect) + 39) / critical, s => Normal.CDF(0, 1, effect - (critical * s)));
    }

    /// <summary>
    /// The chance that both one-sided tests at alpha show a difference to be smaller than the margin (Phillips 1990, "Power of the two one-sided tests procedure in
    /// bioequivalence"): that |estimate| + t s stays within it.
    /// </summary>
    /// <param name="margin">Delta over the true standard error.</param>
    /// <param name="effect">The true difference over its standard error; 0 where there is none.</param>
    public static double OfEquivalence(double margin, double degrees, double alpha = 0.05, double effect = 0)
    {
        var critical = Critical(degrees, alpha);
        // Beyond margin / t the interval is wider than the region, wherever the estimate falls.
        return OverDeviations(degrees, margin / critical, s =>
            Normal.CDF(0, 1, margin - (critical * s) - effect) - Normal.CDF(0, 1, (critical * s) - margin - effect));
    }

    private static double Critical(double degrees, double alpha)
    {
        if (!(alpha > 0 && alpha < 0.5)) throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "The level of a one-sided test lies between 0 and 0.5.");
        return TDistribution.Upper(alpha, degrees);
    }

    /// <summary>The mean of a smooth function of s / sigma, over the values up to a largest one.</summary>
    private static double OverDeviations(double degrees, double largest, Func<double, double> of)
    {
        // The density 2 (v/2)^(v/2) s^(v-1) exp(-v s^2 / 2) / Gamma(v/2); nine of its deviations, 1/sqrt(2v), and the tail of few degrees leave less than 1e-15 out.
        var logConstant = Math.Log(2) + (degrees / 2 * Math.Log(degrees / 2)) - SpecialFunctions.GammaLn(degrees / 2);
        var reach = 9 / Math.Sqrt(degrees);
        var (from, to) = (Math.Max(0, 1 - reach), Math.Min(largest, 1 + reach));
        if (to <= from) return 0;
        var sum = 0.0;
        const int panels = 16;
        for (var i = 0; i < panels; i++)
        {
            var (a, b) = (from + ((to - from) * i / panels), from + ((to - from) * (i + 1) / panels));
            sum += GaussLegendreRule.Integrate(s => of(s) * Math.Exp(logConstant + ((degrees - 1) * Math.Log(s)) - (degrees * s * s / 2)), a, b, 32);
        }
        return Math.Clamp(sum, 0, 1);
    }
}
