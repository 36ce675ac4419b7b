using System.Security.Cryptography;
using Repro.Studies.Formats;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Shared;

/// <summary>What a sweep has left: its log, and of each run everything that must not depend on how often it was killed.</summary>
internal sealed class ChaosRecord
{
    // Measured by the machine, not by the run: see MachineMeter.
    private static readonly IReadOnlyList<string> OfTheMachine = Workers.Hosts.MachineMeter.Names;

    private readonly IReadOnlyList<SweepEvent> _events;
    private readonly Dictionary<RunKey, IReadOnlyList<string>> _runs = [];

    /// <param name="metrics">Of a run, from the store.</param>
    /// <param name="folder">The sweep's; holds the checkpoints.</param>
    public ChaosRecord(IReadOnlyList<SweepEvent> events, Func<RunKey, IReadOnlyList<MetricPoint>> metrics, string folder)
    {
        _events = events;
        foreach (var planned in events.OfType<TrialPlanned>())
        {
            for (var index = 0; index < planned.Seeds.Count; index++)
            {
                var run = new RunKey(planned.Trial, index);
                _runs[run] = [$"options {planned.Options} seed {planned.Seeds[index]}", .. Values(metrics(run)), .. Ending(run), .. Parameters(run, folder)];
            }
        }
    }

    /// <summary>Attempts in all; with no disturbance one a run.</summary>
    public int Attempts => _events.OfType<RunStarted>().Count();

    /// <summary>Attempts that went on from a checkpoint.</summary>
    public int Continued => _events.OfType<RunStarted>().Count(started => started.From is > 0);

    /// <summary>What is wrong with it beside the undisturbed sweep of the same study and seed; empty where nothing is.</summary>
    public IReadOnlyList<string> DifferencesFrom(ChaosRecord undisturbed)
    {
        var wrong = new List<string>(Broken());
        if (!_runs.Keys.Order(RunKey.Order).SequenceEqual(undisturbed._runs.Keys.Order(RunKey.Order)))
            wrong.Add($"The runs are {Words(_runs.Keys)}, and undisturbed {Words(undisturbed._runs.Keys)}.");
        foreach (var (run, facts) in _runs)
        {
            if (!undisturbed._runs.TryGetValue(run, out var expected) || facts.SequenceEqual(expected)) continue;
            wrong.AddRange(expected.Except(facts).Take(5).Select(fact => $"Run {run} lacks: {fact}"));
            wrong.AddRange(facts.Except(expected).Take(5).Select(fact => $"Run {run} has instead: {fact}"));
            if (facts.Count != facts.Distinct().Count()) wrong.Add($"Run {run} has something twice: {string.Join(", ", facts.GroupBy(fact => fact).Where(same => same.Count() > 1).Take(3).Select(same => same.Key))}");
        }
        return wrong;
    }

    // Rules of the log, looked at without the fold, which has its own.
    private IEnumerable<string> Broken()
    {
        var trials = _events.OfType<TrialPlanned>().Select(planned => planned.Trial).ToList();
        if (!trials.SequenceEqual(Enumerable.Range(0, LiveSweep.Trials))) yield return $"The planned trials are {Words(trials)}, not each of {LiveSweep.Trials} once.";
        foreach (var run in _runs.Keys)
        {
            var own = _events.Where(happened => Concerns(happened, run)).ToList();
            var completed = own.Count(happened => happened is RunCompleted);
            if (completed != 1) yield return $"Run {run} was completed {completed} times.";
            if (own[^1] is not RunCompleted) yield return $"Run {run} went on after it was completed: {own[^1].GetType().Name}.";
            var attempts = own.OfType<RunStarted>().Select(started => started.Attempt).ToList();
            if (!attempts.SequenceEqual(Enumerable.Range(1, attempts.Count))) yield return $"Attempts of run {run} are {Words(attempts)}.";
        }
        foreach (var failed in _events.OfType<RunFailed>().Where(failed => failed.Class is not (FailureClass.Crash or FailureClass.Lost)))
            yield return $"Run {failed.Run} failed by itself in attempt {failed.Attempt}: {failed.Class}: {failed.Message}";
    }

    private static bool Concerns(SweepEvent happened, RunKey run) => happened switch
    {
        RunStarted e => e.Run == run,
        WentBack e => e.Run == run,
        CheckpointRecorded e => e.Run == run,
        RungReached e => e.Run == run,
        RunCompleted e => e.Run == run,
        RunPaused e => e.Run == run,
        RunFailed e => e.Run == run,
        _ => false,
    };

    private static IEnumerable<string> Values(IReadOnlyList<MetricPoint> points) =>
        points.Where(point => !OfTheMachine.Contains(point.Name)).Select(point => $"{point.Name} at {point.Step}: {BitConverter.DoubleToInt64Bits(point.Value):X16}");

    private IEnumerable<string> Ending(RunKey run) => _events.OfType<RunCompleted>().Where(completed => completed.Run == run)
        .SelectMany(completed => completed.Scores.OrderBy(score => score.Key, StringComparer.Ordinal).Select(score => $"score {score.Key}: {BitConverter.DoubleToInt64Bits(score.Value):X16}").Append($"ended at {completed.Step}"));

    // All of the last checkpoint (parameters, optimizer, history), but the times, which differ between any two runs.
    private List<string> Parameters(RunKey run, string folder)
    {
        if (_events.OfType<CheckpointRecorded>().LastOrDefault(checkpoint => checkpoint.Run == run) is not { } last) return [];
        return CheckpointFile.Read(Path.Combine(folder, last.File)).Tensors.Where(tensor => !tensor.Key.StartsWith("time.", StringComparison.Ordinal)).OrderBy(tensor => tensor.Key, StringComparer.Ordinal)
            .Select(tensor => $"tensor {tensor.Key} {tensor.Value.Type} [{string.Join(", ", tensor.Value.Shape)}] {Convert.ToHexStringLower(SHA256.HashData(tensor.Value.Bytes))} at {last.Step}").ToList();
    }

    private static string Words<T>(IEnumerable<T> values) => string.Join(", ", values);
}
