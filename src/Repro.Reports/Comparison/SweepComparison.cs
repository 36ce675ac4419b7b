using System.Globalization;
using Repro.Reports.Runs;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Comparison;

/// <summary>A sweep as it is held beside another.</summary>
/// <param name="Status">As <c>repro status</c> says it.</param>
public sealed record ComparedSweep(string Name, string Status, Study Study, SweepState State)
{
    /// <summary>Of every attempt of which they are known here.</summary>
    public IReadOnlyList<AttemptConditions> Conditions { get; init; } = [];

    /// <summary>What a run measured, without what is the machine's own.</summary>
    public Func<RunKey, IReadOnlyList<MetricPoint>> Metrics { get; init; } = _ => [];

    /// <summary>Options that a trial has where neither it nor the study sets them; empty where this build does not know the profile.</summary>
    public IReadOnlyDictionary<string, string> ProfileOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether test scores may be shown, which is counted.</summary>
    public bool ShowTest { get; init; }

    /// <summary>Final metrics that may be shown.</summary>
    internal Dictionary<string, double> Scores(RunStatus run) => run.Scores.Where(score => ShowTest || !TestSeal.Covers(score.Key)).ToDictionary();

    internal TrialStatus? Best => State.Best(Study.Objective) is { } best ? State.Trials[best] : null;
}

/// <summary>Two sweeps, or two ablations, side by side.</summary>
/// <param name="Ends">How each stands, and its best trial: facts, of which none is a result by itself.</param>
/// <param name="Means">The confirmed choices, or the arms, with the uncertainty of their difference.</param>
/// <param name="Conclusions">What may be said of them, and what may not; sentences.</param>
public sealed record SweepComparison(
    ComparedFacts Options, ComparedFacts Code, ComparedFacts Data, ComparedFacts Environment, ComparedFacts Ends, IReadOnlyList<ComparedMeans> Means, EqualTrials Trials, IReadOnlyList<string> Conclusions)
{
    /// <summary>The level that the intervals of one metric hold together.</summary>
    public const double Level = 0.95;

    /// <summary>Whether trials of equal options and seed came to something else, or one sweep has trials that the other has not.</summary>
    public bool OutcomesDiffer => Trials.Parted.Count > 0 || Trials.AloneA.Count + Trials.AloneB.Count > 0;

    public static SweepComparison Of(ComparedSweep a, ComparedSweep b)
    {
        var comparison = new SweepComparison(
            StudyFacts.Compare(a, b), ComparedConditions.Code(a.Conditions, b.Conditions), ComparedConditions.Data(a.Conditions, b.Conditions), ComparedConditions.Environment(a.Conditions, b.Conditions),
            ComparedFacts.Of(Ended(a), Ended(b)), [.. Compared(a, b)], EqualTrials.Of(a, b), []);
        return comparison with { Conclusions = [.. comparison.Concluded(a, b)] };
    }

    private IEnumerable<string> Concluded(ComparedSweep a, ComparedSweep b)
    {
        if (a.Study.Experiment != b.Study.Experiment) yield return $"They are sweeps of two experiments, {a.Study.Experiment} and {b.Study.Experiment}: metrics of the same name need not mean the same.";
        foreach (var sentence in OfTrials(a, b)) yield return sentence;
        var (unit, several) = (MetricWords.Of(a.Study.Objective.Metric).Unit, Means.GroupBy(means => means.Metric).Any(group => group.Count() > 1));
        if (Means.Any(means => means.Interval is not null))
        {
            yield return several ? $"The intervals of one metric hold together with {Percent(Level)} (each by itself with more, after Bonferroni)."
                : $"Intervals are of the difference of the means, B - A, {Percent(Level)}, by Student's t{(unit == "%" ? ", in percentage points" : "")}.";
        }
        if (Means.Count > 0 && Means.All(means => means.Interval is null)) yield return "Nothing is decided about a difference: that takes two runs or more of each side, and six pairs for a test.";
        if (a.Study.Arms.Count + b.Study.Arms.Count > 0) yield break;
        if (a.Best is not null && b.Best is not null)
            yield return "The best of many trials looks better on validation than it is, in both: their difference is no estimate of anything, and has no interval.";
        foreach (var (sweep, side) in new[] { (a, "A"), (b, "B") })
        {
            if (sweep.State.Confirmation is null && sweep.Best is not null) yield return $"{side} has not confirmed its choice on fresh seeds, so the choices cannot be compared with uncertainty: ./repro sweep {sweep.Name} --confirm 5";
        }
    }

    private IEnumerable<string> OfTrials(ComparedSweep a, ComparedSweep b)
    {
        var metric = a.Study.Objective.Metric;
        var noun = Trials.AreTrials ? "trials" : "runs";
        if (Trials.Pairs.Count == 0)
        {
            yield return "No run of one has the options and the seed of a run of the other, so no two of them can be held together bit by bit.";
            yield break;
        }
        if (Trials.Completed.Count > 0)
        {
            yield return $"{Trials.SameEnds} of {Trials.Completed.Count} {noun} with equal options and seed end with the same bits"
                + (Trials.SameCurves == Trials.SameEnds ? $", and so are {(Trials.SameCurves == 1 ? "its curves" : "their whole curves")}." : $"; the whole curves are the same in {Trials.SameCurves}.");
        }
        if (Trials.Pairs.Count - Trials.Completed.Count is var unfinished and > 0)
            yield return $"{unfinished} more {(unfinished == 1 ? "pair is" : "pairs are")} not completed on both sides{(Trials.Pairs.Count(pair => pair.A.State != pair.B.State) is var other and > 0 ? $"; {other} ended in one state here and in another there" : "")}.";
        var differences = Trials.Completed.Select(pair => pair.Difference).OfType<double>().ToList();
        if (Trials.SameEnds < Trials.Completed.Count && differences.Count > 1)
        {
            var interval = Studies.Statistics.StudentT.Paired(differences, Level);
            yield return $"Over those {differences.Count} pairs {metric} is {Signed(differences.Average())} in B, with an interval of {Signed(interval.Low)} to {Signed(interval.High)} ({Percent(Level)}, paired).";
        }
        foreach (var (side, sweep, alone) in new[] { ("A", a, Trials.AloneA), ("B", b, Trials.AloneB) })
        {
            if (alone.Count == 0) continue;
            var confirms = alone.All(run => run.Key.Trial == sweep.State.Confirmation?.Number);
            yield return $"{alone.Count} {(alone.Count == 1 ? "run is" : "runs are")} in {side} alone{(confirms ? ": its confirmation" : "")}.";
        }
    }

    private static IEnumerable<ComparedMeans> Compared(ComparedSweep a, ComparedSweep b)
    {
        var arms = a.Study.Arms.Select(arm => arm.Name).Where(name => b.Study.Arms.Any(arm => arm.Name == name)).ToList();
        if (arms.Count > 0)
        {
            var metric = a.Study.Objective.Metric;
            if (metric != b.Study.Objective.Metric) yield break;
            // The baseline is one of them; what an arm does to it is the other family.
            var each = 1 - ((1 - Level) / ((2 * arms.Count) + 1));
            foreach (var arm in arms.Prepend(AblationArm.Baseline)) yield return ComparedMeans.Of(arm == AblationArm.Baseline ? arm : $"arm {arm}", metric, OfArm(a, arm, metric), OfArm(b, arm, metric), each);
            foreach (var arm in arms) yield return ComparedMeans.Of($"{arm} - {AblationArm.Baseline}", metric, Effect(a, arm, metric), Effect(b, arm, metric), each);
            yield break;
        }
        if (a.State.Confirmation is not { } left || b.State.Confirmation is not { } right) yield break;
        var names = left.Runs.Concat(right.Runs).SelectMany(a.Scores).Select(score => score.Key).Distinct()
            .OrderByDescending(name => name == a.Study.Objective.Metric).ThenBy(name => name, StringComparer.Ordinal);
        foreach (var name in names) yield return ComparedMeans.Of("confirmation", name, Values(a, left, name), Values(b, right, name), Level);
    }

    private static Dictionary<ulong, double> Effect(ComparedSweep sweep, string arm, string metric)
    {
        var (baseline, own) = (OfArm(sweep, AblationArm.Baseline, metric), OfArm(sweep, arm, metric));
        return own.Where(value => baseline.ContainsKey(value.Key)).ToDictionary(value => value.Key, value => value.Value - baseline[value.Key]);
    }

    private static Dictionary<ulong, double> OfArm(ComparedSweep sweep, string arm, string metric) =>
        sweep.State.Arms.FirstOrDefault(trial => trial.Arm == arm) is { } trial ? Values(sweep, trial, metric) : [];

    private static Dictionary<ulong, double> Values(ComparedSweep sweep, TrialStatus trial, string metric) =>
        trial.Runs.Where(run => run.State == RunState.Completed).Select(run => (run.Seed, Scores: sweep.Scores(run))).Where(run => run.Scores.ContainsKey(metric)).ToDictionary(run => run.Seed, run => run.Scores[metric]);

    private static List<(string, string)> Ended(ComparedSweep sweep)
    {
        var (state, metric) = (sweep.State, sweep.Study.Objective.Metric);
        List<(string, string)> facts =
        [
            ("status", sweep.Status), ("trials", string.Join(", ", state.Trials.GroupBy(trial => trial.State).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}"))),
            ("attempts", Whole(state.Trials.SelectMany(trial => trial.Runs).Sum(run => run.Attempt))),
        ];
        if (sweep.Study.Arms.Count > 0) return facts;
        facts.Add(("best of the search", sweep.Best is { } best ? $"{Numbers.WithUnit(best.Mean(metric)!.Value, MetricWords.Of(metric).Unit)}, trial {best.Number}" : "none"));
        if (sweep.Best is { } chosen) facts.Add(("its configuration", chosen.Configuration.Count > 0 ? chosen.Configuration.ToString() : "the profile's own setting"));
        facts.Add(("confirmed", state.Confirmation is { } confirmation ? $"on {Whole(confirmation.Runs.Count)} fresh seeds" : "no"));
        facts.Add(("readings of test scores", Whole(state.TestReadings)));
        return facts;
    }

    private static string Signed(double value) => (value > 0 ? "+" : "") + Numbers.Write(value).Replace('−', '-');

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.##} %");

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);
}
