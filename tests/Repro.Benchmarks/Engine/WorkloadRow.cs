namespace Repro.Benchmarks.Engine;

/// <summary>A workload and what it is measured beside.</summary>
/// <param name="Scale">From seconds of a step to <paramref name="Unit"/>.</param>
/// <param name="Steps">Taken in a round.</param>
/// <param name="Target">Of the ratio to default eager PyTorch.</param>
/// <param name="Work">Of what the row's number is the time of; null where it is next to nothing.</param>
internal sealed record WorkloadRow(
    string Name, string Unit, double Scale, int Steps, double Target, Func<IWorkload> Make, Work? Work = null, double? TunedTarget = null, double? MemoryTarget = null)
{
    public double PerSecond => Unit == "us" ? 1e6 : 1e3;

    /// <summary>Other ways to the same result, which the peer's script has under NAME_WAY: each gives a row beside default eager PyTorch that takes it.</summary>
    public IReadOnlyList<string> OtherWays { get; init; } = [];
}

/// <summary>What the machine does at its best, through the engine; no peer.</summary>
/// <param name="Tries">Of which the best counts.</param>
/// <param name="Work">Of one try, in operations or in bytes.</param>
internal sealed record MachineLimit(string Name, string Unit, int Tries, Work Work, Func<IWorkload> Make)
{
    public static IReadOnlyList<MachineLimit> All { get; } =
    [
        new("gemm_peak", "GFLOP/s", 7, Gemm.Work, () => new Gemm()),
        new("memory_bandwidth", "GB/s", 5, Copy.Large, () => new Copy(Copy.Large)),
        new("cache_bandwidth", "GB/s", 50, Copy.Cached, () => new Copy(Copy.Cached)),
    ];
}
