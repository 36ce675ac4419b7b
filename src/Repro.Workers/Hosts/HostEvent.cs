using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Protocol;

namespace Repro.Workers.Hosts;

/// <summary>What a host tells whoever shows it. The store has all that lasts; this is for displays and logs.</summary>
public abstract record HostEvent;

/// <summary>A slot trains a run from here on.</summary>
public sealed record RunTaken(string Slot, Assignment Assignment) : HostEvent;

/// <param name="From">Step of the checkpoint that the run really goes on from; null begins anew.</param>
public sealed record RunBegan(string Slot, RunKey Run, int Attempt, long? From, int? Process) : HostEvent;

public sealed record RunProgressed(string Slot, RunKey Run, ProgressMessage Progress) : HostEvent;

/// <summary>Durable.</summary>
public sealed record RunMeasured(string Slot, RunKey Run, IReadOnlyList<MetricPoint> Points) : HostEvent;

/// <summary>Durable: the run can go on from there.</summary>
public sealed record RunSaved(string Slot, RunKey Run, int Attempt, long Step) : HostEvent;

/// <summary>An attempt is over, and that is durable.</summary>
/// <param name="State">What the run is now: planned where it will be tried again.</param>
/// <param name="Failure">Why it failed; null where it did not.</param>
/// <param name="Message">What there is to say of its end; null where nothing is.</param>
public sealed record RunEnded(string Slot, RunKey Run, int Attempt, RunState State, FailureClass? Failure, string? Message) : HostEvent;

/// <summary>A sentence for a person.</summary>
/// <param name="Run">Null is the host itself.</param>
public sealed record HostSaid(string? Slot, RunKey? Run, string Text) : HostEvent;

/// <summary>The slot failed everything it was given, and gets no more.</summary>
public sealed record SlotGivenUp(string Slot, string Why) : HostEvent;

/// <summary>The store cannot be written to; runs in flight train on, and report when it is back.</summary>
public sealed record StoreWentAway(string Why) : HostEvent;

public sealed record StoreCameBack : HostEvent;

/// <summary>This host was taken for dead. It has ended its workers, and begins again under another name.</summary>
public sealed record LeaseLost(string Host, string Next) : HostEvent;

/// <summary>How a slot stands.</summary>
/// <param name="Run">What it trains; null where nothing.</param>
/// <param name="Since">When it took that.</param>
/// <param name="Progress">The newest; null before the first.</param>
/// <param name="GivenUp">Why it gets no more; null where it does.</param>
public sealed record SlotSnapshot(Slot Slot, Assignment? Run, DateTimeOffset? Since, ProgressMessage? Progress, string? GivenUp);
