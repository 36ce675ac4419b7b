namespace Repro.Benchmarks.Cluster;

/// <summary>What a part of a simulation alone keeps alive.</summary>
internal static class SimulatedMemory
{
    /// <param name="forget">Lets go of the part.</param>
    /// <returns>Bytes.</returns>
    public static long FreedBy(Action forget)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        forget();
        return before - GC.GetTotalMemory(forceFullCollection: true);
    }
}
