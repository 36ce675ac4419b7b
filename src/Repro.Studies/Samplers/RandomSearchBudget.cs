namespace Repro.Studies.Samplers;

/// <summary>How many i.i.d. random trials a target needs, whatever the search space.</summary>
public static class RandomSearchBudget
{
    /// <summary>
    /// The smallest n with 1 - (1 - share)^n >= probability: draws until one is among the best <paramref name="share"/> of all configurations with this probability.
    /// 59 for 95 % and the top 5 %.
    /// </summary>
    /// <param name="probability">In [0, 1).</param>
    /// <param name="share">In (0, 1].</param>
    public static long TrialsFor(double probability, double share)
    {
        if (!(probability >= 0 && probability < 1)) throw new BadInputException($"The probability must be at or above 0 and below 1; it was {probability}.");
        if (!(share > 0 && share <= 1)) throw new BadInputException($"The top share must be above 0 and at most 1; it was {share}.");
        if (probability == 0) return 0;
        var trials = Math.Log(1 - probability) / Math.Log(1 - share);
        // Where the quotient is an integer (75 % of the top half: 2), rounding must not ask for one more.
        return (long)Math.Max(1, Math.Ceiling(trials - (1e-12 * Math.Max(1, trials))));
    }

    /// <summary>1 - (1 - share)^trials: the probability that one of so many draws is among the best <paramref name="share"/>.</summary>
    public static double ProbabilityOf(long trials, double share) => -Math.Exp(trials * Math.Log(1 - share)) + 1;
}
