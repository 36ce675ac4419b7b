using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Repro.Cluster.Silos;
using Repro.Workers.Silos;

namespace Repro.Cluster.Grains;

/// <summary>Tells the queue which silos are gone.</summary>
internal sealed class QueueSilos(SlotExchange exchange, SiloMembership membership, ILogger log)
{
    private readonly HashSet<SiloAddress> _told = [];

    public async Task Look()
    {
        try
        {
            await Begin();
            foreach (var gone in await membership.DeadAmong(Known())) Gone(gone, "It is no member any more.");
        }
        catch (Exception away) when (Patience.IsPassing(away))
        {
            log.MembershipNotRead(away.Message);
        }
    }

    /// <summary>Tells of those that have left and died since the last time, with their reasons.</summary>
    public async Task Begin()
    {
        var known = exchange.Snapshot().Silos.ToDictionary(silo => silo.Name, StringComparer.Ordinal);
        foreach (var (silo, why, at) in await membership.Gone(_told))
        {
            if (!known.TryGetValue(silo, out var last)) exchange.Gone(silo, why, at);
            else if (last.Slots.Count > 0 && last.Slots.All(slot => slot.GivenUp is not null)) Gone(silo, $"It has left, for it gave up all of its slots. {last.Slots[0].GivenUp}", at);
            else Gone(silo, why, at);
        }
    }

    private void Gone(string silo, string why, DateTimeOffset? at = null)
    {
        exchange.Gone(silo, why, at);
        log.SiloGone(silo, why);
    }

    private HashSet<string> Known() => exchange.Snapshot().Silos.Select(silo => silo.Name).ToHashSet(StringComparer.Ordinal);
}
