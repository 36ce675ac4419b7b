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
internal sealed class QueueGrain(ISweepStore store, SiloMembership membership, TimeProvider time, ILogger<QueueGrain> log) : Grain, IQueueGrain
{
    /// <summary>How long a slot waits before it is told to ask again; well below the time after which a call counts as lost.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly WorkQueue _queue = new(time);
    private readonly Dictionary<string, Loan> _terms = new(StringComparer.Ordinal);
    private readonly Signal _changed = new();
    private bool _looking;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var names = await Task.Run(() => store.Sweeps().Where(name => store.Alive(name).Contains(ClusterSweep.Host)).ToList(), cancellationToken);
        log.QueueBegins(names.Count);
        foreach (var name in names)
        {
            if (await Add(name, sweep => sweep.Terms()) is { } complaint) log.SweepLeftOut(name, complaint);
        }
        this.RegisterGrainTimer(Look, new GrainTimerCreationOptions(TimeSpan.Zero, LookEvery) { Interleave = true, KeepAlive = true });
    }

    public Task<BeatReply> Beat(Wire<SiloReport> report)
    {
        var answer = _queue.Beat(report.Value);
        return Task.FromResult(new BeatReply(answer.Accepted, answer.Drained));
    }

    public async Task<Wire<Loan>?> Next(string silo, string slot, string? exhausted, long asOf)
    {
        if (exhausted is not null) _queue.Idle(exhausted, asOf);
        var since = time.GetTimestamp();
        while (true)
        {
            var changed = _changed.Next;
            var lending = _queue.Lend(silo, slot);
            if (lending.Sweep is { } sweep) return _terms[sweep] with { AsOf = lending.AsOf };
            var left = LongestWait - time.GetElapsedTime(since);
            if (left <= TimeSpan.Zero || lending.BeatFirst) return null;
            await changed.WaitAsync(left, time).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Current);
        }
    }

    public async Task<string?> Submit(string sweep)
    {
        var complaint = await Add(sweep, grain => grain.Submit());
        if (complaint is null) log.SweepSubmitted(sweep);
        return complaint;
    }

    public async Task<bool> Withdraw(string sweep)
    {
        _terms.Remove(sweep);
        await Task.Run(() => store.Leave(sweep, ClusterSweep.Host));
        return _queue.Withdraw(sweep);
    }

    public Task Wake(string sweep)
    {
        if (_queue.Wake(sweep)) _changed.Raise();
        return Task.CompletedTask;
    }

    public Task PassOver(string silo, string sweep, string why)
    {
        if (_queue.PassOver(silo, sweep, why)) log.SiloPassedOver(silo, sweep, why);
        return Task.CompletedTask;
    }

    public Task<string?> Drain(string silo)
    {
        var found = _queue.Snapshot().Silos.Select(status => status.Name).Where(name => name == silo || HostName.ShortOf(name) == silo).ToList();
        if (found.Count != 1) return Task.FromResult<string?>(found.Count == 0 ? $"No silo '{silo}' has joined." : $"Several silos are called '{silo}': {string.Join(", ", found)}. Give the whole name of one.");
        _queue.Drain(found[0]);
        log.SiloDrains(found[0]);
        return Task.FromResult<string?>(null);
    }

    public async Task Look()
    {
        if (_looking) return;
        _looking = true;
        try
        {
            var silos = _queue.Snapshot().Silos.ToDictionary(silo => silo.Name, StringComparer.Ordinal);
            foreach (var dead in await membership.DeadAmong(silos.Keys.ToHashSet(StringComparer.Ordinal)))
            {
                var why = membership.WhyGone(dead, wasToLeave: silos[dead].Leaves || silos[dead].Drained);
                _queue.Gone(dead, why);
                log.SiloGone(dead, why);
            }
            await Task.WhenAll(_terms.Keys.ToList().Select(LookAt));
        }
        finally
        {
            _looking = false;
        }
    }

    public Task<Wire<QueueSnapshot>> Status() => Task.FromResult<Wire<QueueSnapshot>>(_queue.Snapshot());

    private async Task LookAt(string sweep)
    {
        try
        {
            if (!await GrainFactory.GetGrain<ISweepGrain>(sweep).Look()) return;
            _queue.Withdraw(sweep);
            _terms.Remove(sweep);
        }
        catch (Exception passing) when (Patience.IsPassing(passing))
        {
            // The next look, in a moment, finds it where it then is.
            log.SweepNotLookedAt(sweep, passing.Message);
        }
    }

    private async Task<string?> Add(string name, Func<ISweepGrain, Task<Wire<Loan>>> ask)
    {
        try
        {
            var loan = (await ask(GrainFactory.GetGrain<ISweepGrain>(name))).Value;
            var terms = SweepTerms.Of(loan.Tags);
            _terms[name] = loan;
            _queue.Submit(new QueuedSweep(name, terms.Submitted, terms.Priority, terms.Needs));
        }
        catch (Exception e) when (e is BadInputException or FormatException)
        {
            return e.Message;
        }
        _changed.Raise();
        return null;
    }
}
