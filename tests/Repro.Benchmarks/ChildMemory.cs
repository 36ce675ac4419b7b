using System.Runtime.InteropServices;

namespace Repro.Benchmarks;

/// <summary>What the kernel remembers of processes that this one has started and waited for.</summary>
internal static partial class ChildMemory
{
    private const int Children = -1; // RUSAGE_CHILDREN
    private const int PlaceOfPeak = 4; // after two times of two words; in KiB on Linux

    /// <summary>Largest resident memory of any of them.</summary>
    public static long PeakBytes()
    {
        var usage = new long[18];
        return Usage(Children, usage) == 0 ? usage[PlaceOfPeak] * 1024 : throw new InvalidOperationException($"getrusage failed (error {Marshal.GetLastPInvokeError()}).");
    }

    [LibraryImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    private static partial int Usage(int whose, [Out] long[] usage);
}
