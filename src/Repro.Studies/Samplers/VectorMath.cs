using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Repro.Studies.Samplers;

/// <summary>
/// exp and erf for four numbers at once, written in additions and multiplications only, which round alike everywhere: so that a suggestion is the same on
/// every machine, with and without fused multiply-add.
/// </summary>
internal static class VectorMath
{
    /// <summary>Numbers in one vector; arrays are padded to multiples of it.</summary>
    public const int Width = 4;

    /// <summary>The exponent below which a kernel adds nothing to a density that has a prior: e^-45 is 3e-20.</summary>
    public const double Negligible = -45;

    /// <summary>e^x, relative error below 1e-12; x is taken as -700 below it. x at most 700.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Exp(Vector256<double> x)
    {
        // x = k ln 2 + r, |r| <= ln(2)/2. Adding 1.5 * 2^52 rounds to an integer and leaves it in the lowest bits.
        var rounding = Vector256.Create(6755399441055744.0);
        x = Vector256.Max(x, Vector256.Create(-700.0));
        var shifted = (x * Vector256.Create(1.4426950408889634)) + rounding;
        var k = shifted - rounding;
        var r = x - (k * Vector256.Create(0.693147180369123816490)) - (k * Vector256.Create(1.90821492927058770002e-10));
        // Taylor's series to degree 10: 0.3466^11 / 11! = 2.2e-13.
        var sum = Vector256.Create(1.0 / 3628800);
        sum = (sum * r) + Vector256.Create(1.0 / 362880);
        sum = (sum * r) + Vector256.Create(1.0 / 40320);
        sum = (sum * r) + Vector256.Create(1.0 / 5040);
        sum = (sum * r) + Vector256.Create(1.0 / 720);
        sum = (sum * r) + Vector256.Create(1.0 / 120);
        sum = (sum * r) + Vector256.Create(1.0 / 24);
        sum = (sum * r) + Vector256.Create(1.0 / 6);
        sum = (sum * r) + Vector256.Create(0.5);
        sum = (sum * r) + Vector256<double>.One;
        sum = (sum * r) + Vector256<double>.One;
        return (sum.AsInt64() + Vector256.ShiftLeft(shifted.AsInt64(), 52)).AsDouble();
    }

    /// <summary>The error function for x >= 0, absolute error below 1.5e-7 (Abramowitz, Stegun 1964, 7.1.26).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Erf(Vector256<double> x)
    {
        var t = Vector256<double>.One / (Vector256<double>.One + (x * Vector256.Create(0.3275911)));
        var sum = Vector256.Create(1.061405429);
        sum = (sum * t) - Vector256.Create(1.453152027);
        sum = (sum * t) + Vector256.Create(1.421413741);
        sum = (sum * t) - Vector256.Create(0.284496736);
        sum = (sum * t) + Vector256.Create(0.254829592);
        return Vector256<double>.One - (sum * t * Exp(-(x * x)));
    }

    /// <summary>The share of a normal distribution that lies in [0, 1]; its mean does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> ShareWithin(Vector256<double> mean, Vector256<double> inverseSigma)
    {
        // Six sigma from both ends nothing is cut off, to the accuracy of Erf.
        if (Vector256.GreaterThanAll(Vector256.Min(mean, Vector256<double>.One - mean) * inverseSigma, Vector256.Create(6.0))) return Vector256<double>.One;
        var scale = inverseSigma * Vector256.Create(0.7071067811865476);
        return Vector256.Create(0.5) * (Erf(mean * scale) + Erf((Vector256<double>.One - mean) * scale));
    }

    /// <summary>The sum of the four numbers, always in the same order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(Vector256<double> v) => (v[0] + v[1]) + (v[2] + v[3]);

    /// <summary>The smallest multiple of <see cref="Width"/> that holds so many.</summary>
    public static int Padded(int count) => (count + Width - 1) & ~(Width - 1);
}
