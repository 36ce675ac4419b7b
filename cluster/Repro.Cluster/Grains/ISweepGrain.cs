using Orleans;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;
using Repro.Workers.Silos;

namespace Repro.Cluster.Grains;

/// <summary>Decides for the sweep that it is named after. What silos ask is what <see cref="ISweepDecisions"/> says, and may be asked again as it is.</summary>
[Alias("repro.sweep")]
public interface ISweepGrain : IGrainWithStringKey
{
    /// <summary>Takes the sweep on, as the store has it.</summary>
    /// <returns>What a silo has to know of it.</returns>
    [Alias("submit")]
    Task<Wire<Loan>> Submit();

    /// <returns>What a silo has to know of it.</returns>
    [Alias("loan")]
    Task<Wire<Loan>> Loan();

    [Alias("claim")]
    Task<Wire<NextRun>> Claim(string host, Wire<SlotClaim> slot);

    [Alias("go-back")]
    Task<bool> GoBack(string host, string run, int attempt, long? from);

    [Alias("report")]
    Task<Wire<ReportAnswer>> Report(string host, Wire<RunReport> report);

    [Alias("end")]
    Task<Wire<EndAnswer>> End(string host, Wire<RunReport> report, Wire<WorkerMessage> ending, Wire<SlotClaim>? next);

    [Alias("lost")]
    Task<Wire<IReadOnlyList<RunAttempt>>> Lost(string host, Wire<IReadOnlyList<RunAttempt>> runs);

    /// <summary>Looks at what persons have written, and frees the runs of silos that are dead.</summary>
    /// <returns>True where the sweep is finished.</returns>
    [Alias("look")]
    Task<bool> Look();
}
