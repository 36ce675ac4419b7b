using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Repro.Cluster.Silos;
using Repro.Workers.Silos;

namespace Repro.Cluster.Grains;

// Nothing trains in here: the silo's service has the worker, and this is how the cluster reaches it.
[PreferLocalPlacement]
internal sealed class RunGrain(SiloService silo) : Grain, IRunGrain
{
    // Well above the time between two beats of a silo.
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);

    public Task Begin(string host)
    {
        if (host == silo.Host)
        {
            DelayDeactivation(Kept);
            return Task.CompletedTask;
        }
        // It was asked for before its time, elsewhere; whoever goes on asking there would keep it there.
        RequestContext.Set(IPlacementDirector.PlacementHintKey, HostName.AddressOf(host) ?? throw new FormatException($"'{host}' is no silo."));
        MigrateOnIdle();
        return Task.CompletedTask;
    }

    public Task<Wire<RunStanding>?> Standing()
    {
        var (sweep, run) = RunGrainKey.Parse(this.GetPrimaryKeyString());
        if (silo.StandingOf(sweep, run) is { } standing) return Task.FromResult<Wire<RunStanding>?>(Wire.Of(standing));
        // It was asked for before or after its time, and came to be where nobody trains it: there it must not stay.
        DeactivateOnIdle();
        return Task.FromResult<Wire<RunStanding>?>(null);
    }

    public Task Look()
    {
        var (sweep, run) = RunGrainKey.Parse(this.GetPrimaryKeyString());
        if (silo.StandingOf(sweep, run) is not null) return silo.Look(sweep, run);
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
