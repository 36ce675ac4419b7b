using Repro.Studies.Runs;

namespace Repro.Studies.Sweeps;

/// <summary>
/// Keeps sweeps: for each the log of its events, and its runs' metrics beside it. Whatever a call that returned has written survives the death of the
/// process and of the machine. Calls may come from several threads.
/// </summary>
public interface ISweepStore : IDisposable
{
    /// <summary>What and where, for people: <c>SQLite, /home/me/sweeps.db</c>. No password is in it.</summary>
    string Description { get; }

    /// <summary>Every sweep there is, in the order of creation.</summary>
    IReadOnlyList<string> Sweeps();

    /// <summary>The events of a sweep after the first <paramref name="after"/>, in order; empty where there is no such sweep.</summary>
    IReadOnlyList<SweepEvent> Read(string sweep, long after = 0);

    /// <summary>
    /// One decision: locks the sweep against every other process, hands the events that the caller has not seen to <paramref name="decide"/>, and
    /// writes what it answers, all of it or nothing. A sweep begins with its first event.
    /// </summary>
    /// <param name="known">How many events the caller has seen.</param>
    /// <param name="host">Who decides. Refused where its lease has ended; null, a person's command, has none.</param>
    /// <param name="decide">Called once, with the tail of the log. Where it throws, nothing is written.</param>
    /// <exception cref="LeaseEndedException">The host's lease has ended, or it never had one.</exception>
    SweepWrite Decide(string sweep, long known, string? host, Func<IReadOnlyList<SweepEvent>, SweepWrite> decide);

    /// <summary>Says that a host works on the sweep, now and for <paramref name="lease"/> more.</summary>
    void Renew(string sweep, string host, TimeSpan lease);

    /// <summary>Ends a host's lease now.</summary>
    void Leave(string sweep, string host);

    /// <summary>Hosts whose lease holds.</summary>
    IReadOnlySet<string> Alive(string sweep);

    /// <summary>Everything that a run reported, by step, then name.</summary>
    IReadOnlyList<MetricPoint> Metrics(string sweep, RunKey run);

    /// <summary>One metric of all runs of a sweep, by run, then step.</summary>
    IEnumerable<(RunKey Run, MetricPoint Point)> Curves(string sweep, string metric);
}

/// <summary>What a decision writes.</summary>
/// <param name="Metrics">A (run, name, step) that is there already is not written again.</param>
/// <param name="Dropped">Runs whose metrics after a step are taken out first, because an attempt begins again there; -1 takes all.</param>
public sealed record SweepWrite(
    IReadOnlyList<SweepEvent> Events, IReadOnlyList<(RunKey Run, MetricPoint Point)> Metrics, IReadOnlyList<(RunKey Run, long After)> Dropped)
{
    /// <summary>A decision to do nothing.</summary>
    public static SweepWrite Nothing { get; } = new([], [], []);

    public bool IsEmpty => Events.Count == 0 && Metrics.Count == 0 && Dropped.Count == 0;
}

/// <summary>A host wrote after its lease had ended: another may have taken over its runs. It starts none of them again by itself.</summary>
public sealed class LeaseEndedException(string sweep, string host)
    : Exception($"The lease of host {host} on sweep {sweep} has ended; its runs may be others' now.");
