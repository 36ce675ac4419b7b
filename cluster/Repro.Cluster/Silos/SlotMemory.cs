using System.Globalization;
using Repro.Results.Provenance;
using Repro.Workers.Hosts;

namespace Repro.Cluster.Silos;

/// <summary>How much memory a run may have on each slot of this machine.</summary>
internal static class SlotMemory
{
    /// <returns>Bytes by the slots' names: of the GPU, or its share of one; on the CPU the slot's share of the machine's memory. 0 where it is not known.</returns>
    public static Dictionary<string, long> Of(IReadOnlyList<Slot> slots)
    {
        var gpus = slots.Any(slot => slot.Gpu is not null) ? NvidiaSmi.Ask("index", "uuid", "memory.total") : [];
        var machine = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return slots.ToDictionary(slot => slot.Name, slot => slot.Gpu is null ? machine / slots.Count : (long)(OfGpu(slot.Gpu) * Math.Min(1, slot.Gpus)));

        long OfGpu(string gpu) =>
            gpus.FirstOrDefault(row => row[0] == gpu || row[1].StartsWith(gpu, StringComparison.Ordinal)) is { } row && long.TryParse(row[2], NumberStyles.Integer, CultureInfo.InvariantCulture, out var mebibytes) ? mebibytes << 20 : 0;
    }
}
