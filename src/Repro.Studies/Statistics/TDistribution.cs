using MathNet.Numerics;
using MathNet.Numerics.RootFinding;

namespace Repro.Studies.Statistics;

/// <summary>
/// Student's t by the incomplete beta function. MathNet's own quantile is sought between -800 and 800 only, and to eight digits: a look at two runs, to which little
/// alpha is given, is beyond that.
/// </summary>
internal static class TDistribution
{
    /// <summary>P(T &lt;= t).</summary>
    public static double Below(double t, double degrees) => t <= 0 ? Tail(-t, degrees) : 1 - Tail(t, degrees);

    /// <summary>The t that is exceeded with probability <paramref name="tail"/>.</summary>
    /// <param name="tail">In (0, 1); small ones keep their digits, which 1 - tail would not.</param>
    public static double Upper(double tail, double degrees)
    {
        if (tail >= 0.5) return tail == 0.5 ? 0 : -Upper(1 - tail, degrees);
        var (low, high) = (0.0, 1.0);
        while (Tail(high, degrees) > tail) (low, high) = (high, high * 4);
        // Both logarithms: a straight line in the tail.
        return Brent.FindRoot(t => Math.Log(Tail(t, degrees) / tail), low, high, 1e-15 * high, 200);
    }

    /// <summary>P(T > t), t at least 0.</summary>
    private static double Tail(double t, double degrees) => 0.5 * SpecialFunctions.BetaRegularized(degrees / 2, 0.5, degrees / (degrees + (t * t)));
}
