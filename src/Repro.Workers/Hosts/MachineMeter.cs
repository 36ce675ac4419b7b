using Repro.Results.Provenance;
using System.Globalization;

namespace Repro.Workers.Hosts;

/// <summary>Measures GPUs, where the driver's tool tells: names and units of what is recorded with each run beside the experiment's own metrics.</summary>
/// <remarks>These values belong to the machine: they differ between any two executions of a run.</remarks>
public sealed class MachineMeter : IDisposable
{
    /// <summary>Resident memory of the worker, bytes.</summary>
    public const string WorkerMemory = "worker_memory";

    /// <summary>Share of the time that the GPU computed, percent; of all who use it.</summary>
    public const string GpuUtilization = "gpu_utilization";

    /// <summary>Memory of the GPU in use, bytes; by all who use it.</summary>
    public const string GpuMemory = "gpu_memory";

    /// <summary>Watts.</summary>
    public const string GpuPower = "gpu_power";

    private static readonly (string Field, string Metric, double Unit)[] Fields =
        [("utilization.gpu", GpuUtilization, 1), ("memory.used", GpuMemory, 1 << 20), ("power.draw", GpuPower, 1)];

    private readonly ITimer? _timer;
    private volatile IReadOnlyList<string[]> _rows = [];
    private int _asking;

    /// <param name="slots">Where none is on a GPU, nothing is ever asked.</param>
    internal MachineMeter(IReadOnlyList<Slot> slots, TimeProvider time, TimeSpan every)
    {
        if (slots.Any(slot => slot.Gpu is not null)) _timer = time.CreateTimer(_ => Ask(), null, TimeSpan.Zero, every);
    }

    /// <summary>All names that are recorded with runs by the host.</summary>
    public static IReadOnlyList<string> Names { get; } = [WorkerMemory, .. Fields.Select(field => field.Metric)];

    /// <summary>The newest values of a slot's GPU; those that its driver does not tell are left out.</summary>
    internal IEnumerable<(string Metric, double Value)> Of(Slot slot)
    {
        if (slot.Gpu is not { } gpu || _rows.FirstOrDefault(row => row[0] == gpu || row[1].StartsWith(gpu, StringComparison.Ordinal)) is not { } values) yield break;
        for (var i = 0; i < Fields.Length; i++)
        {
            if (double.TryParse(values[i + 2], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)) yield return (Fields[i].Metric, value * Fields[i].Unit);
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Ask()
    {
        // An answer that takes longer than the time between two is not asked for twice at once.
        if (Interlocked.Exchange(ref _asking, 1) != 0) return;
        try
        {
            _rows = NvidiaSmi.Ask(["index", "uuid", .. Fields.Select(field => field.Field)]);
        }
        finally
        {
            Volatile.Write(ref _asking, 0);
        }
    }
}
