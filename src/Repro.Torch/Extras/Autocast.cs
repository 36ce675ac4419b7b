using Repro.Torch.Interop;
using TorchSharp;

namespace Repro.Torch;

/// <summary>
/// Until disposed of, matrix products and convolutions of this thread compute in a shorter type; what would lose by it (sums, softmax, losses) stays in
/// float32. Parameters keep their type, and so do their gradients. libtorch's own lists say which operator is which.
/// </summary>
/// <remarks>Blocks nest. Dispose of it on the thread that made it; run backward outside of it.</remarks>
public sealed unsafe class Autocast : IDisposable
{
    private readonly DeviceType device;
    private readonly int enabledBefore;
    private readonly int typeBefore;
    private readonly int cachedBefore;
    private bool closed;

    /// <param name="device">CPU or CUDA.</param>
    /// <param name="type">BFloat16, or Float16 on CUDA; by default BFloat16, which needs no <see cref="GradScaler"/>.</param>
    /// <param name="enabled">False switches autocast off within another block.</param>
    /// <param name="cacheWeights">A parameter is converted once a block, not at each use.</param>
    /// <exception cref="ArgumentException">The device has no autocast to this type.</exception>
    public Autocast(DeviceType device, torch.ScalarType type = torch.ScalarType.BFloat16, bool enabled = true, bool cacheWeights = true)
    {
        if (device is not (DeviceType.CPU or DeviceType.CUDA))
            throw new ArgumentException($"Autocast is for the CPU and CUDA, not for {device}.", nameof(device));
        if (enabled && type != torch.ScalarType.BFloat16 && (type != torch.ScalarType.Float16 || device == DeviceType.CPU))
            throw new ArgumentException($"Autocast on {device} is to {(device == DeviceType.CPU ? "BFloat16" : "BFloat16 or Float16")}, not to {type}.", nameof(type));
        this.device = device;
        int on, before;
        Native.Check(Native.rt_autocast_get((int)device, &on, &before), "Autocast");
        (enabledBefore, typeBefore, cachedBefore) = (on, before, Native.rt_autocast_caches());
        Native.Check(Native.rt_autocast_enter(), "Autocast");
        Native.Check(Native.rt_autocast_set((int)device, enabled ? 1 : 0, (int)type), "Autocast");
        Native.rt_set_autocast_caches(cacheWeights ? 1 : 0);
    }

    /// <summary>Whether this thread is in a block for the device.</summary>
    public static bool IsEnabled(DeviceType device)
    {
        int on, type;
        Native.Check(Native.rt_autocast_get((int)device, &on, &type), "Autocast");
        return on != 0;
    }

    public void Dispose()
    {
        if (closed)
            return;
        closed = true;
        Native.rt_set_autocast_caches(cachedBefore);
        Native.Check(Native.rt_autocast_set((int)device, enabledBefore, typeBefore), "Autocast");
        Native.Check(Native.rt_autocast_leave(), "Autocast");
    }
}
