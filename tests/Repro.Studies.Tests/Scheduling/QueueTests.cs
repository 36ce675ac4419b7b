using Repro.Benchmarks.Cluster;
using Repro.Studies.Scheduling;

namespace Repro.Studies.Tests.Scheduling;

/// <summary>A queue with a clock that stands until it is set, and silos of slots that are all alike.</summary>
public abstract class QueueTests
{
    private int _submitted;

    private protected QueueTests() => Queue = new WorkQueue(Time);

    private protected SimulatedTime Time { get; } = new();

    private protected WorkQueue Queue { get; }

    private protected static SiloSlot Slot(int number, string? serves) => new($"slot-{number}", 0, 1L << 30, Labels.None, serves);

    private protected SiloReport Report(string silo, int slots, string? serves = null) => new(silo, Time.Now, Labels.None, [.. Enumerable.Range(0, slots).Select(i => Slot(i, serves))]);

    private protected void Join(string silo, int slots, string? serves = null) => Queue.Beat(Report(silo, slots, serves));

    private protected void Submit(string sweep, int priority = 0) => Queue.Submit(new QueuedSweep(sweep, Time.Now + TimeSpan.FromTicks(_submitted++), priority, Demand.Any));

    private protected string? Lend(string silo, int slot) => Queue.Lend(silo, $"slot-{slot}").Sweep;

    private protected List<string?> LendAll(string silo, int slots) => [.. Enumerable.Range(0, slots).Select(i => Lend(silo, i))];
}
