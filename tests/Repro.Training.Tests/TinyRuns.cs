using Repro.Studies.Formats;
using Repro.Studies.Runs;
using Repro.Training.Checkpoints;
using Repro.Training.Killable;

namespace Repro.Training.Tests;

/// <summary>Runs the tiny experiment and compares what came out, bit by bit.</summary>
internal static class TinyRuns
{
    public static RunOutcome Run(
        TinyOptions options, RecordingSink sink, string folder = "", ulong seed = 1, IReadOnlyList<string>? resumeFrom = null,
        Func<RunContext, RunContext>? change = null, CancellationToken stop = default)
    {
        var context = new RunContext { Seed = seed, Folder = folder, Threads = 1, CheckpointEvery = TimeSpan.Zero };
        return Trainer.Run(new TinyExperiment(), options, change?.Invoke(context) ?? context, sink, resumeFrom ?? [], stop);
    }

    /// <summary>Every tensor of a checkpoint as text, but the times, which differ between any two runs.</summary>
    public static IReadOnlyDictionary<string, string> Content(string checkpoint) =>
        CheckpointFile.Read(checkpoint).Tensors.Where(pair => !pair.Key.StartsWith("time.", StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key, pair => $"{pair.Value.Type} [{string.Join(", ", pair.Value.Shape)}] {Convert.ToHexString(pair.Value.Bytes)}");

    /// <summary>(name, step, bits of the value); points reported twice, before and after a resume, count once if they are equal and are kept both if not.</summary>
    public static IReadOnlyList<(string, long, long)> Bits(IEnumerable<MetricPoint> points) =>
        points.Select(point => (point.Name, point.Step, BitConverter.DoubleToInt64Bits(point.Value))).Distinct().OrderBy(point => point.Step).ThenBy(point => point.Name, StringComparer.Ordinal).ToList();

    public static IReadOnlyList<(string, long)> Bits(IReadOnlyDictionary<string, double> scores) =>
        scores.Select(pair => (pair.Key, BitConverter.DoubleToInt64Bits(pair.Value))).ToList();
}
