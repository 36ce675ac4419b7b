using Repro.Studies;
using Repro.Studies.Scheduling;
using Repro.Workers.Hosts;

namespace Repro.Workers.Silos;

/// <summary>The cluster's queue at work: slots wait in it for the sweeps that <see cref="WorkQueue"/> gives them. One call at a time; while one waits, others may go on.</summary>
public sealed class SlotExchange(TimeProvider time)
{
    /// <summary>How long a slot waits before it is told to ask again; well below the time after which a call counts as lost.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(4);

    /// <summary>In so long every silo that lives has beaten.</summary>
    public static readonly TimeSpan EveryoneBeats = TimeSpan.FromSeconds(2);

    private readonly WorkQueue _queue = new(time);
    private readonly Dictionary<string, Loan> _loans = new(StringComparer.Ordinal);
    private readonly HashSet<string> _awaited = new(StringComparer.Ordinal);
    private readonly Signal _changed = new();

    /// <summary>Those that are in it.</summary>
    public IReadOnlyList<string> Sweeps => [.. _loans.Keys];

    /// <inheritdoc cref="WorkQueue.Snapshot"/>
    public QueueSnapshot Snapshot() => _queue.Snapshot();

    /// <inheritdoc cref="WorkQueue.Beat"/>
    public BeatAnswer Beat(SiloReport report)
    {
        var answer = _queue.Beat(report);
        if (answer.Accepted && (_awaited.Remove(report.Name) || report.Drained || report.Leaves)) _changed.Raise();
        return answer;
    }

    /// <inheritdoc cref="WorkQueue.Gone"/>
    public void Gone(string silo, string why, DateTimeOffset? at = null) => _queue.Gone(silo, why, at);

    /// <summary>Has a silo drain, and waits a while for its word that it does: what only this queue knew would be gone with it.</summary>
    /// <exception cref="BadInputException">There is no such silo.</exception>
    /// <exception cref="TimeoutException">It has not said so. To be asked again, of the queue that there is then.</exception>
    public async Task Drain(string silo)
    {
        for (var since = time.GetTimestamp(); ;)
        {
            var (changed, left) = (_changed.Next, LongestWait - time.GetElapsedTime(since));
            try
            {
                if (_queue.Drain(silo)) return;
                // The silo may be speaking to another queue by now, which knows nothing of it.
                if (left <= TimeSpan.Zero) throw new TimeoutException($"The silo {silo} was told to drain and has not said yet that it does.");
            }
            catch (BadInputException) when (left > LongestWait - EveryoneBeats)
            {
                // It may have just joined, or the queue just begun.
                _awaited.Add(silo);
                left -= LongestWait - EveryoneBeats;
            }
            await changed.WaitAsync(left, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            _awaited.Remove(silo);
        }
    }

    /// <inheritdoc cref="WorkQueue.PassOver"/>
    public bool PassOver(string silo, string sweep, string why, TimeSpan? again = null, string? slot = null) => _queue.PassOver(silo, sweep, why, again, slot);

    /// <summary>Adds a sweep, or takes note of what it asks for now; silos that could not serve it are asked again.</summary>
    /// <returns>Null, or why it cannot be.</returns>
    public string? Submit(Loan loan)
    {
        try
        {
            var terms = SweepTerms.Of(loan.Tags);
            _queue.Submit(new QueuedSweep(loan.Sweep, terms.Submitted, terms.Priority, terms.Needs));
        }
        catch (Exception e) when (e is BadInputException or FormatException)
        {
            return e.Message;
        }
        // Always another object, so that a look that began before sees that it was submitted since.
        _loans[loan.Sweep] = loan with { };
        _changed.Raise();
        return null;
    }

    /// <inheritdoc cref="WorkQueue.Withdraw"/>
    public bool Withdraw(string sweep)
    {
        _loans.Remove(sweep);
        return _queue.Withdraw(sweep);
    }

    /// <inheritdoc cref="WorkQueue.Wake"/>
    public void Wake(string sweep, int loans = int.MaxValue)
    {
        if (_queue.Wake(sweep, loans)) _changed.Raise();
    }

    /// <summary>Waits a while for a sweep that the slot is to serve.</summary>
    /// <param name="exhausted">The sweep that had no run for it; null where there is none.</param>
    /// <param name="asOf">Of that loan.</param>
    /// <returns>Null where there was none: to be asked again.</returns>
    public async Task<Loan?> Next(string silo, string slot, string? exhausted, long asOf)
    {
        if (exhausted is not null) _queue.Idle(exhausted, asOf);
        var since = time.GetTimestamp();
        while (true)
        {
            var changed = _changed.Next;
            var lending = _queue.Lend(silo, slot);
            if (lending.Sweep is { } sweep) return _loans[sweep] with { AsOf = lending.AsOf };
            var left = LongestWait - time.GetElapsedTime(since);
            if (left <= TimeSpan.Zero) return null;
            // Its next beat, which is under way, makes it known.
            if (lending.BeatFirst) _awaited.Add(silo);
            await changed.WaitAsync(left, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (lending.BeatFirst) _awaited.Remove(silo);
        }
    }

    /// <summary>Has a sweep be looked at, and takes it out where it is finished; not so where it was submitted again meanwhile.</summary>
    /// <param name="isFinished">Asks whoever decides for it.</param>
    public async Task LookAt(string sweep, Func<Task<bool>> isFinished)
    {
        if (!_loans.TryGetValue(sweep, out var before)) return;
        if (await isFinished() && _loans.TryGetValue(sweep, out var now) && ReferenceEquals(before, now)) Withdraw(sweep);
    }
}
