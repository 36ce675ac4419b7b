using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Reports.Sweeps;
using Repro.Results;
using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>Makes the report of a stored sweep.</summary>
/// <param name="commandOptions">What commands need beside the sweep's name to find it: <c> --runs DIR</c>; empty for nothing.</param>
internal sealed class SweepReporting(Surroundings surroundings, CommandOutput output, RunsFolder runs, string commandOptions)
{
    /// <param name="folder">Null is the sweep's own.</param>
    /// <param name="test">Shows test scores, which is counted.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public int Write(StoredSweep sweep, string? folder, bool test)
    {
        if (test) sweep.ReadTest("repro report");
        var state = test ? sweep.Coordinator.State : sweep.State;
        var (question, declared) = Asked(sweep.Study);
        var input = new SweepReportInput(sweep.Name, sweep.Study, state)
        {
            Status = SweepSummary.Of(sweep.Name, state, sweep.Study, sweep.IsHosted).Status, Question = question, Declared = declared, Ended = sweep.Ended, ShowTest = test,
            Elsewhere = Elsewhere(sweep), Programs = SweepPrograms.Of(sweep.Folder, state).Listed(), Changed = [.. Changed(sweep, state)],
            Curves = sweep.Store.Curves(sweep.Name, sweep.Study.Objective.Metric).GroupBy(point => point.Run).ToDictionary(run => run.Key, run => (IReadOnlyList<MetricPoint>)[.. run.Select(point => point.Point)]),
            ReportCommand = $"./repro report {sweep.Name}{commandOptions}",
        };
        var files = SweepReport.Write(input, TellingRenderer.Of(surroundings, output), folder ?? sweep.Folder);
        output.Say($"Report: {files.Html}");
        output.Say($"        {files.Markdown}");
        output.Result(new JsonObject
        {
            ["sweep"] = sweep.Name, ["status"] = input.Status, ["report"] = files.Markdown, ["report_html"] = files.Html, ["study"] = files.Study,
            ["figures"] = new JsonArray(files.Figures.Select(file => (JsonNode)file).ToArray()), ["test_readings"] = state.TestReadings,
        });
        return ExitCode.Done;
    }

    private static IEnumerable<string> Changed(StoredSweep sweep, SweepState state)
    {
        foreach (var run in state.Trials.SelectMany(trial => trial.Runs))
        {
            for (var attempt = 2; attempt <= run.Attempt; attempt++)
            {
                if (AttemptEnvironment.Read(Path.Combine(sweep.Folder, run.Key.ToString(), $"attempt-{attempt}")) is { } known && known.Differences.Where(difference => difference != RunEnvironment.AnotherProgram).ToList() is { Count: > 0 } differences)
                    yield return $"{run.Key} ({string.Join(", ", differences)})";
            }
        }
    }

    // A test set wears out with every choice that somebody makes after a look at it, whichever sweep or run that was.
    private TestUse Elsewhere(StoredSweep sweep)
    {
        var others = StoredSweep.All(sweep.Store, runs, (_, _) => { })
            .Where(other => other.Name != sweep.Name && other.Study.Experiment == sweep.Study.Experiment && other.State.TestWasComputed).ToList();
        return new TestUse(others.Count, others.Sum(other => other.State.TestReadings), runs.All(sweep.Study.Experiment, _ => { }).Count(run => run.Scores.Keys.Any(TrialJson.IsTest)));
    }

    /// <summary>The question, and the study's name where an experiment of this build declares just this study.</summary>
    private (string Question, string? Declared) Asked(Study study) =>
        DeclaredStudy.Of(surroundings, study, (declared, one) => declared == one) is { } found ? (study.Notes.Length > 0 ? study.Notes : found.Question, found.Name) : (study.Notes, null);
}
