namespace Repro.Studies.Pruners;

/// <summary>One bracket of Hyperband.</summary>
/// <param name="Rate">s: how aggressively it prunes; 0 not at all.</param>
/// <param name="Trials">n = ceil((s_max + 1) eta^s / (s + 1)).</param>
/// <param name="Rungs">Resources at which it decides; the last trials go on to R.</param>
public sealed record HyperbandBracket(int Rate, int Trials, IReadOnlyList<long> Rungs);

/// <summary>The brackets of Hyperband (Li et al. 2018, "Hyperband: a novel bandit-based approach to hyperparameter optimization", Algorithm 1), in integers.</summary>
public static class Hyperband
{
    /// <summary>The brackets from the most aggressive, s_max, to 0. (R, eta) = (81, 3): 81 trials from 1, 34 from 3, 15 from 9, 8 from 27, 5 from 81.</summary>
    /// <param name="most">R, the largest resource that a trial gets.</param>
    /// <exception cref="BadInputException">R below 1, eta below 2, or more trials in a bracket than can be numbered.</exception>
    public static IReadOnlyList<HyperbandBracket> Brackets(long most, int eta = 3)
    {
        var largest = Rungs.LargestBracket(most, eta);
        var brackets = new List<HyperbandBracket>();
        for (var s = largest; s >= 0; s--)
        {
            Int128 power = 1;
            for (var i = 0; i < s; i++) power *= eta;
            var trials = (((largest + 1) * power) + s) / (s + 1);
            if (trials > 100_000_000) throw new BadInputException($"Hyperband with R = {most} and eta = {eta} begins with {trials} trials; count the resource in larger units (epochs for steps), or raise eta.");
            brackets.Add(new HyperbandBracket(s, (int)trials, Rungs.FromTop(most, eta, s)));
        }
        return brackets;
    }
}
