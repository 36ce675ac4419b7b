namespace Repro.Workers.Hosts;

/// <summary>Notices that nothing was heard for so long. Its time is counted in halves, so that a host that was frozen itself first hears what has come meanwhile.</summary>
internal sealed class Silence : IDisposable
{
    private readonly ITimer _timer;
    private readonly Action _broken;
    private readonly Lock _lock = new();
    private readonly TimeSpan _half;
    private int _halves;

    /// <param name="broken">Called when the patience is over, on another thread; again each time it is over anew.</param>
    public Silence(TimeProvider time, TimeSpan patience, Action broken)
    {
        (_half, _broken) = (patience / 2, broken);
        _timer = time.CreateTimer(_ => Tick(), null, _half, _half);
    }

    /// <summary>Something was heard, or is being waited for elsewhere no more.</summary>
    public void Heard()
    {
        lock (_lock)
        {
            _halves = 0;
            _timer.Change(_half, _half);
        }
    }

    /// <summary>Counts no time until <see cref="Heard"/>: nobody listens.</summary>
    public void Pause()
    {
        lock (_lock)
        {
            _halves = 0;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        lock (_lock)
        {
            if (++_halves < 2) return;
            _halves = 0;
        }
        _broken();
    }
}
