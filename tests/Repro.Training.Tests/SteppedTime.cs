namespace Repro.Training.Tests;

/// <summary>A clock that moves only when told to, in ticks of 100 ns.</summary>
public sealed class SteppedTime : TimeProvider
{
    private long _ticks = 1;
    private Action? _whenRead;

    /// <summary>How far every reading of the timestamp moves the clock by itself; zero at first.</summary>
    public TimeSpan EachReading { get; set; }

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    /// <summary>Runs once, at the next reading, after the time was read.</summary>
    public void WhenNextRead(Action action) => Interlocked.Exchange(ref _whenRead, action);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        var now = Interlocked.Add(ref _ticks, EachReading.Ticks);
        Interlocked.Exchange(ref _whenRead, null)?.Invoke();
        return now;
    }

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);
}
