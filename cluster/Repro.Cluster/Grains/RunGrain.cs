using Orleans;
using Orleans.Placement;
using Repro.Cluster.Silos;
using Repro.Workers.Silos;

namespace Repro.Cluster.Grains;

// Nothing trains in here: the silo's service has the worker, and this is how the cluster reaches it.
[PreferLocalPlacement]
internal sealed class RunGrain(SiloService silo) : Grain, IRunGrain
{
    public Task Begin()
    {
        // A worker's work is no call, and would not keep it.
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task<Wire<RunStanding>?> Standing()
    {
        var (sweep, run) = RunGrainKey.Parse(this.GetPrimaryKeyString());
        return Task.FromResult(silo.StandingOf(sweep, run) is { } standing ? Wire.Of(standing) : (Wire<RunStanding>?)null);
    }

    public Task Drop()
    {
        var (sweep, run) = RunGrainKey.Parse(this.GetPrimaryKeyString());
        silo.Drop(sweep, run);
        return Task.CompletedTask;
    }

    public Task End()
    {
        DelayDeactivation(TimeSpan.Zero);
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
