using Repro.Studies.Samplers;

namespace Repro.Studies.Statistics;

/// <summary>The expected best of so many random trials.</summary>
/// <param name="Trials">n: the budget.</param>
/// <param name="Expected">Of the best objective among n.</param>
/// <param name="Interval">null where there are too few trials to know: fewer than 50, or n above a tenth of them.</param>
public sealed record BestOfTrials(int Trials, double Expected, Interval? Interval);

/// <summary>
/// The expected best-of-n curve of random search: sum over j from n to B of x_(j) C(j - 1, n - 1) / C(B, n), the mean over all choices of n among the B trials at hand, and
/// so unbiased (Tang et al. 2020, "Showing your work doesn't always work"). Dodge et al. 2019's sum draws with replacement and is biased: .888 rather than
/// .909 for the best 10 of 20 uniform ones.
/// </summary>
/// <remarks>
/// The interval is the jackknife's (Efron, Stein 1981, over the curve with each trial left out) with Student's t of B - 1 degrees of freedom. Simulated, those called 95 % cover
/// 89 to 96 % up to n = B/10 for uniform, normal, log-normal and log-uniform losses of 50 trials and more, and less beyond, so that beyond there is none; a percentile bootstrap, whose
/// resamples lack the best trial a third of the time, covers up to 20 points less. An objective whose best values lie far out (the largest of a log-normal) is covered worse, 80 to 90 %.
/// </remarks>
public static class ExpectedBest
{
    /// <summary>Trials to one of the budget from which on there is an interval.</summary>
    public const int TrialsPerBudget = 10;

    /// <summary>Trials from which on there is an interval at all.</summary>
    public const int LeastTrials = 50;

    /// <param name="objective">Of every trial that the sampler suggested, finite. Where trials diverged the caller gives them the value that they count as: leaving them out makes the curve too good.</param>
    /// <param name="budgets">Each from 1 to the number of trials; null: all of them.</param>
    /// <exception cref="ArgumentException">The sentence of <see cref="TrialDraws.Refusal"/>; a value that is not finite; a budget that there are too few trials for.</exception>
    public static IReadOnlyList<BestOfTrials> Curve(IReadOnlyList<double> objective, ObjectiveDirection direction, TrialDraws draws, IReadOnlyList<int>? budgets = null, double level = 0.95)
    {
        if (draws.Refusal("An expected best-of-n curve") is { } refusal) throw new ArgumentException(refusal, nameof(draws));
        Sample.RequireFinite(objective);
        Sample.RequireLevel(level);
        // The worst first: whatever the direction, the weights rise towards the best.
        double[] ordered = direction == ObjectiveDirection.Maximize ? [.. objective.Order()] : [.. objective.OrderDescending()];
        return [.. (budgets ?? [.. Enumerable.Range(1, ordered.Length)]).Select(n => At(ordered, n, level))];
    }

    private static BestOfTrials At(double[] ordered, int n, double level)
    {
        if (n < 1 || n > ordered.Length) throw new ArgumentOutOfRangeException(nameof(n), n, $"A budget lies between 1 and the number of trials, {ordered.Length}.");
        var expected = 0.0;
        var weights = Weights(ordered.Length, n);
        for (var j = 0; j < ordered.Length; j++) expected += weights[j] * ordered[j];
        return new BestOfTrials(n, expected, ordered.Length >= LeastTrials && (long)n * TrialsPerBudget <= ordered.Length ? Jackknife(ordered, n, expected, level) : null);
    }

    // Without trial i, those before it keep their rank among B - 1, and those after it move down by one.
    private static Interval Jackknife(double[] ordered, int n, double expected, double level)
    {
        var count = ordered.Length;
        var weights = Weights(count - 1, n);
        var leftOut = new double[count];
        for (var (i, before) = (0, 0.0); i < count; i++)
        {
            leftOut[i] = before;
            if (i < count - 1) before += weights[i] * ordered[i];
        }
        for (var (i, after) = (count - 1, 0.0); i >= 0; i--)
        {
            leftOut[i] += after;
            if (i > 0) after += weights[i - 1] * ordered[i];
        }
        var mean = leftOut.Average();
        var variance = (count - 1.0) / count * leftOut.Sum(value => (value - mean) * (value - mean));
        return new Estimate(expected, Math.Sqrt(variance), count - 1).Interval(level);
    }

    /// <summary>C(j - 1, n - 1) / C(B, n) for j = 1 .. B, from the last, n / B, down by the quotient of neighbours: no factorial overflows.</summary>
    internal static double[] Weights(int count, int n)
    {
        var weights = new double[count];
        weights[^1] = (double)n / count;
        for (var j = count; j > n; j--) weights[j - 2] = weights[j - 1] * (j - n) / (j - 1);
        return weights;
    }
}
