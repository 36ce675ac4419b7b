using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Repro.Cluster.Silos;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;
using Repro.Workers.Silos;

namespace Repro.Cluster.Grains;

// Reentrant: what is asked while one transaction is being written goes into the next.
[Reentrant]
internal sealed class SweepGrain(ISweepStore store, SiloSettings settings, SiloMembership membership, TimeProvider time, ILogger<SweepGrain> log) : Grain, ISweepGrain
{
    private ClusterSweep? _sweep;

    private string Name => this.GetPrimaryKeyString();

    private ClusterSweep Sweep => _sweep ?? throw new InvalidOperationException($"The grain of sweep {Name} was not activated.");

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var queue = GrainFactory.GetGrain<IQueueGrain>(0);
        _sweep = await Task.Run(() => new ClusterSweep(store, Name, settings.Cluster.ClusterId, loans => queue.Wake(Name, loans), StoreIsAway, time), cancellationToken);
        log.SweepDecided(Name);
        try
        {
            await TakeOver();
        }
        catch
        {
            // What fails here is asked again of another activation.
            await Task.Run(_sweep.Dispose, CancellationToken.None);
            throw;
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        var sweep = _sweep;
        return sweep is null ? Task.CompletedTask : Task.Run(sweep.Dispose, CancellationToken.None);
    }

    public async Task<Wire<Loan>> Submit()
    {
        await Sweep.Submit();
        return Sweep.Loan;
    }

    public Task<Wire<Loan>> Loan() => Task.FromResult<Wire<Loan>>(Sweep.Loan);

    public async Task<Wire<NextRun>> Claim(string host, Wire<SlotClaim> slot) => await Sweep.For(host).Claim(slot.Value);

    public Task<bool> GoBack(string host, string run, int attempt, long? from) => Sweep.For(host).GoBack(RunKey.Parse(run), attempt, from);

    public async Task<Wire<ReportAnswer>> Report(string host, Wire<RunReport> report) => await Sweep.For(host).Report(report.Value);

    public async Task<Wire<EndAnswer>> End(string host, Wire<RunReport> report, Wire<WorkerMessage> ending, Wire<SlotClaim>? next) =>
        await Sweep.For(host).End(report.Value, ending.Value, next?.Value);

    public async Task<Wire<IReadOnlyList<RunAttempt>>> Lost(string host, Wire<IReadOnlyList<RunAttempt>> runs) => Wire.Of(await Sweep.For(host).Lost(runs.Value));

    public async Task<bool> Look()
    {
        try
        {
            await TakeOver();
            if (!await Sweep.Look()) return false;
        }
        catch (Exception error) when (!Patience.IsPassing(error))
        {
            // What it knew may be wrong; it begins anew with what the store says.
            DeactivateOnIdle();
            throw;
        }
        log.SweepFinished(Name);
        DeactivateOnIdle();
        return true;
    }

    // Hosts are asked for before the membership is: whoever is in the log had joined by then, and a read that begins afterwards knows them or they are gone.
    private async Task TakeOver()
    {
        var dead = await membership.DeadAmong(await Sweep.Hosts());
        if (dead.Count == 0) return;
        var lost = await Sweep.TakeOver(dead);
        if (lost > 0 && log.IsEnabled(LogLevel.Warning)) log.RunsTakenOver(Name, lost, string.Join(", ", dead));
    }

    private void StoreIsAway(string? why)
    {
        if (why is null) log.StoreBack(Name);
        else log.StoreAway(Name, why);
    }
}
