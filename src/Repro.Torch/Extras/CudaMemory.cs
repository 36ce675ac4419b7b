using System.Runtime.InteropServices;
using Repro.Torch.Interop;

namespace Repro.Torch;

/// <summary>What libtorch's allocator holds of a GPU's memory, in bytes.</summary>
/// <param name="Allocated">Of tensors alive.</param>
/// <param name="PeakAllocated">The most of that since the process started or <see cref="CudaMemory.ResetPeak"/>.</param>
/// <param name="Reserved">Taken from the driver: allocated, and free blocks kept for later.</param>
/// <param name="PeakReserved">The most of that, likewise.</param>
public readonly record struct CudaMemoryStatistics(long Allocated, long PeakAllocated, long Reserved, long PeakReserved);

/// <summary>The caching allocator of CUDA memory.</summary>
/// <exception cref="NotSupportedException">From every member, where the engine has no CUDA; the message says why.</exception>
public static unsafe class CudaMemory
{
    /// <param name="device">-1: the current one.</param>
    public static CudaMemoryStatistics Statistics(int device = -1)
    {
        Need();
        var bytes = stackalloc long[4];
        Native.Check(Native.rt_cuda_memory(device, bytes), "CudaMemory.Statistics");
        return new CudaMemoryStatistics(bytes[0], bytes[1], bytes[2], bytes[3]);
    }

    public static void ResetPeak(int device = -1)
    {
        Need();
        Native.Check(Native.rt_cuda_reset_peak(device), "CudaMemory.ResetPeak");
    }

    /// <summary>Gives blocks that no tensor uses back to the driver, for other programs; later tensors take longer to make.</summary>
    public static void EmptyCache()
    {
        Need();
        Native.Check(Native.rt_cuda_empty_cache(), "CudaMemory.EmptyCache");
    }

    /// <summary>Whether statistics and graphs are here; not whether there is a GPU.</summary>
    public static bool IsSupported => Native.rt_cuda_absent() == null;

    internal static void Need()
    {
        if (Native.rt_cuda_absent() is var reason && reason != null)
            throw new NotSupportedException($"CUDA's memory statistics, streams and graphs cannot be had: {Marshal.PtrToStringUTF8((nint)reason)}.");
    }
}
