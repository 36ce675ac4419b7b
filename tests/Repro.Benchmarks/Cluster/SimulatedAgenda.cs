namespace Repro.Benchmarks.Cluster;

/// <summary>What is going to happen in simulated time, in order; of two things at one moment the one that was entered first.</summary>
internal sealed class SimulatedAgenda(SimulatedTime time)
{
    private readonly PriorityQueue<Action, (long At, long Number)> _agenda = new();
    private long _number;

    public void In(double seconds, Action happens) => _agenda.Enqueue(happens, (time.Now.Ticks + TimeSpan.FromSeconds(seconds).Ticks, _number++));

    /// <summary>What a silo does waits while it is frozen, and is never done once it is killed.</summary>
    public void Of(SimulatedSilo silo, Action does, double seconds) => In(seconds, () => Now(silo, does));

    /// <summary>Moves time on to the next thing.</summary>
    /// <param name="until">Ticks, before which it must be.</param>
    /// <returns>Null where nothing is left, or is so late.</returns>
    public Action? Next(long until = long.MaxValue)
    {
        if (!_agenda.TryDequeue(out var happens, out var due) || due.At >= until) return null;
        time.Now = new DateTimeOffset(due.At, TimeSpan.Zero);
        return happens;
    }

    private void Now(SimulatedSilo silo, Action does)
    {
        if (silo.Killed) return;
        if (silo.FrozenUntil > time.Now) Of(silo, does, (silo.FrozenUntil - time.Now).TotalSeconds);
        else does();
    }
}
