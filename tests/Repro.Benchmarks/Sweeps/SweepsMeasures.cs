using System.Diagnostics;
using System.Text.Json;
using Repro.Results.Stores;
using Repro.Studies.Sweeps;

namespace Repro.Benchmarks.Sweeps;

/// <summary>Takes one measure in this process.</summary>
internal static class SweepsMeasures
{
    /// <returns>In the row's unit; of a host, the seconds.</returns>
    public static double Take(string measure, string store, int count)
    {
        if (measure is "open" or "memory") return Open(store, memory: measure == "memory");
        using var opened = Store(store);
        switch (measure)
        {
            case "random":
                Warm();
                var random = SweepWorkload.Trials(opened, SweepWorkload.Study("random", count), "host", _ => 0);
                return random.Trials / random.Seconds;
            case "tpe":
                Warm();
                var tpe = SweepWorkload.Trials(opened, SweepWorkload.Study("tpe", count), "host", SweepWorkload.Quadratic);
                return tpe.Trials / tpe.Seconds;
            case "host":
                Warm();
                return SweepWorkload.Trials(opened, SweepWorkload.Study("random", count), $"host-{Environment.ProcessId}", _ => 0).Seconds;
            case "values":
                return count / SweepWorkload.Values(opened, count, batch: 100);
            case "ask":
                return 1000 * Processes.Median(SweepWorkload.Asks(opened, "tpe", count, asks: 50).Skip(10));
            default:
                throw new ArgumentOutOfRangeException(nameof(measure), measure, "No measure.");
        }
    }

    private static ISweepStore Store(string text) =>
        text == "memory" ? new MemoryStore() : text.StartsWith("postgres:", StringComparison.Ordinal) ? new PostgresStore(text) : new SqliteStore(text);

    // A host lives for hours: what is compiled in its first second is part of no trial.
    private static void Warm()
    {
        using var memory = new MemoryStore();
        SweepWorkload.Trials(memory, SweepWorkload.Study("random", 100_000), "host", SweepWorkload.Quadratic);
        GC.Collect();
    }

    // `repro status` itself, from its start to its last line.
    private static double Open(string path, bool memory)
    {
        var begun = Stopwatch.GetTimestamp();
        // The table for people goes to stderr.
        var last = Processes.Output("/bin/sh", "-c", "exec \"$0\" \"$@\" 2>/dev/null", LiveSweepMeasures.Program, "status", SweepWorkload.Sweep, "--store", $"sqlite:{path}", "--json");
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        using var result = JsonDocument.Parse(last.TrimEnd().Split('\n')[^1]);
        if (result.RootElement.GetProperty("trials").EnumerateArray().Any(trial => trial.GetProperty("state").GetString() != "completed")) throw new InvalidOperationException("Not every trial is completed.");
        return memory ? ChildMemory.PeakBytes() / (1024.0 * 1024) : seconds;
    }
}
