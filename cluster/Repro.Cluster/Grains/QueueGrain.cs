using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Repro.Cluster.Silos;
using Repro.Studies;
using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;
using Repro.Workers.Silos;

namespace Repro.Cluster.Grains;

// Reentrant: slots wait here for work while others bring it.
[Reentrant]
internal sealed class QueueGrain(ISweepStore store, SiloSettings settings, SiloMembership membership, TimeProvider time, ILogger<QueueGrain> log) : Grain, IQueueGrain
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly SlotExchange _exchange = new(time);
    private QueueSilos? _silos;
    private QueueSweeps? _sweeps;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var ours = await Task.Run(() => ClusterSweep.Of(store, settings.Cluster.ClusterId).ToList(), cancellationToken);
        log.QueueBegins(ours.Count);
        (_silos, _sweeps) = (new QueueSilos(_exchange, membership, log), new QueueSweeps(_exchange, ours, GrainFactory, log));
        await _silos.Begin();
        this.RegisterGrainTimer(Look, new GrainTimerCreationOptions(TimeSpan.Zero, LookEvery) { Interleave = true, KeepAlive = true });
    }

    public Task<Wire<BeatAnswer>> Beat(Wire<SiloReport> report) => Task.FromResult(Wire.Of(_exchange.Beat(report.Value)));

    public async Task<Wire<Loan>?> Next(string silo, string slot, string? exhausted, long asOf) => await _exchange.Next(silo, slot, exhausted, asOf) is { } loan ? Wire.Of(loan) : (Wire<Loan>?)null;

    public async Task<string?> Submit(string sweep)
    {
        var complaint = await _sweeps!.Add(sweep, grain => grain.Submit());
        if (complaint is null) log.SweepSubmitted(sweep);
        return complaint;
    }

    public async Task<bool> Withdraw(string sweep)
    {
        await Task.Run(() => store.Leave(sweep, ClusterSweep.LeaseOf(settings.Cluster.ClusterId)));
        return _exchange.Withdraw(sweep);
    }

    public Task Wake(string sweep, int loans)
    {
        _exchange.Wake(sweep, loans);
        return Task.CompletedTask;
    }

    public Task PassOver(string silo, string sweep, string why, TimeSpan? again, string? slot)
    {
        if (_exchange.PassOver(silo, sweep, why, again, slot)) log.SiloPassedOver(silo, sweep, why);
        return Task.CompletedTask;
    }

    public async Task<string?> Drain(string silo)
    {
        try
        {
            await _exchange.Drain(silo);
            return null;
        }
        catch (BadInputException nobody)
        {
            return nobody.Message;
        }
    }

    public async Task Look()
    {
        await _silos!.Look();
        _sweeps!.Look();
    }

    public Task<Wire<QueueSnapshot>> Status() => Task.FromResult<Wire<QueueSnapshot>>(_exchange.Snapshot());
}
