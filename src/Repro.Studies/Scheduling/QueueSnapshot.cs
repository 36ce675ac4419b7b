namespace Repro.Studies.Scheduling;

/// <summary>The queue as people see it; refers to nothing that changes.</summary>
/// <param name="Silos">By name.</param>
/// <param name="Dead">Newest first; at most <see cref="WorkQueue.MostDead"/>.</param>
/// <param name="Sweeps">In the order in which they get the next slot that fits.</param>
public sealed record QueueSnapshot(IReadOnlyList<SiloStanding> Silos, IReadOnlyList<DeadSilo> Dead, IReadOnlyList<SweepPlace> Sweeps);

/// <param name="Drained">A person drains it.</param>
/// <param name="Leaves">It ends by its own decision.</param>
/// <param name="Suspected">It has not beaten for longer than it should. Nobody acts on that; death is told by the membership.</param>
/// <param name="PassedOver">Sweeps that it, or one of its slots, could not serve when it was last asked to, and how to mend it.</param>
public sealed record SiloStanding(
    string Name, DateTimeOffset Started, Labels Labels, IReadOnlyList<SlotStatus> Slots, bool Drained, bool Leaves, DateTimeOffset LastBeat, bool Suspected, IReadOnlyDictionary<string, string> PassedOver);

/// <param name="Offer">With the labels of its silo.</param>
/// <param name="Serves">The sweep that it works for; on a silo that drains, the one whose last run it ends. Null where it is free.</param>
/// <param name="GivenUp"><inheritdoc cref="SiloSlot" path="/param[@name='GivenUp']"/></param>
public sealed record SlotStatus(string Name, SlotOffer Offer, string? Serves, string? GivenUp);

/// <param name="Started">When the silo had started; null where the queue never knew it alive.</param>
/// <param name="LastBeat">Null where the queue never knew it alive.</param>
/// <param name="Slots">How many it had.</param>
public sealed record DeadSilo(string Name, DateTimeOffset? Started, string Why, DateTimeOffset At, DateTimeOffset? LastBeat, int Slots);

/// <param name="LentGpus">GPUs of its slots, a slot on the CPU counting as one: what equal sweeps have equally much of.</param>
/// <param name="Idle">It has no run to give now.</param>
/// <param name="Waits">Why it has no slot, in a sentence; null where it has one.</param>
public sealed record SweepPlace(QueuedSweep Sweep, int LentSlots, double LentGpus, bool Idle, string? Waits);
