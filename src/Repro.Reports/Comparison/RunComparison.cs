using System.Globalization;
using Repro.Reports.Runs;
using Repro.Results;
using Repro.Studies.Runs;

namespace Repro.Reports.Comparison;

/// <summary>A run with what it ran under.</summary>
/// <param name="Run">Its metrics without those that are the machine's, which differ between any two executions; its scores without those that stay sealed.</param>
public sealed record ComparedRun(RunRecord Run, IReadOnlyList<AttemptConditions> Conditions);

/// <summary>A final metric of two runs; null where one has none.</summary>
public sealed record ComparedScore(string Metric, double? A, double? B)
{
    public bool Same => A is { } a && B is { } b ? CurveParting.SameBits(a, b) : A is null && B is null;

    /// <summary>B minus A; null where it is no finite number.</summary>
    public double? Difference => B - A is { } difference && double.IsFinite(difference) ? difference : null;
}

/// <summary>Two runs side by side.</summary>
/// <param name="Ends">How each ended, and what that took: facts that are no result, and count as a difference only where the state does.</param>
/// <param name="Scores">Final metrics, in the first run's order.</param>
/// <param name="Conclusions">What may be said of them, and what may not; sentences.</param>
public sealed record RunComparison(
    ComparedFacts Options, ComparedFacts Code, ComparedFacts Data, ComparedFacts Environment, ComparedFacts Ends, IReadOnlyList<ComparedScore> Scores, CurveParting Curves, IReadOnlyList<string> Conclusions)
{
    /// <summary>Whether one ended otherwise than the other, or measured anything else.</summary>
    public bool OutcomesDiffer { get; private init; }

    public static RunComparison Of(ComparedRun a, ComparedRun b)
    {
        var (options, code) = (ComparedFacts.Of(Asked(a.Run), Asked(b.Run), same: OptionDifference.Same), ComparedConditions.Code(a.Conditions, b.Conditions));
        var (data, environment) = (ComparedConditions.Data(a.Conditions, b.Conditions), ComparedConditions.Environment(a.Conditions, b.Conditions));
        var scores = a.Run.Scores.Keys.Concat(b.Run.Scores.Keys).Distinct().Select(name => new ComparedScore(name, Score(a.Run, name), Score(b.Run, name))).ToList();
        var curves = CurveParting.Of(a.Run.Metrics, b.Run.Metrics);
        var comparison = new RunComparison(options, code, data, environment, ComparedFacts.Of(Ended(a.Run), Ended(b.Run)), scores, curves, [])
        {
            OutcomesDiffer = a.Run.StateWord != b.Run.StateWord || scores.Exists(score => !score.Same) || curves.Parted > 0 || curves.Alone > 0,
        };
        return comparison with { Conclusions = [.. comparison.Concluded(a, b)] };
    }

    private IEnumerable<string> Concluded(ComparedRun a, ComparedRun b)
    {
        var asked = !Options.Differ && !Data.Differ;
        if (Curves.Shared == 0 && Scores.Count == 0)
        {
            yield return "They have measured nothing in common, so their outcomes cannot be compared.";
            yield break;
        }
        var (equalScores, values) = (Scores.All(score => score.Same), $"{Curves.Shared} measured {(Curves.Shared == 1 ? "value" : "values")}");
        if (equalScores && Curves.Same)
        {
            yield return Scores.Count > 0 ? $"They end with the same bits: {Scores.Count} final metrics and {values} are equal{(Curves.Alone > 0 ? $"; {Curves.Alone} others were measured by one of them alone" : "")}."
                : $"As far as both came they are the same to the last bit: {values} are equal.";
            if (!asked) yield return "Equal results from what was asked differently: what differs above has no influence on them.";
            yield break;
        }
        if (Curves.First is { } first)
        {
            yield return $"Their curves part at step {Step(first.Step)}, the first at which both measured and differ: {first.Metric} {first.Told}"
                + $"{(Curves.Others > 0 ? $", and {Curves.Others} other {(Curves.Others == 1 ? "metric" : "metrics")}" : "")}. {Curves.Parted} of {values} differ.";
        }
        else if (Curves.Shared > 0) yield return $"Their curves do not part: {values} are equal.";
        if (asked && Promise(a, b) is { } promise) yield return promise;
        yield return "One run each decides nothing about a difference (n = 1): how far another seed would move either of them is not known from these two. "
            + "Several runs of each on equal seeds can decide: ./repro ablate, from 6 pairs on.";
    }

    /// <summary>Of two runs of one configuration, seed and data: whether their bits should be equal.</summary>
    private static string? Promise(ComparedRun a, ComparedRun b)
    {
        if (a.Conditions.Count == 0 || b.Conditions.Count == 0) return null;
        var all = a.Conditions.Concat(b.Conditions).Select(attempt => attempt.Environment).ToList();
        var differences = all.SelectMany(environment => environment.DifferencesFrom(all[0])).Distinct().ToList();
        return differences.Count > 0 ? $"They were asked for the same, with the same seed. Equal bits are not promised, because they ran under other conditions: {string.Join(", ", differences)}."
            : "They were asked for the same, with the same seed, under conditions that promise equal bits. That they differ is a fault of this program or of its machine, and worth reporting: ./repro check has a check that finds it (the same seed twice).";
    }

    private static List<(string, string)> Asked(RunRecord run) =>
        [("experiment", run.Experiment), ("profile", run.Profile), ("seed", run.Seed.ToString(CultureInfo.InvariantCulture)), .. run.Options.Select(option => (option.Key, option.Value))];

    private static List<(string, string)> Ended(RunRecord run)
    {
        var peak = run.Attempts.Select(attempt => attempt.Environment.PeakMemoryBytes).DefaultIfEmpty(0).Max();
        List<(string, string)> facts =
        [
            ("state", run.StateWord), ("last step", run.Metrics.Count > 0 ? Step(run.Metrics[^1].Step) : ComparedFacts.None), ("attempts", run.Attempts.Count.ToString(CultureInfo.InvariantCulture)),
            ("training time", Numbers.Duration(run.Trained)),
        ];
        if (peak > 0) facts.Add(("peak memory", Numbers.Bytes(peak)));
        if (run.Failure is { } failure) facts.Add(("failure", failure));
        return facts;
    }

    private static double? Score(RunRecord run, string name) => run.Scores.TryGetValue(name, out var score) ? score : null;

    private static string Step(long step) => step.ToString("#,0", CultureInfo.InvariantCulture);
}
