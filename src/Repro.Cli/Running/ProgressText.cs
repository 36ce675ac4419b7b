using System.Globalization;
using Repro.Cli.Output;
using Repro.Training;

namespace Repro.Cli.Running;

/// <summary>Where training stands, in words.</summary>
internal static class ProgressText
{
    public static string Line(TrainingProgress progress) => string.Join("  ", Fields(progress).Prepend(progress.Phase));

    public static IEnumerable<string> Fields(TrainingProgress progress)
    {
        yield return $"step {Count(progress.Step)}/{Count(progress.Steps)}";
        yield return $"epoch {progress.Epoch.ToString("0.0", CultureInfo.InvariantCulture)}";
        foreach (var (name, value) in progress.Values) yield return $"{name} {Words.Number(value)}";
        if (progress.StepsPerSecond > 0) yield return $"{progress.StepsPerSecond.ToString("0.0", CultureInfo.InvariantCulture)} steps/s";
        if (progress.Left > TimeSpan.Zero) yield return $"{Words.Duration(progress.Left)} left";
        if (progress.MemoryBytes > 0) yield return Words.Bytes(progress.MemoryBytes);
    }

    private static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);
}
