using System.Runtime.ExceptionServices;

namespace Repro.Training.Datasets;

/// <summary>Loops over all cores whose failure is that of the lowest position, whichever thread failed first: errors are the same each time.</summary>
internal static class ParallelLoop
{
    internal static void For(int count, Action<int> body) => ForRanges(count, (from, to) =>
    {
        for (var i = from; i < to; i++) body(i);
    });

    /// <summary>Each position by itself, for few and long ones.</summary>
    internal static void ForEach(int count, Action<int> body) => Run(count, body);

    /// <summary>Consecutive ranges [from, to) that together cover 0 .. count.</summary>
    internal static void ForRanges(int count, Action<int, int> body)
    {
        // Several ranges a core even out what the cores have to do besides.
        var ranges = (int)Math.Min(count, Environment.ProcessorCount * 8L);
        Run(ranges, r => body((int)((long)count * r / ranges), (int)((long)count * (r + 1) / ranges)));
    }

    private static void Run(int count, Action<int> body)
    {
        var failures = new Exception?[count];
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            try
            {
                body(i);
            }
            // Thrown again below, on the caller's thread.
            catch (Exception error)
            {
                failures[i] = error;
            }
        });
        if (failures.FirstOrDefault(failure => failure is not null) is { } first) ExceptionDispatchInfo.Throw(first);
    }
}
