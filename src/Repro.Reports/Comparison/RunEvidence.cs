using System.Globalization;
using Repro.Reports.Runs;
using Repro.Results;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Comparison;

/// <summary>What a run's measured values and conditions say of its end.</summary>
internal static class RunEvidence
{
    private const int MetricsShown = 8;

    /// <param name="memoryMetric">The metric with the worker's resident memory in bytes, of a sweep's run.</param>
    public static IEnumerable<string> Findings(RunRecord run, FailureClass? failure, string memoryMetric)
    {
        if (Steps(run) is { } steps && LastStep(run) is { } reached && run.State is not (RunState.Planned or RunState.Completed)) yield return $"It was asked for {Whole(steps)} steps; the last measured value is of step {Whole(reached)}.";
        if (FirstNotFinite(run) is { } broken) yield return broken;
        if (run.State != RunState.Completed && Last(run, memoryMetric) is { Length: > 0 } last) yield return $"Last measured: {last}.";
        if (failure is FailureClass.OutOfMemory or FailureClass.Crash or FailureClass.Lost && Memory(run, memoryMetric) is { } memory) yield return memory;
        foreach (var attempt in run.Attempts.Where(attempt => attempt.Differences.Count > 0))
            yield return $"Attempt {attempt.Number} went on under other conditions than those under which its checkpoint was written ({string.Join(", ", attempt.Differences)}): equal bits are not promised.";
        if (run is { State: RunState.Completed } && run.Attempts.Count > 1 && run.Attempts.All(attempt => attempt.Differences.Count == 0))
            yield return $"Its {run.Attempts.Count} attempts ran under equal conditions, which promise the same bits as without interruption.";
        if (run.Attempts.Where(attempt => attempt.Environment.Dirty).Select(attempt => attempt.Number).ToList() is { Count: > 0 } dirty)
            yield return $"{(dirty.Count == 1 ? "Attempt" : "Attempts")} {string.Join(", ", dirty)} ran with uncommitted changes, kept in dirty.diff.";
    }

    /// <summary>Steps that the run was asked for, where an option says so.</summary>
    public static long? Steps(RunRecord run) =>
        run.Options.FirstOrDefault(option => option.Key == "steps").Value is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var steps) ? steps : null;

    public static long? LastStep(RunRecord run) => run.Metrics.Count > 0 ? run.Metrics.Max(point => point.Step) : null;

    public static string Whole(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string? FirstNotFinite(RunRecord run)
    {
        var broken = run.Metrics.Where(point => !double.IsFinite(point.Value)).OrderBy(point => point.Step).ThenBy(point => MetricWords.Of(point.Name).Split.Length == 0).ThenBy(point => point.Name, StringComparer.Ordinal).ToList();
        if (broken.Count == 0) return null;
        var first = broken[0];
        var others = broken.Where(point => point.Step == first.Step && point.Name != first.Name).Select(point => point.Name).ToList();
        var before = run.Metrics.Where(point => point.Name == first.Name && point.Step < first.Step).OrderBy(point => point.Step).Select(point => (MetricPoint?)point).LastOrDefault();
        return $"The first value that is no finite number is {first.Name} at step {Whole(first.Step)}: {Numbers.Write(first.Value)}{(others.Count > 0 ? $" (with {string.Join(", ", others)})" : "")}; "
            + (before is { } finite ? $"before it was {Numbers.Write(finite.Value)} at step {Whole(finite.Step)}." : "it never was one before.");
    }

    private static string Last(RunRecord run, string memoryMetric) => string.Join(", ", run.Metrics.Where(point => point.Name != memoryMetric).GroupBy(point => point.Name).Select(group => group.MaxBy(point => point.Step))
        .OrderByDescending(point => point.Step).ThenBy(point => point.Name, StringComparer.Ordinal).Take(MetricsShown).Select(point => $"{point.Name} {Numbers.Write(point.Value)} at step {Whole(point.Step)}"));

    private static string? Memory(RunRecord run, string memoryMetric)
    {
        var peak = Math.Max(
            run.Attempts.Select(attempt => attempt.Environment.PeakMemoryBytes).DefaultIfEmpty(0).Max(),
            (long)run.Metrics.Where(point => point.Name == memoryMetric && double.IsFinite(point.Value)).Select(point => point.Value).DefaultIfEmpty(0).Max());
        if (peak <= 0) return null;
        var machine = run.Attempts.Count > 0 ? run.Attempts[^1].Environment.MemoryBytes : 0;
        return $"The largest resident memory that was seen of it is {Numbers.Bytes(peak)}{(machine > 0 ? $", on a machine with {Numbers.Bytes(machine)}" : "")}.";
    }
}
