using System.Globalization;
using Repro.Results.Provenance;
using Repro.Studies.Scheduling;
using Repro.Workers.Hosts;

namespace Repro.Workers.Silos;

/// <summary>What the slots of this machine offer to sweeps.</summary>
public static class SlotOffers
{
    // What its maker writes before the name of the kind.
    private static readonly string[] Makers = ["nvidia", "tesla", "quadro", "geforce"];

    /// <summary>
    /// Memory: of the GPU, or the slot's share of one; on the CPU the slot's share of the machine's; 0 bytes where it is not known. And the label <c>gpu</c>, the kind
    /// of its GPU as <c>h200</c> or <c>rtx-4090</c>, where the machine's labels do not say it.
    /// </summary>
    /// <returns>Free slots, in the given order.</returns>
    public static IReadOnlyList<SiloSlot> Of(IReadOnlyList<Slot> slots, Labels machine) => Of(
        slots, machine, slots.Any(slot => slot.Gpu is not null) ? NvidiaSmi.Ask("index", "uuid", "memory.total", "name") : [], GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <inheritdoc cref="Of(IReadOnlyList{Slot}, Labels)"/>
    /// <param name="gpus">Index, identifier, MiB and name of each, as nvidia-smi has them.</param>
    /// <param name="machineBytes">Of memory.</param>
    public static IReadOnlyList<SiloSlot> Of(IReadOnlyList<Slot> slots, Labels machine, IReadOnlyList<string[]> gpus, long machineBytes) => slots.Select(slot =>
    {
        if (slot.Gpu is null) return new SiloSlot(slot.Name, slot.Gpus, machineBytes / slots.Count, Labels.None, Serves: null);
        var gpu = gpus.FirstOrDefault(row => row[0] == slot.Gpu || row[1].StartsWith(slot.Gpu, StringComparison.Ordinal));
        var bytes = gpu is not null && long.TryParse(gpu[2], NumberStyles.Integer, CultureInfo.InvariantCulture, out var mebibytes) ? mebibytes << 20 : 0;
        var labels = gpu is null || machine.TryGet("gpu", out _) || Kind(gpu[3]) is not { } kind ? Labels.None : Labels.Of([KeyValuePair.Create("gpu", kind)]);
        return new SiloSlot(slot.Name, slot.Gpus, (long)(bytes * Math.Min(1, slot.Gpus)), labels, Serves: null);
    }).ToList();

    /// <summary>The kind without maker, form and memory: <c>h200</c> of <c>NVIDIA H200</c>, <c>a100</c> of <c>NVIDIA A100-SXM4-80GB</c>, <c>rtx-4090</c> of <c>NVIDIA GeForce RTX 4090</c>.</summary>
    /// <returns>Null where nothing is left that a label may be.</returns>
    public static string? Kind(string name)
    {
        var words = name.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => !Makers.Contains(word)).ToList();
        if (words.Count == 0) return null;
        // The kind of a gaming card is a family and a number; of others a word with its form behind a hyphen.
        var kind = words[0] is "rtx" or "gtx" ? string.Join('-', words) : words[0].Split('-')[0];
        return kind.Length is > 0 and <= Labels.Longest && kind.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') && !kind.All(char.IsAsciiDigit) ? kind : null;
    }
}
