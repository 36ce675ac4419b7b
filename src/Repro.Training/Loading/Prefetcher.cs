namespace Repro.Training.Loading;

/// <summary>
/// Makes items 0, 1, 2 ... on background threads, a bounded number ahead, and hands them over in order. A taker that finds its item ready does not wait.
/// </summary>
/// <typeparam name="T">Items that were made but never taken are disposed with the prefetcher where they are <see cref="IDisposable"/>.</typeparam>
public sealed class Prefetcher<T> : IDisposable
{
    private readonly Func<long, T> _make;
    private readonly long _end;
    private readonly int _ahead;
    private readonly TimeProvider _time;
    private readonly object _gate = new();
    private readonly Dictionary<long, Made> _made = [];
    private readonly Thread[] _threads;
    private long _nextToMake;
    private long _nextToTake;
    private bool _closed;

    /// <param name="make">Called for each index once, from several threads at once where <paramref name="threads"/> is above 1.</param>
    /// <param name="first">Index of the first item.</param>
    /// <param name="end">One beyond the last index; nothing is made for it.</param>
    /// <param name="ahead">Items made and not yet taken at most, those in the making included; at least 1.</param>
    /// <param name="threads">At least 1.</param>
    /// <param name="time">Measures <see cref="Waited"/>.</param>
    public Prefetcher(Func<long, T> make, long first, long end, int ahead, int threads, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ahead, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        (_make, _end, _ahead, _time) = (make, end, ahead, time);
        _nextToMake = _nextToTake = first;
        _threads = new Thread[threads];
        for (var i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(MakeUntilClosed) { IsBackground = true, Name = $"prefetch {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Time that <see cref="Take"/> has waited for items that were not ready.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>The next item in order. From one thread at a time.</summary>
    /// <exception cref="InvalidOperationException">All items were taken.</exception>
    /// <exception cref="ObjectDisposedException"/>
    /// <remarks>An exception thrown while the item was made is thrown here, as it was.</remarks>
    public T Take()
    {
        Made? made;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_nextToTake >= _end) throw new InvalidOperationException($"All items up to {_end} were taken.");
            if (!_made.Remove(_nextToTake, out made))
            {
                var began = _time.GetTimestamp();
                while (!_made.Remove(_nextToTake, out made))
                {
                    Monitor.Wait(_gate);
                    ObjectDisposedException.ThrowIf(_closed, this);
                }
                Waited += _time.GetElapsedTime(began);
            }
            _nextToTake++;
            Monitor.PulseAll(_gate);
        }
        made.Failure?.Throw();
        return made.Item!;
    }

    /// <summary>Stops making, waits for what is in the making, and disposes what was not taken.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
            Monitor.PulseAll(_gate);
        }
        foreach (var thread in _threads) thread.Join();
        foreach (var made in _made.Values) (made.Item as IDisposable)?.Dispose();
        _made.Clear();
    }

    private void MakeUntilClosed()
    {
        while (ClaimIndex() is { } index)
        {
            var made = Make(index);
            lock (_gate)
            {
                _made[index] = made;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private long? ClaimIndex()
    {
        lock (_gate)
        {
            while (!_closed && _nextToMake < _end && _nextToMake >= _nextToTake + _ahead) Monitor.Wait(_gate);
            return _closed || _nextToMake >= _end ? null : _nextToMake++;
        }
    }

    private Made Make(long index)
    {
#pragma warning disable CA1031 // Whatever went wrong belongs to the taker of this item, not to this thread.
        try
        {
            return new Made(_make(index), null);
        }
        catch (Exception failure)
        {
            return new Made(default, System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(failure));
        }
#pragma warning restore CA1031
    }

    private sealed record Made(T? Item, System.Runtime.ExceptionServices.ExceptionDispatchInfo? Failure);
}
