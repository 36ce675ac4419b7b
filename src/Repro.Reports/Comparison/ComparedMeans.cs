using Repro.Studies.Statistics;

namespace Repro.Reports.Comparison;

/// <summary>Several runs of each side, by one metric.</summary>
/// <param name="What">Which runs: <c>confirmation</c>, <c>arm plain</c>.</param>
/// <param name="A">The first side's values; not finite ones are left out, and counted in <paramref name="LeftOut"/>.</param>
/// <param name="Paired">The runs have equal seeds, and were compared pair by pair.</param>
/// <param name="Difference">Mean of B minus mean of A; null where a side has no value.</param>
/// <param name="Interval">Of the difference; null where a side has fewer than two runs.</param>
public sealed record ComparedMeans(string What, string Metric, IReadOnlyList<double> A, IReadOnlyList<double> B, int LeftOut, bool Paired, double? Difference, Interval? Interval)
{
    /// <summary>What the interval says; on which side of 0 it lies, and no more.</summary>
    public string Reading => Interval is not { } interval
        ? A.Count == 0 || B.Count == 0 ? "one side has none" : "n = 1 decides nothing"
        : A.Count == B.Count && Paired && interval is { Low: 0, High: 0 } ? "the same in every pair"
        : interval.Contains(0) ? "not decided" : interval.Low > 0 ? "B is higher" : "B is lower";

    /// <param name="a">Value by seed.</param>
    /// <param name="level">Of the interval: 0.95, or nearer to 1 for one of several that are to hold together.</param>
    public static ComparedMeans Of(string what, string metric, IReadOnlyDictionary<ulong, double> a, IReadOnlyDictionary<ulong, double> b, double level)
    {
        var (finiteA, finiteB) = (Finite(a), Finite(b));
        var (valuesA, valuesB) = (finiteA.Values.ToList(), finiteB.Values.ToList());
        var common = finiteA.Keys.Where(finiteB.ContainsKey).ToList();
        // Pairs that leave runs of both sides over would throw them away.
        var paired = common.Count > 0 && common.Count == Math.Min(finiteA.Count, finiteB.Count);
        var differences = common.Select(seed => finiteB[seed] - finiteA[seed]).ToList();
        var difference = paired ? differences.Average() : valuesA.Count > 0 && valuesB.Count > 0 ? valuesB.Average() - valuesA.Average() : (double?)null;
        var interval = paired ? (differences.Count > 1 ? StudentT.Paired(differences, level) : null)
            : valuesA.Count > 1 && valuesB.Count > 1 ? StudentT.Welch(valuesB, valuesA, level) : null;
        return new ComparedMeans(what, metric, valuesA, valuesB, a.Count + b.Count - valuesA.Count - valuesB.Count, paired, difference, interval);
    }

    private static SortedDictionary<ulong, double> Finite(IReadOnlyDictionary<ulong, double> values) =>
        new(values.Where(value => double.IsFinite(value.Value)).ToDictionary());
}
