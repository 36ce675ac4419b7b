using System.Diagnostics;

namespace Repro.Benchmarks.Cluster;

/// <summary>How long decisions took, in a memory that does not grow with them: counted in classes that are 1.1 % wide.</summary>
internal sealed class SimulationTimes
{
    private const int ClassesPerDoubling = 64;

    private readonly long[] _counts = new long[ClassesPerDoubling * 44];

    public long Count { get; private set; }

    /// <summary>Of wall time, in milliseconds, whatever it was spent on.</summary>
    public double Largest { get; private set; }

    /// <summary>Without what the garbage collector took in them.</summary>
    public double LargestWithoutCollection { get; private set; }

    /// <summary>Decisions that took longer than a millisecond without the collector.</summary>
    public long OverAMillisecond { get; private set; }

    public T Take<T>(Func<T> decide)
    {
        var (paused, begun) = (GC.GetTotalPauseDuration(), Stopwatch.GetTimestamp());
        var answer = decide();
        var wall = Stopwatch.GetElapsedTime(begun);
        Add(wall, GC.GetTotalPauseDuration() - paused);
        return answer;
    }

    /// <summary>In milliseconds; the upper end of the class that it falls into.</summary>
    public double Quantile(double share)
    {
        var (before, wanted) = (0L, (long)Math.Ceiling(share * Count));
        for (var i = 0; i < _counts.Length; i++)
        {
            if ((before += _counts[i]) >= wanted) return Math.Pow(2, (i + 1.0) / ClassesPerDoubling) / 1e6;
        }
        return Largest;
    }

    public void Add(SimulationTimes other)
    {
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        (Count, OverAMillisecond) = (Count + other.Count, OverAMillisecond + other.OverAMillisecond);
        (Largest, LargestWithoutCollection) = (Math.Max(Largest, other.Largest), Math.Max(LargestWithoutCollection, other.LargestWithoutCollection));
    }

    private void Add(TimeSpan wall, TimeSpan collecting)
    {
        _counts[Math.Clamp((int)(ClassesPerDoubling * Math.Log2(Math.Max(1, wall.TotalNanoseconds))), 0, _counts.Length - 1)]++;
        Count++;
        Largest = Math.Max(Largest, wall.TotalMilliseconds);
        var own = (wall - collecting).TotalMilliseconds;
        LargestWithoutCollection = Math.Max(LargestWithoutCollection, own);
        if (own > 1) OverAMillisecond++;
    }
}
