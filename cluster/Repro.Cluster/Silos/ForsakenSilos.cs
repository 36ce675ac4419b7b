using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Repro.Cluster.Silos;

/// <summary>
/// Silos that the membership takes for alive and that nobody is left to declare dead. Orleans lets a silo join only when every member answers it; where all
/// machines have died at once and one does not come back, none could ever join again.
/// </summary>
/// <remarks>A member says every five seconds in the table that it is alive. How long it has not is measured by this machine's clock alone.</remarks>
internal sealed class ForsakenSilos(IMembershipTable table, ILocalSiloDetails self, TimeProvider time, ILogger<ForsakenSilos> log)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1), Silent = TimeSpan.FromSeconds(16);

    private bool _ready;

    /// <summary>Declares dead whoever says nothing while this silo joins.</summary>
    public async Task Bury(CancellationToken joined)
    {
        var heard = new Dictionary<SiloAddress, (DateTime Said, long At)>();
        using var timer = new PeriodicTimer(LookEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(joined)) await Look(heard);
        }
        catch (OperationCanceledException) when (joined.IsCancellationRequested)
        {
            // It has joined, and Orleans goes on.
        }
    }

    private async Task Look(Dictionary<SiloAddress, (DateTime Said, long At)> heard)
    {
        try
        {
            if (!_ready) await table.InitializeMembershipTable(tryInitTableVersion: false);
            _ready = true;
            var members = await table.ReadAll();
            foreach (var (silo, etag) in members.Members.Where(member => member.Item1.Status == SiloStatus.Active))
            {
                if (!heard.TryGetValue(silo.SiloAddress, out var last) || last.Said != silo.IAmAliveTime)
                {
                    heard[silo.SiloAddress] = (silo.IAmAliveTime, time.GetTimestamp());
                }
                else if (time.GetElapsedTime(last.At) >= Silent)
                {
                    silo.AddSuspector(self.SiloAddress, time.GetUtcNow().UtcDateTime);
                    silo.Status = SiloStatus.Dead;
                    // Where somebody else has changed the table meanwhile, the next look sees how.
                    if (await table.UpdateRow(silo, etag, members.Version.Next())) log.SiloForsaken(silo.SiloName, silo.SiloAddress.ToParsableString(), Silent.TotalSeconds);
                    return;
                }
            }
        }
        catch (Exception passing) when (passing is not OperationCanceledException)
        {
            // The database is away, for the others too: what they could not say meanwhile is no silence. Joining meets it as well, and says so.
            log.MembershipNotRead(passing.Message);
            heard.Clear();
        }
    }
}
