using Repro.Cluster;
using Repro.Studies;
using Repro.Studies.Scheduling;

namespace Repro.Benchmarks.Cluster;

/// <summary>What the cluster does in a second with four real silos, and what its decisions cost: of 1,000 silos and 100,000 trials in simulated time, with failures, through the program's own queue and coordinators.</summary>
public sealed class ClusterBenchmark : Benchmark
{
    private const double MiB = 1024 * 1024;

    public override string Name => "cluster";

    public override string Title => "trials a second of four real silos on PostgreSQL; decisions of a cluster of 1,000 silos and 100,000 trials, simulated with failures: their time and their memory";

    public override string Takes => "--silos N (5 to 10000; default 1000), --trials N (100 to 1000000; default 100000) and --seed N";

    public override IReadOnlyList<string> PeerPackages => ["postgresql"];

    public override IEnumerable<BenchmarkRow> Run(IReadOnlyList<string> arguments)
    {
        var (silos, trials, seed) = Arguments(arguments);
        foreach (var row in RealSilos()) yield return row;
        // A queue lives for months: what is compiled in its first second is part of no decision.
        new ClusterSimulation(SimulationSettings.Of(50, 5_000)).Run();
        var simulation = new ClusterSimulation(SimulationSettings.Of(silos, trials) with { Seed = seed });
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        var halfway = 0L;
        simulation.Run(() => halfway = simulation.QueueBytes());
        Console.Error.WriteLine($"{silos} silos, {trials} trials, seed {seed}: {simulation.SimulatedSeconds:0} s simulated in {System.Diagnostics.Stopwatch.GetElapsedTime(begun).TotalSeconds:0} s; "
            + $"{string.Join(", ", simulation.Blows.Select(blow => $"{blow.Key} {blow.Value}"))}; {simulation.LateWrites} late writes, all refused; {simulation.LoansForNothing} slots sent to a sweep without a run for them; every trial done once");
        foreach (var row in Rows("lend_among_200_sweeps", FullQueue(silos))) yield return row;
        foreach (var row in Rows("lend", simulation.Lends).Concat(Rows("beat", simulation.Beats)).Concat(Rows("decision", simulation.Decisions))) yield return row;
        yield return new BenchmarkRow("queue_memory_halfway", halfway / MiB, null, "MiB", null);
        yield return new BenchmarkRow("queue_memory_at_the_end", simulation.QueueBytes() / MiB, null, "MiB", new BenchmarkTarget(16, OfRatio: false, AtMost: true));
        yield return new BenchmarkRow("coordinator_memory_a_trial", (double)simulation.CoordinatorBytes() / trials, null, "bytes", new BenchmarkTarget(4096, OfRatio: false, AtMost: true));
    }

    private static IEnumerable<BenchmarkRow> RealSilos()
    {
        if (!ClusterPackages.CompiledIn)
        {
            Console.Error.WriteLine($"The rows of real silos are left out. {ClusterPackages.Reason}");
            return [];
        }
#if ORLEANS
        return SiloMeasures.Rows();
#else
        return [];
#endif
    }

    // Every slot comes back three times to 200 sweeps that all want it, of three demands and equal priority.
    private static SimulationTimes FullQueue(int silos)
    {
        var (time, times) = (new SimulatedTime(), new SimulationTimes());
        var queue = new WorkQueue(time);
        var cluster = Enumerable.Range(0, silos).Select(machine => new SimulatedSilo(machine, 0, 8, time.Now)).ToList();
        foreach (var silo in cluster) queue.Beat(silo.Report());
        for (var i = 0; i < 200; i++) queue.Submit(new QueuedSweep($"sweep-{i}", time.Now, 0, Demand.Parse((i % 3) switch { 0 => "", 1 => "gpus=1,memory=40GiB", _ => "gpus=1,gpu=h200" })));
        for (var round = 0; round < 3; round++)
        {
            foreach (var slot in cluster.SelectMany(silo => silo.Slots)) times.Take(() => queue.Lend(slot.Silo.Name, slot.Name));
        }
        return times;
    }

    // A decision's own time is without the garbage collector, which stops the whole process now and then, and without the turns of other programs.
    private static IEnumerable<BenchmarkRow> Rows(string name, SimulationTimes times)
    {
        var bound = new BenchmarkTarget(1, OfRatio: false, AtMost: true);
        yield return new BenchmarkRow($"{name}_median", 1000 * times.Quantile(0.5), null, "us", null);
        yield return new BenchmarkRow($"{name}_99_percent", times.Quantile(0.99), null, "ms", bound);
        yield return new BenchmarkRow($"{name}_own_99.99_percent", times.OwnQuantile(0.9999), null, "ms", bound);
        yield return new BenchmarkRow($"{name}_own_over_1_ms", times.OverAMillisecond, null, $"of {times.Count}", null);
        yield return new BenchmarkRow($"{name}_own_largest", times.LargestOwn, null, "ms", null);
        yield return new BenchmarkRow($"{name}_wall_largest", times.Largest, null, "ms", null);
    }

    private (int Silos, int Trials, ulong Seed) Arguments(IReadOnlyList<string> arguments)
    {
        var (silos, trials, seed) = (1_000, 100_000, 1UL);
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            if (arguments[i] == "--silos" && int.TryParse(value, out var n) && n is >= 5 and <= 10_000) silos = n;
            else if (arguments[i] == "--trials" && int.TryParse(value, out var t) && t is >= 100 and <= 1_000_000) trials = t;
            else if (arguments[i] == "--seed" && ulong.TryParse(value, out var s)) seed = s;
            else throw Refusal(arguments);
        }
        return (silos, trials, seed);
    }
}
