using System.Globalization;
using Repro.Studies.Options;

namespace Repro.Studies.Scheduling;

/// <summary>Why a sweep has no slot, in a sentence for the status page. Looks at every slot, so it is asked by people and not by slots.</summary>
internal static class WaitReason
{
    private const int MostWords = 5;

    /// <returns>Null where it has a slot.</returns>
    public static string? Of(SweepEntry sweep, IReadOnlyCollection<SiloEntry> silos, IReadOnlyList<SweepEntry> queue, long now)
    {
        if (sweep.Lent.Slots > 0) return null;
        if (sweep.IsIdle(now)) return "It has no run to give now: what is left of it trains, or waits for what trains.";
        if (silos.Count == 0) return "No silo has joined.";
        var fitting = silos.Where(silo => Offers(silo).Any(sweep.Sweep.Demand.IsMetBy)).ToList();
        if (fitting.Count == 0) return GivenUp(sweep.Sweep.Demand, silos) ?? Lacking(sweep.Sweep.Demand, silos);
        var open = fitting.Where(silo => !silo.Drains).ToList();
        if (open.Count == 0) return $"The silos that fit take no more work: {Names(fitting)}.";
        var able = open.Where(silo => silo.Slots.Values.Any(slot => slot.GivenUp is null && sweep.Sweep.Demand.IsMetBy(slot.Offer) && !silo.Refuses(slot, sweep.Sweep.Name, now))).ToList();
        if (able.Count == 0) return $"It cannot run on any silo that fits. {open[0].Name}: {open[0].Refusals()[sweep.Sweep.Name]}";
        var before = queue.Where(other => other.Sweep.Priority > sweep.Sweep.Priority && other.Lent.Slots > 0 && !other.IsIdle(now)).Select(other => other.Sweep.Name).ToList();
        return before.Count > 0 ? $"Sweeps of higher priority go first: {string.Join(", ", before.Take(MostWords))}{(before.Count > MostWords ? ", ..." : "")}."
            : $"It waits for a slot to come back; those that fit are on {Names(able)}.";
    }

    private static string? GivenUp(Demand demand, IReadOnlyCollection<SiloEntry> silos) =>
        silos.SelectMany(silo => silo.Slots.Values.Where(slot => slot.GivenUp is not null && demand.IsMetBy(slot.Offer)).Select(slot => (Silo: silo.Name, Slot: slot))).ToList() is [var first, ..] broken
            ? $"Every slot that fits was given up: {string.Join(", ", broken.Take(MostWords).Select(slot => $"{slot.Slot.Name} of {slot.Silo}"))}{(broken.Count > MostWords ? $" and {broken.Count - MostWords} more" : "")}. {first.Slot.GivenUp}"
            : null;

    private static string Lacking(Demand demand, IReadOnlyCollection<SiloEntry> silos)
    {
        var offers = silos.SelectMany(Offers).ToList();
        foreach (var (name, value) in demand.Labels.All)
        {
            if (offers.Any(offer => offer.Labels.TryGet(name, out var has) && has == value)) continue;
            var others = offers.SelectMany(offer => offer.Labels.TryGet(name, out var has) ? [$"{name}={has}"] : Array.Empty<string>()).Distinct().ToList();
            return $"No silo has {name}={value}; " + (others.Count == 0 ? $"none has a label {name}." : $"there is, nearest first: {string.Join(", ", NearestWords.Order($"{name}={value}", others).Take(MostWords))}.");
        }
        var gpus = offers.Count == 0 ? 0 : offers.Max(offer => offer.Gpus);
        if (gpus < demand.Gpus) return string.Create(CultureInfo.InvariantCulture, $"No slot has {demand.Gpus:0.###} GPUs; the largest has {gpus:0.###}.");
        var memory = offers.Where(offer => offer.Gpus >= demand.Gpus).Select(offer => offer.MemoryBytes).DefaultIfEmpty().Max();
        return memory < demand.MemoryBytes ? $"No slot{(demand.Gpus > 0 ? " with its GPUs" : "")} has {MemorySize.Rounded(demand.MemoryBytes)} of memory; the largest has {MemorySize.Rounded(memory)}."
            : $"No slot has all of {demand} at once.";
    }

    // Slots of a machine are mostly alike.
    private static IEnumerable<SlotOffer> Offers(SiloEntry silo)
    {
        SlotOffer? last = null;
        foreach (var slot in silo.Slots.Values)
        {
            if (slot.GivenUp is not null || slot.Offer.Equals(last)) continue;
            yield return last = slot.Offer;
        }
    }

    private static string Names(List<SiloEntry> silos) =>
        string.Join(", ", silos.Take(MostWords).Select(silo => silo.Name)) + (silos.Count > MostWords ? $" and {silos.Count - MostWords} more" : "");
}
