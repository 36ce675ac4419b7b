using System.Globalization;
using MathNet.Numerics;

namespace Repro.Studies.Statistics;

/// <summary>How far reproductions of one number lie apart, relative to it.</summary>
public static class CoefficientOfVariation
{
    /// <summary>
    /// CV* = (1 + 1/(4n)) 100 (s / c4) / mean, in per cent: unbiased for few runs (Belz, Popovic, Mille 2022, "Quantified reproducibility assessment of NLP results"),
    /// with c4 = sqrt(2/(n-1)) Gamma(n/2) / Gamma((n-1)/2).
    /// </summary>
    /// <param name="values">At least two, on a scale that begins at 0: none is negative, and their mean is above 0.</param>
    public static double Corrected(IReadOnlyList<double> values)
    {
        var sample = Sample.Of(values);
        if (values.Min() < 0 || sample.Mean == 0)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"A coefficient of variation needs values on a scale that begins at 0; the smallest is {values.Min()} and the mean {sample.Mean}."), nameof(values));
        }
        return (1 + (1 / (4.0 * sample.Count))) * 100 * (sample.Deviation / C4(sample.Count)) / sample.Mean;
    }

    /// <summary>E(s) / sigma of n normal values.</summary>
    internal static double C4(int count) =>
        Math.Sqrt(2.0 / (count - 1)) * Math.Exp(SpecialFunctions.GammaLn(count / 2.0) - SpecialFunctions.GammaLn((count - 1) / 2.0));
}
