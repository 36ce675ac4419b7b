using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>A sweep in a few facts: how it stands, trials by state, the best so far.</summary>
/// <param name="Status">running, completed, held, cancelled, failed, or stopped: nobody works on it, and there is work left.</param>
internal sealed record SweepSummary(string Sweep, string Status, IReadOnlyDictionary<RunState, int> Trials, TrialStatus? Best)
{
    public static SweepSummary Of(string sweep, SweepState state, Study study, bool hosted)
    {
        var trials = new SortedDictionary<RunState, int>();
        foreach (var trial in state.Trials) trials[trial.State] = trials.GetValueOrDefault(trial.State) + 1;
        return new SweepSummary(sweep, StatusOf(state, study, hosted), trials, state.Best(study.Objective) is { } number ? state.Trials[number] : null) { Tied = state.Tied(study.Objective) };
    }

    /// <summary>Later trials that are as good as <see cref="Best"/>, which is the first of them.</summary>
    public IReadOnlyList<int> Tied { get; private init; } = [];

    /// <summary><c>trial 3</c>, and whether others are as good.</summary>
    public string BestName => Best is null ? "" : Tied.Count == 0 ? $"trial {Best.Number}" : $"trial {Best.Number}, the first of {Tied.Count + 1} that are equally good";

    /// <summary>Nothing is left to do, until a person asks for more.</summary>
    public bool IsOver => Status is "completed" or "failed" or "cancelled";

    /// <summary>Trials by state as words: <c>12 completed, 3 pruned</c>.</summary>
    public string Counts => Trials.Count == 0 ? "no trials" : string.Join(", ", Trials.Select(t => $"{t.Value} {Words.State(t.Key)}"));

    public JsonObject ToJson(Study study)
    {
        var trials = new JsonObject();
        foreach (var (state, count) in Trials) trials[Words.State(state)] = count;
        return new JsonObject { ["sweep"] = Sweep, ["status"] = Status, ["trials"] = trials, ["best"] = BestJson(study) };
    }

    public JsonObject? BestJson(Study study)
    {
        if (Best is null) return null;
        var json = new JsonObject { ["trial"] = Best.Number, ["metric"] = study.Objective.Metric };
        CommandOutput.Number(json, "value", Best.Mean(study.Objective.Metric)!.Value);
        json["options"] = TrialJson.Options(study, Best);
        if (Tied.Count > 0) json["tied"] = new JsonArray([.. Tied.Select(number => (JsonNode)number)]);
        return json;
    }

    private static string StatusOf(SweepState state, Study study, bool hosted)
    {
        if (state.Cancelled) return "cancelled";
        var armsLeft = study.TrialsPerArm > 0 && state.Arms.Count() <= study.Arms.Count;
        var left = armsLeft || state.Ready.Count > 0 || state.Running.Count > 0 || state.Trials.Any(trial => trial.State == RunState.Paused);
        if (hosted && left) return "running";
        if (state.Held) return "held";
        if (left || (state.Searched < state.Budget && study.Arms.Count == 0 && !Exhausted(state, study))) return hosted ? "running" : "stopped";
        return state.Trials.Any(trial => trial.State == RunState.Completed) ? "completed" : "failed";
    }

    // A grid ends before a larger budget does.
    private static bool Exhausted(SweepState state, Study study) =>
        Studies.Samplers.SamplerCatalog.Create(study.Sampler, study.Space, state.Created!.Seed, state.Trials.FirstOrDefault(trial => trial.Origin == TrialOrigin.Paper)?.Configuration).Count is { } count
        && state.Trials.Count(trial => trial.Origin == TrialOrigin.Sampler) >= count;
}
