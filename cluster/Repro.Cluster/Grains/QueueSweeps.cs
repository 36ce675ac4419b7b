using Microsoft.Extensions.Logging;
using Orleans;
using Repro.Studies;
using Repro.Workers.Silos;

namespace Repro.Cluster.Grains;

/// <summary>Brings the sweeps of the store into the queue, and has whoever decides for each look at it now and then.</summary>
/// <param name="unread">Those that the cluster works on by the store, and that the queue does not have yet.</param>
internal sealed class QueueSweeps(SlotExchange exchange, IEnumerable<string> unread, IGrainFactory grains, ILogger log)
{
    private readonly HashSet<string> _unread = new(unread, StringComparer.Ordinal);
    private readonly HashSet<string> _leftOut = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _lookedAt = new(StringComparer.Ordinal);

    /// <returns>Null, or why it cannot be.</returns>
    public async Task<string?> Add(string name, Func<ISweepGrain, Task<Wire<Loan>>> ask)
    {
        try
        {
            return exchange.Submit((await ask(grains.GetGrain<ISweepGrain>(name))).Value);
        }
        catch (Exception e) when (e is BadInputException or FormatException)
        {
            return e.Message;
        }
    }

    /// <summary>Nobody waits for the others' looks: one that hangs at a locked row, or on its way to a dead silo, holds up itself alone.</summary>
    public void Look()
    {
        foreach (var sweep in _unread.ToList()) _ = Once(sweep, TakeUp);
        foreach (var sweep in exchange.Sweeps.ToList()) _ = Once(sweep, LookAt);
    }

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
            _leftOut.RemoveWhere(told => told.StartsWith($"{sweep}: ", StringComparison.Ordinal));
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
            await exchange.LookAt(sweep, () => grains.GetGrain<ISweepGrain>(sweep).Look());
        }
        catch (Exception error)
        {
            // The next look, in a moment, finds it where it then is; one that is damaged keeps no other from being looked at.
            log.SweepNotLookedAt(sweep, error.Message);
        }
    }
}
