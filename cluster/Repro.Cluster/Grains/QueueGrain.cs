using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Repro.Cluster.Silos;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;

namespace Repro.Cluster.Grains;

// Reentrant: slots wait here for work while others bring it.
[Reentrant]
internal sealed class QueueGrain(ISweepStore store, SiloSettings settings, SiloMembership membership, TimeProvider time, ILogger<QueueGrain> log) : Grain, IQueueGrain
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly SlotExchange _exchange = new(time);
    private readonly HashSet<string> _leftOut = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unread = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _lookedAt = new(StringComparer.Ordinal);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _unread.UnionWith(await Task.Run(() => store.Sweeps().Where(name => ClusterSweep.ClusterOf(store, name) == settings.Cluster.ClusterId).ToList(), cancellationToken));
        log.QueueBegins(_unread.Count);
        foreach (var (dead, why, at) in await membership.DeclaredDead()) _exchange.Gone(dead, why, at);
        this.RegisterGrainTimer(Look, new GrainTimerCreationOptions(TimeSpan.Zero, LookEvery) { Interleave = true, KeepAlive = true });
    }

    public Task<Wire<BeatAnswer>> Beat(Wire<SiloReport> report) => Task.FromResult(Wire.Of(_exchange.Beat(report.Value)));

    public async Task<Wire<Loan>?> Next(string silo, string slot, string? exhausted, long asOf) => await _exchange.Next(silo, slot, exhausted, asOf) is { } loan ? Wire.Of(loan) : (Wire<Loan>?)null;

    public async Task<string?> Submit(string sweep)
    {
        var complaint = await Add(sweep, grain => grain.Submit());
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

    public Task PassOver(string silo, string sweep, string why, TimeSpan? again)
    {
        if (_exchange.PassOver(silo, sweep, why, again)) log.SiloPassedOver(silo, sweep, why);
        return Task.CompletedTask;
    }

    public Task<string?> Drain(string silo)
    {
        var found = _exchange.Snapshot().Silos.Select(status => status.Name).Where(name => name == silo || HostName.ShortOf(name) == silo).ToList();
        if (found.Count > 1) return Task.FromResult<string?>($"Several silos are called '{silo}': {string.Join(", ", found)}. Give the whole name of one.");
        try
        {
            _exchange.Drain(found.FirstOrDefault() ?? silo);
        }
        catch (BadInputException nobody)
        {
            return Task.FromResult<string?>(nobody.Message);
        }
        return Task.FromResult<string?>(null);
    }

    public async Task Look()
    {
        var silos = _exchange.Snapshot().Silos.ToDictionary(silo => silo.Name, StringComparer.Ordinal);
        foreach (var dead in await membership.DeadAmong(silos.Keys.ToHashSet(StringComparer.Ordinal)))
        {
            var why = membership.WhyGone(dead, wasToLeave: silos[dead].Leaves || silos[dead].Drained);
            _exchange.Gone(dead, why);
            log.SiloGone(dead, why);
        }
        // Nobody waits for the others' looks: one that hangs at a locked row, or on its way to a dead silo, holds up itself alone.
        foreach (var sweep in _unread.ToList()) _ = Once(sweep, TakeUp);
        foreach (var sweep in _exchange.Sweeps.ToList()) _ = Once(sweep, LookAt);
    }

    public Task<Wire<QueueSnapshot>> Status() => Task.FromResult<Wire<QueueSnapshot>>(_exchange.Snapshot());

    // One look at a sweep at a time; what is told meanwhile is looked at after it.
    private async Task Once(string sweep, Func<string, Task> look)
    {
        if (!_lookedAt.TryAdd(sweep, false))
        {
            _lookedAt[sweep] = true;
            return;
        }
        do
        {
            _lookedAt[sweep] = false;
            await look(sweep);
        }
        while (_lookedAt[sweep]);
        _lookedAt.Remove(sweep);
    }

    // One that cannot be read keeps no other from the queue, and is tried again.
    private async Task TakeUp(string sweep)
    {
        try
        {
            if (await Add(sweep, grain => grain.Loan()) is { } complaint) log.SweepLeftOut(sweep, complaint);
            _unread.Remove(sweep);
            _leftOut.Clear();
        }
        catch (Exception error)
        {
            if (_leftOut.Add($"{sweep}: {error.Message}")) log.SweepLeftOut(sweep, error.Message);
        }
    }

    private async Task LookAt(string sweep)
    {
        try
        {
            await _exchange.LookAt(sweep, () => GrainFactory.GetGrain<ISweepGrain>(sweep).Look());
        }
        catch (Exception error)
        {
            // The next look, in a moment, finds it where it then is; one that is damaged keeps no other from being looked at.
            log.SweepNotLookedAt(sweep, error.Message);
        }
    }

    private async Task<string?> Add(string name, Func<ISweepGrain, Task<Wire<Loan>>> ask)
    {
        try
        {
            return _exchange.Submit((await ask(GrainFactory.GetGrain<ISweepGrain>(name))).Value);
        }
        catch (Exception e) when (e is BadInputException or FormatException)
        {
            return e.Message;
        }
    }
}
