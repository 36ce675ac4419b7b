using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>Trials as JSON, and what of them may be shown: for test scores see <see cref="TestSeal"/>.</summary>
internal static class TrialJson
{
    public static JsonObject Of(StoredSweep sweep, TrialStatus trial, bool test)
    {
        var json = new JsonObject
        {
            ["id"] = trial.Number,
            ["state"] = Words.State(trial.State),
            ["attempt"] = trial.Runs.Max(run => run.Attempt),
            ["origin"] = Studies.Options.OptionText.Write(trial.Origin),
            ["options"] = Options(sweep.Study, trial),
            ["metrics"] = Metrics(sweep, trial, test),
            ["runs"] = new JsonArray(trial.Runs.Select(run => (JsonNode)new JsonObject
            {
                ["run"] = run.Key.ToString(), ["state"] = Words.State(run.State), ["attempt"] = run.Attempt, ["seed"] = run.Seed, ["host"] = run.Host, ["slot"] = run.Slot,
                ["message"] = run.Message, ["failure"] = run.LastFailure is { } failure ? Studies.Options.OptionText.Write(failure) : null,
            }).ToArray()),
        };
        if (test && trial.Origin == TrialOrigin.Confirmation && trial.Done) json["test_runs"] = TestSeal.Computed(sweep.State);
        if (trial.Arm is { } arm) json["arm"] = arm;
        if (trial.Tags.Count > 0) json["tags"] = new JsonObject(trial.Tags.Select(tag => KeyValuePair.Create(tag.Key, (JsonNode?)tag.Value)));
        return json;
    }

    /// <summary>The study's fixed options and the trial's own.</summary>
    public static JsonObject Options(Study study, TrialStatus trial)
    {
        var options = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, text) in study.Fixed.Settings.Concat(trial.Configuration.Settings)) options[name] = text;
        return OptionJson.Of(options);
    }

    /// <summary>
    /// Means over the trial's runs: the final metrics where it is completed, otherwise the objective at the last step that all of its runs have reached. Test scores of a confirmation that was
    /// cut short are means over those of its runs that completed.
    /// </summary>
    public static IReadOnlyDictionary<string, double> Values(StoredSweep sweep, TrialStatus trial, bool test)
    {
        var values = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var name in trial.Runs.SelectMany(run => run.Scores.Keys).Distinct().Where(name => test || !TestSeal.Covers(name)))
        {
            if (trial.Mean(name) is { } mean) values[name] = mean;
            else if (TestSeal.Covers(name) && trial.Done) values[name] = trial.Runs.Where(run => run.State == RunState.Completed && run.Scores.ContainsKey(name)).Average(run => run.Scores[name]);
        }
        if (values.Count > 0 || trial.State is RunState.Planned or RunState.Completed) return values;
        // A pruned one has no more than what the pruner saw; of others, few at a time, the newest value is asked for.
        var curves = trial.Runs.Select(run => trial.State == RunState.Pruned ? run.Rungs : Curve(sweep, run.Key)).ToList();
        if (curves[0].Keys.Where(step => curves.TrueForAll(curve => curve.ContainsKey(step))).DefaultIfEmpty(-1).Max() is >= 0 and var last)
            values[sweep.Study.Objective.Metric] = curves.Average(curve => curve[last]);
        return values;
    }

    /// <summary>The objective of a run by step, as far as it came.</summary>
    public static IReadOnlyDictionary<long, double> Curve(StoredSweep sweep, RunKey run) =>
        sweep.Store.Metrics(sweep.Name, run).Where(point => point.Name == sweep.Study.Objective.Metric).ToDictionary(point => point.Step, point => point.Value);

    private static JsonObject Metrics(StoredSweep sweep, TrialStatus trial, bool test)
    {
        var metrics = new JsonObject();
        foreach (var (name, value) in Values(sweep, trial, test)) CommandOutput.Number(metrics, name, value);
        return metrics;
    }
}
