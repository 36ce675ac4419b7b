using System.Diagnostics.Metrics;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Silos;

namespace Repro.Cluster.Silos;

/// <summary>What a silo counts, for whoever listens to the meter <c>Repro.Cluster</c>: dotnet-counters, or a collector.</summary>
internal sealed class SiloMetrics : IDisposable
{
    public const string Name = "Repro.Cluster";

    private readonly Meter _meter;
    private readonly Counter<long> _started, _ended;

    public SiloMetrics(string host, Func<IReadOnlyList<SiloSlotSnapshot>> slots)
    {
        _meter = new Meter(Name, version: null, tags: [KeyValuePair.Create<string, object?>("silo", host)]);
        _started = _meter.CreateCounter<long>("repro.runs.started", "{attempt}", "Attempts that this silo's slots began.");
        _ended = _meter.CreateCounter<long>("repro.runs.ended", "{attempt}", "Attempts that ended here, by what the run then was and why it failed.");
        _meter.CreateObservableGauge("repro.slots.training", () => slots().Count(slot => slot.Slot.Run is not null), "{slot}", "Slots that train.");
        _meter.CreateObservableGauge("repro.slots.free", () => slots().Count(slot => slot.Slot.Run is null && slot.Slot.GivenUp is null), "{slot}", "Slots that wait for work.");
        _meter.CreateObservableGauge("repro.slots.given_up", () => slots().Count(slot => slot.Slot.GivenUp is not null), "{slot}", "Slots that failed everything and get no more.");
    }

    public void Started() => _started.Add(1);

    public void Ended(RunState state, FailureClass? failure) =>
        _ended.Add(1, KeyValuePair.Create<string, object?>("state", state.ToString()), KeyValuePair.Create<string, object?>("failure", failure?.ToString()));

    public void Dispose() => _meter.Dispose();
}
