using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Comparison;

/// <summary>Two runs of two sweeps with equal options and seed.</summary>
/// <param name="Ends">Whether both are in the same state with the same final metrics, to the last bit.</param>
/// <param name="Difference">Of the objective, B minus A; null where one has no finite one.</param>
public sealed record EqualPair(RunStatus A, RunStatus B, bool Ends, CurveParting Curves, double? Difference);

/// <summary>The runs that two sweeps have in common, by options and seed, and whether they came to the same.</summary>
/// <param name="Pairs">By the first sweep's trials.</param>
/// <param name="AloneA">Runs of the first sweep that the other has not.</param>
/// <param name="AloneB">Runs of the second that the first has not.</param>
public sealed record EqualTrials(IReadOnlyList<EqualPair> Pairs, IReadOnlyList<RunStatus> AloneA, IReadOnlyList<RunStatus> AloneB)
{
    /// <summary>Pairs of which both are completed.</summary>
    public IReadOnlyList<EqualPair> Completed { get; } = [.. Pairs.Where(pair => pair.A.State == RunState.Completed && pair.B.State == RunState.Completed)];

    /// <summary>Those of them that end with the same bits.</summary>
    public int SameEnds => Completed.Count(pair => pair.Ends);

    /// <summary>Those of them whose whole curves are the same, as far as both measured them.</summary>
    public int SameCurves => Completed.Count(pair => pair.Curves.Parted == 0);

    /// <summary>Pairs that are not in the same state, or did not measure the same.</summary>
    public IReadOnlyList<EqualPair> Parted { get; } = [.. Pairs.Where(pair => !pair.Ends || pair.Curves.Parted > 0)];

    /// <summary>Whether every trial that has a pair has a single run, so that one may say trials.</summary>
    public bool AreTrials { get; } = Pairs.Select(pair => pair.A.Key.Trial).Distinct().Count() == Pairs.Count;

    public static EqualTrials Of(ComparedSweep a, ComparedSweep b)
    {
        var others = new Dictionary<(Configuration, ulong, bool), Queue<RunStatus>>();
        foreach (var (key, run) in Runs(b))
        {
            if (!others.TryGetValue(key, out var queue)) others.Add(key, queue = []);
            queue.Enqueue(run);
        }
        var (pairs, alone) = (new List<EqualPair>(), new List<RunStatus>());
        // Another experiment's options mean something else, whatever their names.
        var comparable = a.Study.Experiment == b.Study.Experiment;
        foreach (var (key, run) in Runs(a))
        {
            if (comparable && others.TryGetValue(key, out var queue) && queue.TryDequeue(out var other)) pairs.Add(Pair(a, run, b, other));
            else alone.Add(run);
        }
        return new EqualTrials(pairs, alone, [.. others.Values.SelectMany(queue => queue).OrderBy(run => run.Key, RunKey.Order)]);
    }

    private static EqualPair Pair(ComparedSweep a, RunStatus left, ComparedSweep b, RunStatus right)
    {
        var (scoresA, scoresB) = (a.Scores(left), b.Scores(right));
        var ends = left.State == right.State && scoresA.Count == scoresB.Count && scoresA.All(score => scoresB.TryGetValue(score.Key, out var other) && CurveParting.SameBits(score.Value, other));
        var metric = a.Study.Objective.Metric;
        var difference = scoresA.TryGetValue(metric, out var x) && scoresB.TryGetValue(metric, out var y) && double.IsFinite(y - x) ? y - x : (double?)null;
        return new EqualPair(left, right, ends, CurveParting.Of(a.Metrics(left.Key), b.Metrics(right.Key)), difference);
    }

    // A confirmation reads test, which is work that a run of the search does not do.
    private static IEnumerable<((Configuration, ulong, bool) Key, RunStatus Run)> Runs(ComparedSweep sweep)
    {
        foreach (var trial in sweep.State.Trials)
        {
            var options = Configuration.Of(sweep.ProfileOptions.Concat(sweep.Study.Fixed.Settings).Concat(trial.Configuration.Settings));
            foreach (var run in trial.Runs) yield return ((options, run.Seed, trial.Origin == TrialOrigin.Confirmation), run);
        }
    }
}
