using System.Text.Json;
using Repro.Studies.Pruners;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;

namespace Repro.Studies.Tests.Pruners;

/// <summary>Decisions on sequences recorded with Optuna 3.1 by tests/peers/optuna_reference.py.</summary>
public class OptunaDecisionsTests
{
    private static readonly JsonElement Reference =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Pruners", "optuna-reference.json"))).RootElement;

    public static TheoryData<string> Cases => [.. Reference.GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_decision_is_that_of_Optuna(string name)
    {
        var recorded = Reference.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        var pruner = Create(recorded);
        var (decisions, prunes) = (0, 0);
        foreach (var item in recorded.GetProperty("events").EnumerateArray())
        {
            var trial = item[0].GetInt32();
            if (item[1].ValueKind == JsonValueKind.String)
            {
                pruner.End(trial, item[1].GetString() == "completed" ? RunState.Completed : RunState.Failed);
                continue;
            }
            var value = item[2].ValueKind == JsonValueKind.Null ? double.NaN : item[2].GetDouble();
            var pruned = item[3].GetBoolean();
            Assert.Equal((trial, item[1].GetInt64(), pruned), (trial, item[1].GetInt64(), pruner.Report(trial, item[1].GetInt64(), value) == PruneDecision.Prune));
            if (pruned) pruner.End(trial, RunState.Pruned);
            decisions++;
            prunes += pruned ? 1 : 0;
        }
        // The sequence decides something, and something else than always the same.
        Assert.True(prunes >= 5 && decisions - prunes >= 20);
    }

    private static IPruner Create(JsonElement recorded)
    {
        int Setting(string name) => recorded.GetProperty(name).GetInt32();
        var direction = recorded.GetProperty("direction").GetString() == "minimize" ? ObjectiveDirection.Minimize : ObjectiveDirection.Maximize;
        switch (recorded.GetProperty("kind").GetString())
        {
            case "median":
                return new MedianPruner(direction, Setting("startup"), Setting("warmup"), Setting("interval"));
            case "asha":
                return new AshaStoppingPruner(direction, Rungs.FromBottom(Setting("least"), 1_000_000, Setting("eta"), Setting("skipped")), Setting("eta"));
            default:
                var brackets = recorded.GetProperty("brackets").EnumerateArray().Select(b => b.GetInt32()).ToList();
                return new HyperbandPruner(direction, Setting("most"), Setting("eta"), Halving.Stopping, trial => brackets[trial]);
        }
    }
}
