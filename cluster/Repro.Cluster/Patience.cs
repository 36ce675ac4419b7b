using System.Data.Common;
using Orleans.Runtime;
using Repro.Results.Runs;

namespace Repro.Cluster;

/// <summary>Calls to grains that are asked again while silos die, the membership settles, or the store is away.</summary>
internal static class Patience
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50), Longest = TimeSpan.FromSeconds(1);

    /// <summary>Whether a call failed for a reason that passes by itself: its silo died, it came to nobody in time, the store was away.</summary>
    public static bool IsPassing(Exception error) => error is TimeoutException or OrleansException or StorageException or DbException or ObjectDisposedException
        || (error is AggregateException several && several.InnerExceptions.All(IsPassing));

    /// <param name="call">May be made more than once; what was done counts as done.</param>
    /// <param name="limit">After which the last failure is thrown; null has no limit.</param>
    /// <exception cref="OperationCanceledException">It is not wanted any more.</exception>
    public static async Task<T> Ask<T>(Func<Task<T>> call, TimeProvider time, CancellationToken stop, TimeSpan? limit = null)
    {
        var (pause, since) = (First, time.GetTimestamp());
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                return await call().WaitAsync(stop);
            }
            catch (Exception passing) when (IsPassing(passing) && !stop.IsCancellationRequested && (limit is null || time.GetElapsedTime(since) < limit))
            {
                await Task.Delay(pause, time, stop);
                pause = pause * 2 < Longest ? pause * 2 : Longest;
            }
        }
    }
}
