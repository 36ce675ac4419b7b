using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Repro.Benchmarks.Cluster;

/// <summary>How long decisions took, in a memory that does not grow with them: counted in classes that are 1.1 % wide.</summary>
/// <remarks>
/// Beside wall time stands their own time: the processor's time of this thread, without what the garbage collector took in it. Wall time on a busy machine also
/// holds the turns of other programs.
/// </remarks>
internal sealed partial class SimulationTimes
{
    private const int ThreadCpuTime = 3;

    private const int ClassesPerDoubling = 64;

    private readonly long[] _wall = new long[ClassesPerDoubling * 44], _own = new long[ClassesPerDoubling * 44];

    public long Count { get; private set; }

    /// <summary>Of wall time, in milliseconds.</summary>
    public double Largest { get; private set; }

    /// <summary>Of their own time, in milliseconds.</summary>
    public double LargestOwn { get; private set; }

    /// <summary>Decisions whose own time was longer than a millisecond.</summary>
    public long OverAMillisecond { get; private set; }

    public T Take<T>(Func<T> decide)
    {
        var (paused, used, begun) = (GC.GetTotalPauseDuration(), CpuTime(), Stopwatch.GetTimestamp());
        var answer = decide();
        var wall = (Stopwatch.GetTimestamp() - begun) * (1e3 / Stopwatch.Frequency);
        Add(wall, CpuTime() - used - (GC.GetTotalPauseDuration() - paused).TotalMilliseconds);
        return answer;
    }

    public double Quantile(double share) => Quantile(_wall, share);

    public double OwnQuantile(double share) => Quantile(_own, share);

    // In milliseconds; the upper end of the class that it falls into.
    private double Quantile(long[] counts, double share)
    {
        var (before, wanted) = (0L, (long)Math.Ceiling(share * Count));
        for (var i = 0; i < counts.Length; i++)
        {
            if ((before += counts[i]) >= wanted) return Math.Pow(2, (i + 1.0) / ClassesPerDoubling) / 1e6;
        }
        return Largest;
    }

    // Both in milliseconds.
    private void Add(double wall, double own)
    {
        Place(_wall, wall);
        Place(_own, own);
        Count++;
        Largest = Math.Max(Largest, wall);
        LargestOwn = Math.Max(LargestOwn, own);
        if (own > 1) OverAMillisecond++;
    }

    private static void Place(long[] counts, double time) => counts[Math.Clamp((int)(ClassesPerDoubling * Math.Log2(Math.Max(1, 1e6 * time))), 0, counts.Length - 1)]++;

    private static double CpuTime() => GetTime(ThreadCpuTime, out var time) == 0 ? (time.Seconds * 1e3) + (time.Nanoseconds / 1e6)
        : throw new InvalidOperationException("The system does not tell a thread's processor time.");

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
