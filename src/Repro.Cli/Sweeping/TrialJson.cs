using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>Trials as JSON, and what of them may be shown: test scores stay sealed until somebody asks for them by name, which is counted.</summary>
internal static class TrialJson
{
    public static JsonObject Of(Study study, TrialStatus trial, bool test)
    {
        var json = new JsonObject
        {
            ["id"] = trial.Number,
            ["state"] = Words.State(trial.State),
            ["attempt"] = trial.Runs.Max(run => run.Attempt),
            ["origin"] = Studies.Options.OptionText.Write(trial.Origin),
            ["options"] = Options(study, trial),
            ["metrics"] = Metrics(study, trial, test),
            ["runs"] = new JsonArray(trial.Runs.Select(run => (JsonNode)new JsonObject
            {
                ["run"] = run.Key.ToString(), ["state"] = Words.State(run.State), ["attempt"] = run.Attempt, ["seed"] = run.Seed, ["host"] = run.Host, ["slot"] = run.Slot,
                ["message"] = run.Message, ["failure"] = run.LastFailure is { } failure ? Studies.Options.OptionText.Write(failure) : null,
            }).ToArray()),
        };
        if (trial.Arm is { } arm) json["arm"] = arm;
        if (trial.Tags.Count > 0) json["tags"] = new JsonObject(trial.Tags.Select(tag => KeyValuePair.Create(tag.Key, (JsonNode?)tag.Value)));
        return json;
    }

    /// <summary>The study's fixed options and the trial's own.</summary>
    public static JsonObject Options(Study study, TrialStatus trial)
    {
        var options = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var (name, text) in study.Fixed.Settings) options[name] = text;
        foreach (var (name, text) in trial.Configuration.Settings) options[name] = text;
        return new JsonObject(options);
    }

    /// <summary>Means over the trial's runs: the final metrics where it is completed, otherwise the objective at the last step that all of its runs have reached.</summary>
    public static IReadOnlyDictionary<string, double> Values(Study study, TrialStatus trial, bool test)
    {
        var values = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var name in trial.Runs.SelectMany(run => run.Scores.Keys).Distinct().Where(name => test || !IsTest(name)))
        {
            if (trial.Mean(name) is { } mean) values[name] = mean;
        }
        if (values.Count == 0 && trial.Runs.Count > 0 && trial.Runs[0].Rungs.Keys.Where(step => trial.Runs.All(run => run.Rungs.ContainsKey(step))).DefaultIfEmpty(-1).Max() is >= 0 and var last)
            values[study.Objective.Metric] = trial.MeanAt(last)!.Value;
        return values;
    }

    public static bool IsTest(string metric) => metric.StartsWith("test_", StringComparison.Ordinal);

    private static JsonObject Metrics(Study study, TrialStatus trial, bool test)
    {
        var metrics = new JsonObject();
        foreach (var (name, value) in Values(study, trial, test)) CommandOutput.Number(metrics, name, value);
        return metrics;
    }
}
