using System.Globalization;

namespace Repro.Studies.Pruners;

/// <summary>
/// The resources at which halving pruners decide, in ascending order, all below the largest resource R: a trial that gets there is completed. In integers only: a
/// logarithm in floating point loses a bracket at R = 243, eta = 3 and at R = 1000, eta = 10.
/// </summary>
public static class Rungs
{
    /// <summary>r eta^(s + i), i = 0, 1, ...: successive halving and ASHA (Li et al. 2020, "A system for massively parallel hyperparameter tuning", section 3).</summary>
    /// <param name="least">r, the smallest resource.</param>
    /// <param name="most">R, the largest.</param>
    /// <param name="skipped">s, the early-stopping rate: so many rungs at the bottom are left out.</param>
    public static IReadOnlyList<long> FromBottom(long least, long most, int eta, int skipped = 0)
    {
        Check(most, eta);
        if (least < 1 || least > most) throw new BadInputException($"The smallest resource must be 1 or more, and at most the largest ({most}); it was {least}.");
        if (skipped < 0) throw new BadInputException($"The early-stopping rate must be 0 or more; it was {skipped}.");
        var rungs = new List<long>();
        for (var (resource, rung) = (least, 0); resource < most; rung++)
        {
            if (rung >= skipped) rungs.Add(resource);
            if (resource > most / eta) break;
            resource *= eta;
        }
        return rungs;
    }

    /// <summary>The first rung where nobody names one: two decisions before a run's end, after 1/eta^2 of it and after 1/eta.</summary>
    public static long DefaultLeast(long most, int eta) => Math.Max(1, (most + ((long)eta * eta) - 1) / ((long)eta * eta));

    /// <summary>R eta^-s, ..., R eta^-1, rounded down: a bracket of Hyperband (Li et al. 2018, "Hyperband", Algorithm 1).</summary>
    /// <param name="bracket">s, at most <see cref="LargestBracket"/>.</param>
    public static IReadOnlyList<long> FromTop(long most, int eta, int bracket)
    {
        if (bracket < 0 || bracket > LargestBracket(most, eta)) throw new BadInputException($"With R = {most} and eta = {eta} there are brackets 0 to {LargestBracket(most, eta)}; it was {bracket}.");
        var rungs = new long[bracket];
        for (var (i, resource) = (bracket - 1, most); i >= 0; i--) rungs[i] = resource /= eta;
        return rungs;
    }

    /// <summary>s_max = floor(log_eta R), the most aggressive bracket: the largest s with eta^s at most R.</summary>
    public static int LargestBracket(long most, int eta)
    {
        Check(most, eta);
        var bracket = 0;
        for (var rest = most / eta; rest >= 1; rest /= eta) bracket++;
        return bracket;
    }

    private static void Check(long most, int eta)
    {
        if (most < 1) throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"The largest resource must be 1 or more; it was {most}."));
        if (eta < 2) throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"eta must be 2 or more; it was {eta}."));
    }
}
