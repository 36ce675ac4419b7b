using System.Diagnostics;
using Repro.Shared;
using Repro.Studies;

namespace Repro.Benchmarks.Sweeps;

/// <summary>How soon a sweep trains again after a death, and what its host costs: measured on <c>repro</c> itself, with two slots that train.</summary>
internal static class LiveSweepMeasures
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan OwnLease = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CpuAfter = TimeSpan.FromSeconds(45), CpuOver = TimeSpan.FromSeconds(20);

    /// <summary>The program, as <c>./bench</c> has built it.</summary>
    public static string Program => Path.Combine(
        Environment.GetEnvironmentVariable("REPRO_ROOT") ?? throw new MissingComponentException("REPRO_ROOT is not set; run ./bench."), "src", "Repro.Cli", "bin", "Release", "net10.0", "repro");

    /// <summary>Seconds from a worker's death to the first step that its run takes after it, going on from a checkpoint; one for each of <paramref name="count"/> deaths.</summary>
    public static IReadOnlyList<double> WorkersKilled(int count) => During(null, OwnLease, checkpointEvery: 1, sweep =>
    {
        using var host = sweep.Start();
        AllTrain(host, Stopwatch.GetTimestamp());
        var seconds = new List<double>();
        for (var i = 0; i < count; i++)
        {
            var worker = host.Workers(sweep.Mark)[i % LiveSweep.Slots];
            var began = host.Lines.Last(line => line.Event == "run_began" && (int?)line.Json["process"] == worker);
            // A run can only go on from a checkpoint that it has.
            Require(host, line => line.Event == "checkpoint" && line.Slot == began.Slot && line.At > began.At);
            var killed = Stopwatch.GetTimestamp();
            SweepProcess.KillNow(worker);
            var again = Require(host, line => line.Event == "run_began" && line.Slot == began.Slot && line.At > killed);
            if (again.Json["from"] is null) throw new InvalidOperationException("The run began anew although it had a checkpoint.");
            seconds.Add(Stopwatch.GetElapsedTime(killed, Require(host, line => line.Trains && line.Slot == began.Slot && line.At > again.At).At).TotalSeconds);
        }
        return seconds;
    });

    /// <summary>Seconds from a host's death, with <c>repro resume</c> right after it, until all slots take steps again.</summary>
    /// <param name="lease">Of the sweep; meaningful with a server only.</param>
    public static IReadOnlyList<double> HostsKilled(int count, PostgresServer? server, TimeSpan lease) => During(server?.NewDatabase(), lease, checkpointEvery: 1, sweep =>
    {
        var host = sweep.Start();
        try
        {
            AllTrain(host, Stopwatch.GetTimestamp());
            var seconds = new List<double>();
            for (var i = 0; i < count; i++)
            {
                foreach (var slot in host.Lines.Where(line => line.Event == "run_began").Select(line => line.Slot).Distinct().ToList())
                    Require(host, line => line.Event == "checkpoint" && line.Slot == slot);
                var killed = Stopwatch.GetTimestamp();
                host.KillNow();
                host.Dispose();
                host = sweep.Start();
                seconds.Add(AllTrain(host, killed));
                // With a server the dead host's runs wait for the end of its lease, and new ones begin meanwhile.
                if (server is null && host.Lines.Any(line => line.Event == "run_began" && line.Json["from"] is null)) throw new InvalidOperationException("A run began anew although it had a checkpoint.");
            }
            return seconds;
        }
        finally
        {
            host.Dispose();
        }
    });

    /// <summary>
    /// Of one core, what the host computes itself while its slots train, over twenty seconds; with the program's own default for checkpoints. Before them the
    /// runtime compiles what has turned out to be used often.
    /// </summary>
    /// <returns>Percent.</returns>
    public static double HostCpu() => During(null, OwnLease, checkpointEvery: 120, sweep =>
    {
        using var host = sweep.Start();
        AllTrain(host, Stopwatch.GetTimestamp());
        if (host.WaitForEnd(CpuAfter)) throw new InvalidOperationException($"The host ended: {host.Errors}");
        var (began, before) = (Stopwatch.GetTimestamp(), SweepProcess.CpuSeconds(host.Id));
        if (host.WaitForEnd(CpuOver)) throw new InvalidOperationException($"The host ended: {host.Errors}");
        return 100 * (SweepProcess.CpuSeconds(host.Id) - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
    });

    private static T During<T>(string? database, TimeSpan lease, double checkpointEvery, Func<LiveSweep, T> measure)
    {
        var folder = Directory.CreateTempSubdirectory("repro-bench-").FullName;
        var sweep = new LiveSweep([Program], folder, database) { Steps = 10_000_000, CheckpointEvery = checkpointEvery, Lease = lease };
        try
        {
            return measure(sweep);
        }
        finally
        {
            // The host is gone, and its workers are as soon as they notice.
            foreach (var process in SweepProcess.Marked(sweep.Mark).Keys) SweepProcess.KillNow(process);
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <returns>Seconds from <paramref name="since"/> until every slot has taken a step.</returns>
    private static double AllTrain(SweepProcess host, long since)
    {
        var slots = new Dictionary<string, long>();
        for (var i = 0; i < LiveSweep.Slots; i++)
        {
            var line = Require(host, line => line.Trains && !slots.ContainsKey(line.Slot));
            slots[line.Slot] = line.At;
        }
        return Stopwatch.GetElapsedTime(since, slots.Values.Max()).TotalSeconds;
    }

    private static SweepLine Require(SweepProcess host, Func<SweepLine, bool> wanted) =>
        host.WaitFor(wanted, 0, Patience) ?? throw new InvalidOperationException($"The host did not go on within {Patience.TotalMinutes} minutes. {(host.HasEnded ? $"It ended: {host.Errors}" : "")}");
}
