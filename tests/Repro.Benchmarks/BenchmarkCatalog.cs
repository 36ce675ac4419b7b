namespace Repro.Benchmarks;

/// <summary>Every benchmark, in the order of the list.</summary>
public static class BenchmarkCatalog
{
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        new StartupBenchmark(),
        new Engine.TorchBenchmark(),
        new Experiments.ExperimentsBenchmark(),
        new MemoryBenchmark(),
        new Sweeps.SweepsBenchmark(),
        new Sweeps.ChaosBenchmark(),
        new Reports.ReportsBenchmark(),
        new Cluster.ClusterBenchmark(),
        new Cluster.ClusterChaosBenchmark(),
    ];
}
