using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Reports.Comparison;

namespace Repro.Cli.Comparing;

/// <summary>A comparison for programs.</summary>
internal static class ComparisonJson
{
    public static JsonObject Of(ComparedFacts facts) => new()
    {
        ["differ"] = facts.Differ, ["equal"] = facts.Equal,
        ["differences"] = new JsonArray([.. facts.Differences.Select(difference => (JsonNode)new JsonObject { ["fact"] = difference.Fact, ["a"] = difference.A, ["b"] = difference.B })]),
        ["remarks"] = Texts(facts.Remarks),
    };

    public static JsonObject Outcome(RunComparison comparison) => new()
    {
        ["differ"] = comparison.OutcomesDiffer, ["ends"] = Of(comparison.Ends),
        ["metrics"] = new JsonArray([.. comparison.Scores.Select(score =>
        {
            var json = new JsonObject { ["metric"] = score.Metric };
            Number(json, "a", score.A);
            Number(json, "b", score.B);
            json["difference"] = score.Difference;
            json["same_bits"] = score.Same;
            return (JsonNode)json;
        })]),
        ["curves"] = Of(comparison.Curves), ["conclusions"] = Texts(comparison.Conclusions),
    };

    public static JsonObject Outcome(SweepComparison comparison)
    {
        var trials = comparison.Trials;
        return new JsonObject
        {
            ["differ"] = comparison.OutcomesDiffer, ["ends"] = Of(comparison.Ends),
            ["means"] = new JsonArray([.. comparison.Means.Select(means => (JsonNode)new JsonObject
            {
                ["runs"] = means.What, ["metric"] = means.Metric, ["n_a"] = means.A.Count, ["n_b"] = means.B.Count, ["mean_a"] = means.A.Count > 0 ? means.A.Average() : null, ["mean_b"] = means.B.Count > 0 ? means.B.Average() : null,
                ["difference"] = means.Difference, ["low"] = means.Interval?.Low, ["high"] = means.Interval?.High, ["level"] = means.Interval?.Level, ["paired"] = means.Paired, ["left_out"] = means.LeftOut, ["reading"] = means.Reading,
            })]),
            ["trials"] = new JsonObject
            {
                ["pairs"] = trials.Pairs.Count, ["completed"] = trials.Completed.Count, ["same_ends"] = trials.SameEnds, ["same_curves"] = trials.SameCurves, ["alone_a"] = trials.AloneA.Count, ["alone_b"] = trials.AloneB.Count,
                ["parted"] = new JsonArray([.. trials.Parted.Select(pair => (JsonNode)new JsonObject
                {
                    ["a"] = pair.A.Key.ToString(), ["b"] = pair.B.Key.ToString(), ["state_a"] = Words.State(pair.A.State), ["state_b"] = Words.State(pair.B.State), ["difference"] = pair.Difference, ["curves"] = Of(pair.Curves),
                })]),
            },
            ["conclusions"] = Texts(comparison.Conclusions),
        };
    }

    public static JsonObject Of(Subject subject, string name, string status) => new()
    {
        ["kind"] = subject.IsRun ? "run" : "sweep", ["name"] = name, ["status"] = status, ["folder"] = subject.RunFolder ?? subject.Sweep!.Export ?? subject.Sweep.Folder,
    };

    private static JsonObject Of(CurveParting curves)
    {
        var json = new JsonObject { ["shared"] = curves.Shared, ["parted"] = curves.Parted, ["alone"] = curves.Alone, ["first"] = null };
        if (curves.First is not { } first) return json;
        var parted = new JsonObject { ["metric"] = first.Metric, ["step"] = first.Step };
        Number(parted, "a", first.A);
        Number(parted, "b", first.B);
        json["first"] = parted;
        return json;
    }

    private static void Number(JsonObject json, string name, double? value)
    {
        if (value is { } number) CommandOutput.Number(json, name, number);
        else json[name] = null;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
