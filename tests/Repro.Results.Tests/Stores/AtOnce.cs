namespace Repro.Results.Tests.Stores;

/// <summary>Threads that begin the same at the same moment.</summary>
internal static class AtOnce
{
    /// <exception cref="AggregateException">Any of them failed.</exception>
    public static T[] Make<T>(int count, Func<T> make) => Make(count, _ => make());

    /// <param name="make">Is told which of them it is, from 0.</param>
    /// <exception cref="AggregateException">Any of them failed.</exception>
    public static T[] Make<T>(int count, Func<int, T> make)
    {
        using var start = new Barrier(count);
        var tasks = Enumerable.Range(0, count).Select(i => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return make(i);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        Task.WaitAll(tasks);
        return Array.ConvertAll(tasks, task => task.Result);
    }
}
