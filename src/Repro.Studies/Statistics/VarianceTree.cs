using System.Numerics;
using Repro.Studies.Randomness;

namespace Repro.Studies.Statistics;

/// <summary>
/// One regression tree (Breiman et al. 1984) over resampled trials, of which nothing is kept but what is asked of it: the variance of its prediction over the whole space,
/// the part of each hyperparameter alone, and its predictions of the trials that the resample left out.
/// </summary>
internal sealed class VarianceTree
{
    // Breiman's for regression: smaller leaves follow the noise, and the variance of noise is nobody's.
    private const int LeastLeaf = 5;

    private readonly BinnedTrials _trials;
    private readonly int[] _weight;
    private readonly double[] _predicted;
    private readonly int[] _axes;
    private readonly ulong[] _box;
    private readonly int _tried;
    private readonly double[][] _marginal;
    private double _mean, _square;
    private Philox _philox;

    private VarianceTree(BinnedTrials trials, int[] weight, double[] predicted, Philox philox)
    {
        (_trials, _weight, _predicted, _philox) = (trials, weight, predicted, philox);
        _axes = [.. Enumerable.Range(0, trials.Cells.Length)];
        _box = [.. trials.Cells.Select(cells => ulong.MaxValue >> (BinnedTrials.MostCells - cells))];
        _marginal = [.. trials.Cells.Select(cells => new double[cells])];
        _tried = ((2 * _axes.Length) + 2) / 3;
    }

    /// <param name="weight">How often the resample has each trial.</param>
    /// <param name="predicted">To what it has of each trial that the resample lacks, the tree's prediction is added.</param>
    /// <param name="shares">Receives each hyperparameter's share of the variance (Hutter, Hoos, Leyton-Brown 2014).</param>
    /// <returns>Whether the tree's prediction varies at all; without that there are no shares.</returns>
    public static bool Grow(BinnedTrials trials, int[] weight, double[] predicted, double[] shares, ref Philox philox)
    {
        var tree = new VarianceTree(trials, weight, predicted, philox);
        int[] drawn = [.. Enumerable.Range(0, trials.Count).Where(i => weight[i] > 0)], leftOut = [.. Enumerable.Range(0, trials.Count).Where(i => weight[i] == 0)];
        tree.Split(drawn, leftOut, 1);
        philox = tree._philox;
        var variance = tree._square - (tree._mean * tree._mean);
        if (!(variance > 1e-12)) return false;
        for (var j = 0; j < shares.Length; j++)
        {
            var own = tree._marginal[j].Sum(value => value * value) / tree._marginal[j].Length;
            shares[j] = Math.Clamp((own - (tree._mean * tree._mean)) / variance, 0, 1);
        }
        return true;
    }

    /// <param name="volume">The share of the space that this node has.</param>
    private void Split(Span<int> drawn, Span<int> leftOut, double volume)
    {
        var (weight, sum) = (0, 0.0);
        foreach (var i in drawn)
        {
            weight += _weight[i];
            sum += _weight[i] * _trials.Objective[i];
        }
        if (weight < 2 * LeastLeaf || !(Best(drawn, weight, sum) is { Axis: >= 0 } best))
        {
            Leaf(leftOut, sum / weight, volume);
            return;
        }
        var cells = _trials.Cell[best.Axis];
        var (inside, outside) = (Partition(drawn, cells, best.Left), Partition(leftOut, cells, best.Left));
        var box = _box[best.Axis];
        var share = BitOperations.PopCount(box & best.Left) / (double)BitOperations.PopCount(box);
        _box[best.Axis] = box & best.Left;
        Split(drawn[..inside], leftOut[..outside], volume * share);
        _box[best.Axis] = box & ~best.Left;
        Split(drawn[inside..], leftOut[outside..], volume * (1 - share));
        _box[best.Axis] = box;
    }

    private void Leaf(Span<int> leftOut, double value, double volume)
    {
        foreach (var i in leftOut) _predicted[i] += value;
        _mean += volume * value;
        _square += volume * value * value;
        for (var j = 0; j < _box.Length; j++)
        {
            // Over all the other hyperparameters, evenly: what the leaf adds to the mean prediction at each of its cells.
            var marginal = _marginal[j];
            var added = volume * value * marginal.Length / BitOperations.PopCount(_box[j]);
            for (var left = _box[j]; left != 0; left &= left - 1) marginal[BitOperations.TrailingZeroCount(left)] += added;
        }
    }

    /// <summary>The split that leaves the least variance within both sides, of two thirds of the hyperparameters; axis -1 where none leaves less.</summary>
    private (int Axis, ulong Left) Best(Span<int> drawn, int weight, double sum)
    {
        Span<double> sums = stackalloc double[BinnedTrials.MostCells], means = stackalloc double[BinnedTrials.MostCells];
        Span<int> weights = stackalloc int[BinnedTrials.MostCells], order = stackalloc int[BinnedTrials.MostCells];
        var (axis, left, gain) = (-1, 0UL, (sum * sum / weight) + 1e-10);
        for (var k = 0; k < _tried; k++)
        {
            var swap = k + _philox.NextInt32(_axes.Length - k);
            (_axes[k], _axes[swap]) = (_axes[swap], _axes[k]);
            var j = _axes[k];
            sums.Clear();
            weights.Clear();
            var cells = _trials.Cell[j];
            foreach (var i in drawn)
            {
                weights[cells[i]] += _weight[i];
                sums[cells[i]] += _weight[i] * _trials.Objective[i];
            }
            var occupied = 0;
            for (var cell = 0; cell < _trials.Cells[j]; cell++)
            {
                if (weights[cell] == 0) continue;
                means[occupied] = sums[cell] / weights[cell];
                order[occupied++] = cell;
            }
            // Of all subsets of categories the best is a beginning of their order by mean (Fisher 1958).
            if (_trials.Categorical[j]) means[..occupied].Sort(order[..occupied]);
            var (weightLeft, sumLeft, seen) = (0, 0.0, 0UL);
            for (var at = 0; at < occupied - 1; at++)
            {
                weightLeft += weights[order[at]];
                sumLeft += sums[order[at]];
                seen |= 1UL << order[at];
                if (weightLeft < LeastLeaf) continue;
                if (weight - weightLeft < LeastLeaf) break;
                var (sumRight, weightRight) = (sum - sumLeft, weight - weightLeft);
                var score = (sumLeft * sumLeft / weightLeft) + (sumRight * sumRight / weightRight);
                if (score <= gain) continue;
                // Between two cells that have trials the border lies in the middle; categories without any go right.
                (axis, gain) = (j, score);
                left = _trials.Categorical[j] ? seen : (1UL << ((order[at] + order[at + 1] + 1) / 2)) - 1;
            }
        }
        return (axis, left);
    }

    /// <summary>Puts the trials of the left side first.</summary>
    private static int Partition(Span<int> trials, byte[] cells, ulong left)
    {
        var first = 0;
        for (var i = 0; i < trials.Length; i++)
        {
            if ((left >> cells[trials[i]] & 1) == 0) continue;
            (trials[first], trials[i]) = (trials[i], trials[first]);
            first++;
        }
        return first;
    }
}
