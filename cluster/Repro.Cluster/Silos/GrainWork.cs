using Orleans;
using Repro.Cluster.Grains;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;

namespace Repro.Cluster.Silos;

/// <summary>The queue's grain as the slots of a silo see it.</summary>
/// <param name="host">This silo's name in the logs.</param>
internal sealed class GrainWork(IGrainFactory grains, string host, TimeProvider time) : IWorkSource
{
    private IQueueGrain Queue => grains.GetGrain<IQueueGrain>(0);

    public async Task<Loan> Next(string slot, Loan? exhausted, CancellationToken stop)
    {
        while (true)
        {
            if (await Patience.Ask(() => Queue.Next(host, slot, exhausted?.Sweep, exhausted?.AsOf ?? 0), time, stop) is { } loan) return loan.Value;
            // What was said once is said.
            exhausted = null;
        }
    }

    public ISweepDecisions DecisionsOf(string sweep, CancellationToken ending) => new GrainDecisions(grains, sweep, host, time, ending);

    public Task PassOver(string sweep, string why, TimeSpan? again, CancellationToken stop, string? slot) => Patience.Ask(
        async () =>
        {
            await Queue.PassOver(host, sweep, why, again, slot);
            return true;
        },
        time, stop);
}
