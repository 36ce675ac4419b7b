using System.Globalization;
using Repro.Studies.Randomness;

namespace Repro.Studies.Statistics;

/// <summary>How much of the objective's variation over the search space a hyperparameter makes by itself.</summary>
/// <param name="Share">Of the variance that the forests predict, in [0, 1]; the mean over them.</param>
/// <param name="Interval">The percentiles over forests, each grown on trials resampled with replacement.</param>
public sealed record HyperparameterImportance(string Name, double Share, Interval Interval);

/// <summary>
/// Hyperparameter importance by functional analysis of variance over random forests (Hutter, Hoos, Leyton-Brown 2014, "An efficient approach for assessing hyperparameter
/// importance"): the share of the variance that each hyperparameter's mean effect has, over the whole space as it was drawn.
/// </summary>
/// <param name="Each">In the given order; empty where <paramref name="Unknown"/> says why.</param>
/// <param name="Interactions">The rest: what only two or more hyperparameters together make. NaN where unknown.</param>
/// <param name="Explained">R^2 of trials that the forests have not seen (out of bag): how much of the trials' variance the analysis is about. At most 1; below 0 where the mean predicts better.</param>
/// <param name="Unknown">Why no importance can be told, as a sentence; null where it can.</param>
/// <remarks>
/// Intervals tell how the shares vary with the trials at hand; they do not tell how a forest of few trials errs, whose steps blur weak effects and make
/// some of the strong ones look like interactions (of Ishigami's function over 4,000 trials 0.06 of all variance). The variance is that of the objective as given: where some trials diverged to huge losses it is theirs, and the caller may give logarithms or ranks instead.
/// </remarks>
public sealed record Importance(IReadOnlyList<HyperparameterImportance> Each, double Interactions, double Explained, string? Unknown)
{
    /// <summary>The explained share of unseen trials' variance below which importance is unknown.</summary>
    public const double LeastExplained = 0.25;

    /// <summary>Trials below which importance is unknown.</summary>
    public const int LeastTrials = 30;

    private const int Forests = 48;
    private const int TreesPerForest = 4;

    /// <param name="trials">Of each completed trial the values in the order of <paramref name="axes"/>; see <see cref="ImportanceAxis"/>.</param>
    /// <param name="objective">Finite, one a trial.</param>
    /// <param name="seed">Of resamples and splits: equal seeds give equal numbers, on any number of cores.</param>
    /// <exception cref="ArgumentException">The sentence of <see cref="TrialDraws.Refusal"/>, or a value that is none of its hyperparameter's.</exception>
    public static Importance Of(IReadOnlyList<ImportanceAxis> axes, IReadOnlyList<IReadOnlyList<double>> trials, IReadOnlyList<double> objective, TrialDraws draws, double level = 0.95, ulong seed = 0)
    {
        if (draws.Refusal("Hyperparameter importance") is { } refusal) throw new ArgumentException(refusal, nameof(draws));
        Sample.RequireLevel(level);
        var binned = new BinnedTrials(axes, trials, objective);
        if (axes.Count == 0) return Not("There is no hyperparameter that was searched.", double.NaN);
        if (binned.Count < LeastTrials) return Not($"Hyperparameter importance takes {LeastTrials} trials or more; there are {binned.Count}.", double.NaN);
        if (binned.Deviation == 0) return Not("All trials have the same objective: there is no variation to explain.", double.NaN);

        var forests = new Forest[Forests];
        Parallel.For(0, Forests, f => forests[f] = Grow(binned, seed, f));
        var explained = Explain(binned, forests);
        var varying = forests.Where(forest => forest.Shares is not null).Select(forest => forest.Shares!).ToList();
        if (!(explained >= LeastExplained) || varying.Count < Forests)
        {
            return Not(string.Create(CultureInfo.InvariantCulture,
                $"Which hyperparameter matters is unknown: forests over {binned.Count} trials explain {100 * Math.Max(0, explained):0} % of the variance of trials they have not seen, and {100 * LeastExplained:0} % are asked for. More trials may tell."), explained);
        }
        var each = axes.Select((axis, j) =>
        {
            double[] shares = [.. varying.Select(forest => forest[j]).Order()];
            return new HyperparameterImportance(axis.Name, shares.Average(), new Interval(Quantiles.Of<double>(shares, (1 - level) / 2), Quantiles.Of<double>(shares, (1 + level) / 2), level));
        }).ToList();
        return new Importance(each, Math.Max(0, 1 - each.Sum(one => one.Share)), explained, null);

        static Importance Not(string why, double explained) => new([], double.NaN, explained, why);
    }

    /// <param name="Shares">The mean over its trees; null where a tree's prediction did not vary.</param>
    /// <param name="Weight">How often it has each trial.</param>
    /// <param name="Predicted">Of each trial that it lacks, the sum over its trees.</param>
    private sealed record Forest(double[]? Shares, int[] Weight, double[] Predicted);

    private static Forest Grow(BinnedTrials trials, ulong seed, int number)
    {
        var philox = new Philox(seed, RandomPurpose.Forest, number);
        var weight = new int[trials.Count];
        for (var i = 0; i < trials.Count; i++) weight[philox.NextInt32(trials.Count)]++;
        var (predicted, own, shares) = (new double[trials.Count], new double[trials.Cells.Length], new double[trials.Cells.Length]);
        var varies = true;
        for (var tree = 0; tree < TreesPerForest; tree++)
        {
            varies &= VarianceTree.Grow(trials, weight, predicted, own, ref philox);
            for (var j = 0; j < own.Length; j++) shares[j] += own[j] / TreesPerForest;
        }
        return new Forest(varies ? shares : null, weight, predicted);
    }

    private static double Explain(BinnedTrials trials, Forest[] forests)
    {
        var (missed, total) = (0.0, 0.0);
        for (var i = 0; i < trials.Count; i++)
        {
            var (sum, trees) = (0.0, 0);
            foreach (var forest in forests)
            {
                if (forest.Weight[i] > 0) continue;
                sum += forest.Predicted[i];
                trees += TreesPerForest;
            }
            // A trial that every resample has cannot be predicted unseen; with 48 of them that is one in 3 billion.
            if (trees == 0) continue;
            missed += Math.Pow(trials.Objective[i] - (sum / trees), 2);
            total += trials.Objective[i] * trials.Objective[i];
        }
        return 1 - (missed / total);
    }
}
