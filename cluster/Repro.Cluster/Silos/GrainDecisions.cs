using Orleans;
using Repro.Cluster.Grains;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;

namespace Repro.Cluster.Silos;

/// <summary>Has a sweep's grain decide, wherever it is; while it is nowhere, or cannot write, that is waited for.</summary>
/// <param name="ending">Nothing is waited for any more.</param>
internal sealed class GrainDecisions(IGrainFactory grains, string sweep, string host, TimeProvider time, CancellationToken ending) : ISweepDecisions
{
    public async Task<NextRun> Claim(SlotClaim slot) => (await Ask(grain => grain.Claim(host, slot))).Value;

    public Task<bool> GoBack(RunKey run, int attempt, long? from) => Ask(grain => grain.GoBack(host, run.ToString(), attempt, from));

    public async Task<ReportAnswer> Report(RunReport report)
    {
        Wire<RunReport> message = report;
        return (await Ask(grain => grain.Report(host, message))).Value;
    }

    public async Task<EndAnswer> End(RunReport report, WorkerMessage ending, SlotClaim? next)
    {
        var (message, how, claim) = ((Wire<RunReport>)report, (Wire<WorkerMessage>)ending, next is null ? (Wire<SlotClaim>?)null : next);
        return (await Ask(grain => grain.End(host, message, how, claim))).Value;
    }

    public async Task<IReadOnlyList<RunAttempt>> Lost(IReadOnlyList<RunAttempt> runs)
    {
        var message = Wire.Of(runs);
        return (await Ask(grain => grain.Lost(host, message))).Value;
    }

    private Task<T> Ask<T>(Func<ISweepGrain, Task<T>> question) => Patience.Ask(() => question(grains.GetGrain<ISweepGrain>(sweep)), time, ending);
}
