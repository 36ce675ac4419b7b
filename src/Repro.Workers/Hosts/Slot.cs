using System.Globalization;
using Repro.Results.Provenance;
using Repro.Studies;

namespace Repro.Workers.Hosts;

/// <summary>One place of a machine where a run executes.</summary>
/// <param name="Name">Unique on its host: <c>cpu-0</c>, <c>gpu-1</c>, <c>gpu-1b</c> for the second share of a GPU.</param>
/// <param name="Device">As the worker sees devices: <c>cpu</c> or <c>cuda</c>.</param>
/// <param name="Gpu">What CUDA_VISIBLE_DEVICES is for its worker: an index or an identifier; null where it trains on the CPU.</param>
/// <param name="Threads">Threads inside one operator.</param>
public sealed record Slot(string Name, string Device, string? Gpu, int Threads)
{
    /// <summary>Of how many GPUs it has the use: less than 1 where slots share one, 0 on the CPU.</summary>
    public double Gpus { get; init; }

    /// <summary>What its worker's environment has beside the host's: slots that share a machine must not fight for it.</summary>
    public IReadOnlyDictionary<string, string> Environment
    {
        get
        {
            var threads = Threads.ToString(CultureInfo.InvariantCulture);
            var environment = new Dictionary<string, string> { ["OMP_NUM_THREADS"] = threads, ["MKL_NUM_THREADS"] = threads, ["OPENBLAS_NUM_THREADS"] = threads };
            if (Gpu is not null)
            {
                environment["CUDA_VISIBLE_DEVICES"] = Gpu;
                // As nvidia-smi counts them; CUDA by itself puts the fastest first.
                environment["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID";
            }
            return environment;
        }
    }
}

/// <summary>Divides a machine into slots.</summary>
public static class Slots
{
    /// <param name="count">How many; null is one a GPU, or one for all cores where there is none. More than there are GPUs share them, evenly.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c>, or null for GPUs where this machine has any.</param>
    /// <exception cref="BadInputException">A count below 1, or more CPU slots than cores.</exception>
    /// <exception cref="MissingComponentException">GPUs are asked for, and there is none.</exception>
    public static IReadOnlyList<Slot> OfThisMachine(int? count = null, string? device = null) =>
        Divide(count, device, device == "cpu" ? [] : Gpus(), System.Environment.ProcessorCount);

    /// <inheritdoc cref="OfThisMachine"/>
    public static IReadOnlyList<Slot> Divide(int? count, string? device, IReadOnlyList<string> gpus, int cores)
    {
        if (count is < 1) throw new BadInputException($"A host has at least one slot; --slots was {count}.");
        if (device == "cuda" && gpus.Count == 0) throw new MissingComponentException("Slots on GPUs were asked for, and nvidia-smi names none on this machine. Leave --device out, or take --device cpu.");
        var slots = count ?? Math.Max(1, gpus.Count);
        if (gpus.Count == 0 && slots > cores) throw new BadInputException($"{slots} slots share {cores} cores: a slot has at least one. Take --slots {cores} or fewer.");
        var threads = Math.Max(1, cores / slots);
        if (gpus.Count == 0) return Enumerable.Range(0, slots).Select(i => new Slot($"cpu-{i}", "cpu", null, threads)).ToList();
        return Enumerable.Range(0, slots).Select(i => new Slot($"gpu-{gpus[i % gpus.Count]}{Share(i / gpus.Count)}", "cuda", gpus[i % gpus.Count], threads) { Gpus = 1.0 / Sharing(i % gpus.Count) }).ToList();

        int Sharing(int gpu) => (slots / gpus.Count) + (gpu < slots % gpus.Count ? 1 : 0);
    }

    // The first has no letter, so that the names of whole GPUs stay as they are.
    private static string Share(int share) => share == 0 ? "" : share < 26 ? ((char)('a' + share)).ToString() : $"-{share}";

    /// <summary>Indices of the GPUs that this process may use; empty where there is no driver.</summary>
    private static List<string> Gpus()
    {
        if (System.Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES") is { } visible)
            return visible.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(gpu => gpu != "-1").ToList();
        return NvidiaSmi.Ask("index").Select(row => row[0]).ToList();
    }
}
