#if ORLEANS
using System.Globalization;
using Repro.Shared;
using Repro.Shared.Cluster;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;

namespace Repro.Benchmarks.Cluster;

/// <summary>Four silos in processes of their own on this machine, with PostgreSQL, and trials that take no time: what remains is the cluster's own work.</summary>
internal static class SiloMeasures
{
    private const int Silos = 4, Slots = 2, Warm = 500, Trials = 4_000, Paced = 800;

    private const string Sweep = "empty";

    public static IEnumerable<BenchmarkRow> Rows()
    {
        using var server = new PostgresServer();
        if (!server.Available)
        {
            Console.Error.WriteLine($"The rows of real silos are left out: {PostgresServer.Missing}");
            yield break;
        }
        using var cluster = new LiveCluster(server, Silos, Slots, workers: false);
        cluster.Submit("warm", FakeHost.Study(trials: Warm));
        cluster.WaitForCompleted("warm", Warm, TimeSpan.FromMinutes(2));
        var began = DateTimeOffset.UtcNow;
        cluster.Submit(Sweep, FakeHost.Study(trials: Trials));
        cluster.WaitForCompleted(Sweep, Trials, TimeSpan.FromMinutes(5));
        cluster.Submit("paced", FakeHost.Study("step_ms=100", trials: Paced));
        cluster.WaitForCompleted("paced", Paced, TimeSpan.FromMinutes(2));
        var events = cluster.Events(Sweep);
        var (first, last) = (events.OfType<RunStarted>().First().At, events[^1].At);
        var turnarounds = Turnarounds(cluster);
        Console.Error.WriteLine($"{Silos} silos of {Slots} slots, {Trials} trials: {string.Join(", ", events.OfType<RunStarted>().GroupBy(started => started.Host).Select(host => $"{host.Key} {host.Count()}"))}");
        yield return new BenchmarkRow("trials_a_second_postgres", Trials / (last - first).TotalSeconds, null, "trials/s", new BenchmarkTarget(300, OfRatio: false, AtMost: false));
        yield return new BenchmarkRow("submitted_to_first_start", (first - began).TotalMilliseconds, null, "ms", null);
        // At full load a slot waits for the others: what is measured then is the rate once more.
        var (paced, full) = (turnarounds["paced"], turnarounds["empty"]);
        yield return new BenchmarkRow("dispatch_median", Processes.Median(paced), null, "ms", new BenchmarkTarget(10, OfRatio: false, AtMost: true));
        yield return new BenchmarkRow("dispatch_99_percent", paced.Order().ElementAt(paced.Count * 99 / 100), null, "ms", null);
        yield return new BenchmarkRow("dispatch_at_full_load_median", Processes.Median(full), null, "ms", null);
    }

    // Of all slots: from the end of a run to the order for the next, which is durable by then. Runs of no length, and runs of 100 ms.
    private static Dictionary<string, List<double>> Turnarounds(LiveCluster cluster)
    {
        foreach (var silo in cluster.Silos) silo.Terminate();
        foreach (var silo in cluster.Silos)
        {
            if (!silo.WaitForEnd(TimeSpan.FromSeconds(60)) || silo.ExitCode != 0) throw new InvalidOperationException($"Silo {silo.Name} did not leave when it was told to.\n{cluster.Story()}");
        }
        return cluster.Silos.SelectMany(silo => silo.Lines).Select(line => line.Split(' ')).Where(words => words is ["turnaround", ..])
            .GroupBy(words => words[1], words => double.Parse(words[2], CultureInfo.InvariantCulture)).ToDictionary(kind => kind.Key, kind => kind.ToList());
    }
}
#endif
