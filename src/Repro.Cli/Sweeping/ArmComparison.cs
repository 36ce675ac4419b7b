using System.Globalization;
using Repro.Cli.Output;
using Repro.Studies.Runs;
using Repro.Studies.Statistics;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>The arms of an ablation beside its baseline: means, paired differences, and what a sign-flip test under Holm's correction says of them.</summary>
internal sealed class ArmComparison(Study study, SweepState state)
{
    private const double Alpha = 0.05;

    public void Write(CommandOutput output)
    {
        var metric = study.Objective.Metric;
        var baseline = Values(AblationArm.Baseline);
        var rows = study.Arms.Select(arm =>
        {
            var own = Values(arm.Name);
            var pairs = baseline.Keys.Intersect(own.Keys).Order().ToList();
            var differences = pairs.ConvertAll(seed => own[seed] - baseline[seed]);
            return (arm.Name, own, differences, P: differences.Count is > 0 and <= SignFlip.MostPairs ? SignFlip.PValue(differences) : 1);
        }).ToList();
        // Holm: the smallest p against alpha / k, the next against alpha / (k - 1), until one is not below.
        var decided = new HashSet<string>();
        var left = rows.Count;
        foreach (var row in rows.OrderBy(row => row.P))
        {
            if (row.P > Alpha / left--) break;
            decided.Add(row.Name);
        }
        var table = new TextTable("arm", "pairs", metric, "difference", "p", "under Holm") { Right = new HashSet<int> { 1, 2, 3, 4 } };
        table.Row(AblationArm.Baseline, Count(baseline.Count), Mean(baseline.Values), "", "", "");
        foreach (var row in rows)
        {
            table.Row(
                row.Name, Count(row.differences.Count), Mean(row.own.Values), row.differences.Count == 0 ? "" : row.differences.Average().ToString("+0.####;-0.####;0", CultureInfo.InvariantCulture),
                row.differences.Count == 0 ? "" : row.P.ToString("0.####", CultureInfo.InvariantCulture), decided.Contains(row.Name) ? "differs" : "inconclusive");
        }
        table.Write(output);
    }

    /// <summary>The objective of each completed run of an arm, by seed.</summary>
    private Dictionary<ulong, double> Values(string arm) => state.Trials.Where(trial => trial.Arm == arm && trial.Origin == TrialOrigin.Arm).SelectMany(trial => trial.Runs)
        .Where(run => run.State == RunState.Completed && run.Scores.TryGetValue(study.Objective.Metric, out var value) && double.IsFinite(value))
        .ToDictionary(run => run.Seed, run => run.Scores[study.Objective.Metric]);

    private static string Mean(IEnumerable<double> values) => values.Any() ? Words.Number(values.Average()) : "";

    private static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);
}
