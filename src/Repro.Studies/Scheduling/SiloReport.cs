namespace Repro.Studies.Scheduling;

/// <summary>A slot as its silo reports it.</summary>
/// <param name="Name">Unique on its silo: <c>gpu-1</c>.</param>
/// <param name="Gpus"><inheritdoc cref="SlotOffer" path="/param[@name='Gpus']"/></param>
/// <param name="MemoryBytes"><inheritdoc cref="SlotOffer" path="/param[@name='MemoryBytes']"/></param>
/// <param name="Labels">Its own, over the silo's: <c>gpu=h200</c>.</param>
/// <param name="Serves">The sweep that it was lent to, until it has come back; null where it is free.</param>
/// <param name="GivenUp">Why it takes no more work: it failed everything that it was given. Null where it does.</param>
public sealed record SiloSlot(string Name, double Gpus, long MemoryBytes, Labels Labels, string? Serves, string? GivenUp = null);

/// <summary>What a silo says in a beat. All that the queue knows of silos comes from here.</summary>
/// <param name="Name">Unique in the cluster.</param>
/// <param name="Started">When it started. One that starts again under its name has another, later one, and joins anew.</param>
/// <param name="Labels">Of all of its slots.</param>
public sealed record SiloReport(string Name, DateTimeOffset Started, Labels Labels, IReadOnlyList<SiloSlot> Slots)
{
    /// <summary>It takes no more work by its own decision (it was told to end), whatever the queue says.</summary>
    public bool Leaves { get; init; }

    /// <summary>A person drains it, as the queue's last answer told. Believed when it joins, so that a queue that begins anew goes on draining.</summary>
    public bool Drained { get; init; }
}

/// <summary>What a silo hears back.</summary>
/// <param name="Accepted">False: it was declared dead, which the membership is about to tell it, or another has started under its name since; its slots are lent to nobody.</param>
/// <param name="Drained">Whether a person drains it.</param>
public readonly record struct BeatAnswer(bool Accepted, bool Drained);

/// <summary>A sweep that was submitted to the cluster.</summary>
/// <param name="Submitted">When: of equal sweeps the older one goes first, then by name.</param>
/// <param name="Priority">Higher first; a sweep that wants slots leaves none that it could use to lower ones. 0 by default.</param>
public sealed record QueuedSweep(string Name, DateTimeOffset Submitted, int Priority, Demand Demand);

/// <summary>The queue's answer to a free slot.</summary>
/// <param name="Sweep">What it serves for a quantum, and then asks again; null where there is nothing for it now.</param>
/// <param name="AsOf">To be given back with <see cref="WorkQueue.Idle"/>: what the queue knew.</param>
/// <param name="BeatFirst">The queue does not know the slot: it began anew, or the silo was declared dead. The slot asks again after its silo's next beat.</param>
public readonly record struct Lending(string? Sweep, long AsOf, bool BeatFirst = false);
