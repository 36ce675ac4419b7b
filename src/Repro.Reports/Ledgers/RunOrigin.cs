using Repro.Results;

namespace Repro.Reports.Ledgers;

/// <summary>A run that numbers of a report come from.</summary>
/// <param name="Id">As <c>resnet-shortcuts/0-3</c>, or the id of a run of <c>repro run</c>.</param>
/// <param name="Attempts">Under what its attempts executed, as far as that was recorded where the report is made.</param>
public sealed record RunOrigin(string Id, IReadOnlyList<RunEnvironment> Attempts);
