using Repro.Studies.Pruners;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>The full curves of a stored sweep's search.</summary>
/// <param name="Trials">Every run of theirs completed, with the length that most have, and was evaluated on its way.</param>
/// <param name="LeftOut">The other trials of the search, each with the reason.</param>
internal sealed record StoredCurves(IReadOnlyList<ReplayedTrial> Trials, IReadOnlyList<(int Trial, string Reason)> LeftOut)
{
    public static StoredCurves Of(ISweepStore store, string sweep, SweepState state, Study study)
    {
        var metric = study.Objective.Metric;
        var lengths = new Dictionary<RunKey, long>();
        foreach (var completed in store.Read(sweep).OfType<RunCompleted>()) lengths[completed.Run] = completed.Step;
        var points = new Dictionary<RunKey, List<(long Step, double Value)>>();
        foreach (var (run, point) in store.Curves(sweep, metric))
        {
            if (!points.TryGetValue(run, out var curve)) points[run] = curve = [];
            curve.Add((point.Step, point.Value));
        }
        var search = state.Trials.Where(trial => trial.IsSearched).ToList();
        var usual = search.Where(trial => trial.State == RunState.Completed).SelectMany(trial => trial.Runs).Select(run => lengths[run.Key])
            .GroupBy(length => length).OrderByDescending(group => group.Count()).ThenByDescending(group => group.Key).Select(group => group.Key).FirstOrDefault();
        var (whole, leftOut) = (new List<ReplayedTrial>(), new List<(int, string)>());
        foreach (var trial in search)
        {
            if (Reason(trial) is { } reason) leftOut.Add((trial.Number, reason));
            else whole.Add(new ReplayedTrial(trial.Number, [.. trial.Runs.Select(run => new ReplayedCurve(points[run.Key], usual, run.Scores[metric]))]));
        }
        return new StoredCurves(whole, leftOut);

        string? Reason(TrialStatus trial)
        {
            if (trial.State != RunState.Completed) return Output.Words.State(trial.State);
            if (trial.Runs.Count != study.Seeds) return $"{trial.Runs.Count} runs, not {study.Seeds}";
            foreach (var run in trial.Runs)
            {
                if (!run.Scores.ContainsKey(metric)) return $"no final {metric}";
                if (lengths[run.Key] != usual) return $"{lengths[run.Key]} steps, not {usual}";
                if (!points.TryGetValue(run.Key, out var curve) || curve[0].Step >= usual) return $"no {metric} before its end";
                if (curve[^1].Step > usual) return $"{metric} beyond its end";
            }
            return null;
        }
    }
}
