using System.Globalization;
using Repro.Cli.Output;
using Repro.Studies.Runs;
using Repro.Studies.Statistics;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>The arms of an ablation beside its baseline: means, paired differences, and what a sign-flip test under Holm's correction says of them; of one that reads test the means alone.</summary>
internal sealed class ArmComparison(Study study, SweepState state)
{
    public void Write(CommandOutput output)
    {
        if (study.ReadsTest)
        {
            WriteMeans(output);
            return;
        }
        var paired = PairedArms.Of(study, state);
        var table = new TextTable("arm", "pairs", study.Objective.Metric, "difference", "p", "under Holm") { Right = new HashSet<int> { 1, 2, 3, 4 } };
        table.Row(AblationArm.Baseline, Count(paired.Baseline.Count), Mean(paired.Baseline), "", "", "");
        foreach (var arm in paired.Arms)
        {
            var any = arm.Differences.Count > 0;
            table.Row(
                arm.Name, Count(arm.Differences.Count), Mean(arm.Values), any ? arm.Differences.Average().ToString("+0.####;-0.####;0", CultureInfo.InvariantCulture) : "",
                any ? arm.P.ToString("0.####", CultureInfo.InvariantCulture) : "", arm.Reading);
        }
        table.Write(output);
        if (paired.Warning is not { } warning) return;
        foreach (var line in TextLines.Wrap(warning, output.Width, breakWords: false)) output.Say(line);
    }

    // What differs is judged on test, by the claims of a card.
    private void WriteMeans(CommandOutput output)
    {
        var table = new TextTable("arm", "runs", study.Objective.Metric) { Right = new HashSet<int> { 1, 2 } };
        foreach (var trial in state.Arms)
        {
            var values = trial.Runs.Where(run => run.State == RunState.Completed && run.Scores.ContainsKey(study.Objective.Metric)).Select(run => run.Scores[study.Objective.Metric]).ToList();
            table.Row(trial.Arm ?? "", Count(values.Count), Mean(values));
        }
        table.Write(output);
    }

    private static string Mean(IReadOnlyList<double> values) => values.Count > 0 ? Words.Number(values.Average()) : "";

    private static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);
}
