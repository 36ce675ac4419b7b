using System.Runtime.InteropServices;

namespace Repro.Torch.Interop;

/// <summary>Entries behind what goes beyond TorchSharp's API.</summary>
internal static unsafe partial class Native
{
    [DllImport(Shim)] public static extern int rt_autocast_get(int deviceType, int* enabled, int* scalarType);
    [DllImport(Shim)] public static extern int rt_autocast_set(int deviceType, int enabled, int scalarType);
    [DllImport(Shim)] public static extern int rt_autocast_caches();
    [DllImport(Shim)] public static extern void rt_set_autocast_caches(int enabled);
    [DllImport(Shim)] public static extern int rt_autocast_enter();
    [DllImport(Shim)] public static extern int rt_autocast_leave();

    [DllImport(Shim)]
    public static extern int rt_recompute_begin(
        nint* inputs, long n, int keepRandom, delegate* unmanaged<nint, nint*, long, nint*, long, byte**, int> callback, delegate* unmanaged<nint, void> releaseContext,
        nint context, nint* node);

    [DllImport(Shim)] public static extern int rt_recompute_end(nint node, nint* outputs, long n, nint* results);
    [DllImport(Shim)] public static extern void rt_recompute_drop(nint node);
    [DllImport(Shim)] public static extern int rt_stream_new(int deviceIndex, nint* stream);
    [DllImport(Shim)] public static extern int rt_stream_current(int deviceIndex, nint* stream);
    [DllImport(Shim)] public static extern void rt_stream_release(nint stream);
    [DllImport(Shim)] public static extern int rt_stream_exchange(nint stream, nint* previous);
    [DllImport(Shim)] public static extern int rt_stream_wait(nint stream, nint other);
    [DllImport(Shim)] public static extern int rt_stream_synchronize(nint stream);
    [DllImport(Shim)] public static extern int rt_stream_uses(nint stream, nint tensor);
    [DllImport(Shim)] public static extern byte* rt_cuda_absent();
    [DllImport(Shim)] public static extern int rt_cuda_memory(int device, long* bytes);
    [DllImport(Shim)] public static extern int rt_cuda_reset_peak(int device);
    [DllImport(Shim)] public static extern int rt_cuda_empty_cache();
    [DllImport(Shim)] public static extern int rt_cuda_graph_new(nint* graph);
    [DllImport(Shim)] public static extern int rt_cuda_graph_do(nint graph, int what);
    [DllImport(Shim)] public static extern void rt_cuda_graph_release(nint graph);
}
