using MathNet.Numerics.Distributions;

namespace Repro.Studies.Statistics;

/// <summary>A moment of looking that has come.</summary>
/// <param name="Number">From 1 on.</param>
/// <param name="Runs">How many runs it judges: exactly the first so many, whatever is at hand.</param>
/// <param name="Level">The error that this look may make: a two-sided test at it, or one-sided tests at half of it on either side.</param>
/// <param name="NextRuns">The runs at which one looks next; null where this was the last look.</param>
public sealed record Look(int Number, int Runs, double Level, int? NextRuns);

/// <summary>
/// The moments at which runs are judged, fixed beforehand, and the error that each may make, so that all together stay below alpha however often one looks.
/// </summary>
/// <remarks>
/// Lan, DeMets 1983, "Discrete sequential boundaries for clinical trials", with the spending function that resembles O'Brien and Fleming's: f(t) = 2 - 2 Phi(z / sqrt t),
/// z the 1 - alpha/2 quantile. Look k has the level f(t_k) - f(t_(k-1)), t_k = n_k / n_K. That the levels add up bounds the error of all looks by Boole's inequality, for
/// any test and any number of runs; boundaries from the joint normal distribution are a little less strict, and wrong for t statistics of few runs.
/// </remarks>
public sealed class AlphaSpending
{
    private readonly double[] _levels;

    /// <param name="looks">n_1 &lt; ... &lt; n_K: the numbers of runs at which one looks; the last is the largest n there will be.</param>
    /// <param name="alpha">What all looks may spend together.</param>
    public AlphaSpending(IReadOnlyList<int> looks, double alpha = 0.05)
    {
        Sample.RequireLevel(alpha);
        if (looks.Count == 0 || looks[0] < 1 || looks.Zip(looks.Skip(1)).Any(pair => pair.First >= pair.Second))
            throw new ArgumentException($"Moments of looking are ascending numbers of runs, at least one of them, and the first at least 1; these are: {string.Join(", ", looks)}.", nameof(looks));
        (Looks, Alpha) = (looks, alpha);
        var spent = looks.Select(runs => Spent((double)runs / looks[^1], alpha)).ToArray();
        _levels = [.. spent.Select((sum, k) => k == 0 ? sum : sum - spent[k - 1])];
    }

    /// <summary>The numbers of runs at which one looks, ascending.</summary>
    public IReadOnlyList<int> Looks { get; }

    public double Alpha { get; }

    /// <summary>The level of each look; their sum is <see cref="Alpha"/>.</summary>
    public IReadOnlyList<double> Levels => _levels;

    /// <summary>The look that so many runs allow: the last whose number they reach; null before the first.</summary>
    public Look? At(int runs)
    {
        var reached = Looks.Count(look => look <= runs);
        return reached == 0 ? null : new Look(reached, Looks[reached - 1], _levels[reached - 1], reached < Looks.Count ? Looks[reached] : null);
    }

    /// <summary>f(t): the error spent when a share of the runs is there. 0 at 0, alpha at 1.</summary>
    /// <param name="share">t, in [0, 1].</param>
    public static double Spent(double share, double alpha = 0.05)
    {
        if (!(share >= 0 && share <= 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "A share lies between 0 and 1.");
        // 2 Phi(-x) rather than 2 - 2 Phi(x), which is 0 in the far tail.
        return share == 0 ? 0 : share == 1 ? alpha : 2 * Normal.CDF(0, 1, Normal.InvCDF(0, 1, alpha / 2) / Math.Sqrt(share));
    }
}
