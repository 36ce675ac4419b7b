using Repro.Studies.Options;

namespace Repro.Studies.Scheduling;

/// <summary>
/// Shares the slots of a cluster among its sweeps. A free slot is lent to a sweep, takes runs from that sweep's coordinator for a short quantum, and comes back: so
/// fairness acts within a quantum and a run, and nothing is interrupted for it. Highest priority first, and nothing for lower ones while it wants slots; of
/// equal priority the sweep with the fewest slots, counted by their GPUs.
/// </summary>
/// <remarks>
/// It persists nothing: a new one is told the sweeps by the store, the dead by the membership (or it would believe a silo that was only frozen), and everything
/// else by the silos' beats. Deterministic, given its clock. Not for several
/// threads at once. Its memory is bounded by <see cref="MostSilos"/>, <see cref="MostSlots"/>, <see cref="MostSweeps"/> and <see cref="MostDead"/>.
/// </remarks>
/// <param name="suspectAfter">How long a silo may say nothing before it is shown as suspected; 5 s by default.</param>
/// <param name="lookAgainAfter">How long a sweep that had no run to give is left alone; 10 s by default. Normally it is woken long before: this is for a word that was lost.</param>
#pragma warning disable CA1711 // It is a queue; the rule would keep the word for collections.
public sealed class WorkQueue(TimeProvider time, TimeSpan? suspectAfter = null, TimeSpan? lookAgainAfter = null)
#pragma warning restore CA1711
{
    public const int MostSilos = 10_000;

    /// <summary>Of one silo.</summary>
    public const int MostSlots = 1_024;

    public const int MostSweeps = 10_000;

    /// <summary>Dead silos that are remembered.</summary>
    public const int MostDead = 100;

    /// <summary>Characters of a name.</summary>
    public const int LongestName = 300;

    private const int LongestReason = 1_000;

    private readonly TimeSpan _suspectAfter = suspectAfter ?? TimeSpan.FromSeconds(5), _lookAgainAfter = lookAgainAfter ?? TimeSpan.FromSeconds(10);
    private readonly Dictionary<string, SiloEntry> _silos = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SweepEntry> _sweeps = new(StringComparer.Ordinal);
    private readonly List<SweepEntry> _inOrder = [];
    private readonly Dictionary<string, Lent> _lent = new(StringComparer.Ordinal);
    private readonly List<DeadSilo> _dead = [];

    // What happens has a number. It begins beyond those of any queue before this one, so that what a slot was told by that one is known to be old.
    private long _turn = time.GetUtcNow().UtcTicks;

    /// <summary>A silo joins, or says that it is alive and what its slots do.</summary>
    /// <exception cref="BadInputException">The report breaks a bound or names a slot twice.</exception>
    public BeatAnswer Beat(SiloReport report)
    {
        Check(report);
        if (_silos.TryGetValue(report.Name, out var silo) && report.Started != silo.Started)
        {
            if (report.Started < silo.Started) return new BeatAnswer(Accepted: false, Drained: false);
            Bury(silo, "It has started anew under its name.");
            silo = null;
        }
        if (silo is null)
        {
            if (_dead.Any(dead => dead.Name == report.Name && report.Started <= (dead.Started ?? dead.At))) return new BeatAnswer(Accepted: false, Drained: false);
            if (_silos.Count == MostSilos) throw new BadInputException($"The cluster has {MostSilos} silos, and no room for {report.Name}. Start another cluster.");
            _silos.Add(report.Name, silo = new SiloEntry(report));
        }
        Refresh(silo, report);
        (silo.LastBeat, silo.LastBeatStamp, silo.LastBeatTurn) = (time.GetUtcNow(), time.GetTimestamp(), ++_turn);
        return new BeatAnswer(Accepted: true, silo.Drained);
    }

    /// <summary>The membership has declared a silo dead, or it has left. Its slots are nobody's; a beat of it that comes later is not accepted.</summary>
    /// <param name="at">When that was; now by default.</param>
    public void Gone(string silo, string why, DateTimeOffset? at = null)
    {
        if (_silos.TryGetValue(silo, out var known)) Bury(known, why, at);
        else if (_dead.All(dead => dead.Name != silo)) Remember(new DeadSilo(Shortened(silo, LongestName), null, Shortened(why, LongestReason), at ?? time.GetUtcNow(), null, 0));
    }

    /// <summary>A person takes a silo out: its loans end, and it is given nothing.</summary>
    /// <returns>Whether it has said that it knows, so that a queue after this one knows it too.</returns>
    /// <exception cref="BadInputException">There is no such silo.</exception>
    public bool Drain(string silo)
    {
        var drained = Known(silo);
        drained.Drained = true;
        TakeBack(drained);
        return drained.SaysThatItEnds;
    }

    /// <summary>Adds a sweep, or changes the priority and the demand of one; slots that it has stay until they come back.</summary>
    /// <exception cref="BadInputException">The queue is full.</exception>
    public void Submit(QueuedSweep sweep)
    {
        if (sweep.Name.Length is 0 or > LongestName) throw new BadInputException($"A sweep's name has 1 to {LongestName} characters; '{Shortened(sweep.Name, 40)}' has {sweep.Name.Length}.");
        foreach (var silo in _silos.Values) silo.Forgive(sweep.Name);
        if (_sweeps.TryGetValue(sweep.Name, out var entry)) _inOrder.Remove(entry);
        else if (_sweeps.Count == MostSweeps) throw new BadInputException($"The queue has {MostSweeps} sweeps, and no room for {sweep.Name}. Cancel or finish some.");
        else _sweeps.Add(sweep.Name, entry = new SweepEntry(sweep, LentTo(sweep.Name)));
        (entry.Sweep, entry.Woken, entry.IdleUntil, entry.LoansLeft) = (sweep, ++_turn, null, int.MaxValue);
        var place = _inOrder.BinarySearch(entry, Comparer<SweepEntry>.Create(SweepEntry.Compare));
        _inOrder.Insert(~place, entry);
    }

    /// <summary>Takes a sweep out: it is done, held or cancelled. Slots that serve it come back by themselves.</summary>
    /// <returns>Whether it was in.</returns>
    public bool Withdraw(string sweep)
    {
        if (!_sweeps.Remove(sweep, out var entry)) return false;
        _inOrder.Remove(entry);
        foreach (var silo in _silos.Values) silo.Forgive(sweep);
        Forget(entry.Lent);
        return true;
    }

    /// <summary>A silo cannot serve a sweep: its engine or its data differ, or everything of it failed there. It is asked to again when it joins anew, or the sweep is submitted anew.</summary>
    /// <param name="why">What differs and how to mend it.</param>
    /// <param name="again">It is also asked to again after so long: a person may have mended it meanwhile. Null is not.</param>
    /// <param name="slot">The only one of its slots that cannot; null where none can.</param>
    /// <returns>False where the queue does not know one of them, which then has nothing to be remembered for.</returns>
    public bool PassOver(string silo, string sweep, string why, TimeSpan? again = null, string? slot = null)
    {
        if (!_silos.TryGetValue(silo, out var known) || !_sweeps.ContainsKey(sweep)) return false;
        if (slot is not null && !known.Slots.ContainsKey(slot)) return false;
        (slot is null ? known.PassedOver : known.Slots[slot].PassedOver)[sweep] = new Refusal(Shortened(why, LongestReason), again is { } after ? time.GetTimestamp() + Stamps(after) : long.MaxValue);
        foreach (var serving in known.Slots.Values.Where(serving => serving.To?.Sweep == sweep && (slot is null || serving.Name == slot))) Lend(serving, null);
        return true;
    }

    /// <summary>A slot came back from a sweep without a run: it has none to give now.</summary>
    /// <param name="asOf">Of the loan: a sweep that was woken since is not idle.</param>
    public void Idle(string sweep, long asOf)
    {
        if (_sweeps.TryGetValue(sweep, out var entry) && entry.Woken <= asOf) entry.IdleUntil = time.GetTimestamp() + Stamps(_lookAgainAfter);
    }

    /// <summary>A sweep may have runs to give.</summary>
    /// <param name="loans">It was idle, and is again after so many loans: of a thousand slots that wait only so many need to ask. As many as there are by default.</param>
    /// <returns>Whether it was idle, so that free slots should ask.</returns>
    public bool Wake(string sweep, int loans = int.MaxValue)
    {
        if (!_sweeps.TryGetValue(sweep, out var entry)) return false;
        var was = entry.IdleUntil is not null;
        entry.LoansLeft = was ? loans : Math.Max(entry.LoansLeft, loans);
        (entry.Woken, entry.IdleUntil) = (++_turn, null);
        return was;
    }

    /// <summary>A slot is free, and asks whom to serve for the next quantum; what it served until now has ended with that.</summary>
    public Lending Lend(string silo, string slot)
    {
        if (!_silos.TryGetValue(silo, out var lender) || !lender.Slots.TryGetValue(slot, out var free))
            return new Lending(null, _turn, BeatFirst: true);
        var before = free.To;
        Lend(free, null);
        if (lender.Drains || free.GivenUp is not null) return new Lending(null, _turn);
        var (best, now) = ((SweepEntry?)null, time.GetTimestamp());
        foreach (var sweep in _inOrder)
        {
            if (best is not null && sweep.Sweep.Priority < best.Sweep.Priority) break;
            if (best is not null && !GoesBefore(sweep, best, before)) continue;
            if (!sweep.IsIdle(now) && sweep.Sweep.Demand.IsMetBy(free.Offer) && !lender.Refuses(free, sweep.Sweep.Name, now)) best = sweep;
        }
        if (best is null) return new Lending(null, _turn);
        Lend(free, best.Lent);
        best.LastLent = free.Changed;
        // Asked to once more, whatever it said: what it says now counts.
        lender.Forgive(best.Sweep.Name, free);
        // It was left alone for long enough: everybody asks.
        if (best.IdleUntil is not null) (best.IdleUntil, best.LoansLeft) = (null, int.MaxValue);
        if (best.LoansLeft != int.MaxValue && --best.LoansLeft == 0) best.IdleUntil = now + Stamps(_lookAgainAfter);
        return new Lending(best.Sweep.Name, _turn);
    }

    public QueueSnapshot Snapshot()
    {
        var now = time.GetTimestamp();
        return new QueueSnapshot(
            [.. _silos.Values.OrderBy(silo => silo.Name, StringComparer.Ordinal).Select(silo => new SiloStanding(silo.Name, silo.Started, silo.Labels,
                [.. silo.Slots.Values.Select(slot => new SlotStatus(slot.Name, slot.Offer, slot.To?.Sweep ?? (silo.Drains ? slot.Reported : null), slot.GivenUp))], silo.Drained, silo.Leaves, silo.LastBeat,
                time.GetElapsedTime(silo.LastBeatStamp, now) > _suspectAfter, silo.Refusals()))],
            [.. Enumerable.Reverse(_dead)],
            [.. _inOrder.OrderByDescending(sweep => sweep.Sweep.Priority).ThenBy(sweep => sweep.Lent.Weight).ThenBy(sweep => sweep.Lent.Weight == 0 ? sweep.LastLent : 0)
                .Select(sweep => new SweepPlace(sweep.Sweep, sweep.Lent.Slots, sweep.Lent.Weight / 1e6, sweep.IsIdle(now), WaitReason.Of(sweep, _silos.Values, _inOrder, now)))]);
    }

    // Of equal shares: where there are more sweeps than slots they take turns; otherwise the slot goes on with what it served, for its worker is warm, and
    // shares differ by one slot either way; then the oldest.
    private static bool GoesBefore(SweepEntry one, SweepEntry best, Lent? served) =>
        one.Lent.Weight != best.Lent.Weight ? one.Lent.Weight < best.Lent.Weight
        : one.Lent.Weight == 0 ? one.LastLent < best.LastLent
        : one.Lent == served;

    private void Refresh(SiloEntry silo, SiloReport report)
    {
        var same = silo.Labels.Equals(report.Labels);
        if (!same) silo.Labels = report.Labels;
        (silo.Leaves, silo.SaysThatItEnds) = (report.Leaves, report.Leaves || report.Drained);
        foreach (var said in report.Slots)
        {
            var known = silo.Slots.GetValueOrDefault(said.Name);
            // The queue knows better than a beat that crossed its answer; not so where the answer is older than the beat before, and must have been lost.
            var serves = known is null || known.Changed < silo.LastBeatTurn ? said.Serves : known.To?.Sweep;
            if (known is null || !same || known.Offer.Gpus != said.Gpus || known.Offer.MemoryBytes != said.MemoryBytes || !known.Own.Equals(said.Labels))
            {
                if (known is not null) Lend(known, null);
                silo.Slots[said.Name] = known = new SlotEntry(said, silo.Labels);
            }
            known.Reported = said.Serves;
            known.GivenUp = said.GivenUp is { } broken ? Shortened(broken, LongestReason) : null;
            if (known.GivenUp is not null) serves = null;
            if (known.To?.Sweep != serves) Lend(known, serves is null ? null : LentTo(serves));
        }
        if (silo.Slots.Count > report.Slots.Count)
        {
            var names = report.Slots.Select(slot => slot.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var lost in silo.Slots.Values.Where(slot => !names.Contains(slot.Name)).ToList())
            {
                Lend(lost, null);
                silo.Slots.Remove(lost.Name);
            }
        }
        if (silo.Drains) TakeBack(silo);
    }

    private void TakeBack(SiloEntry silo)
    {
        foreach (var slot in silo.Slots.Values) Lend(slot, null);
    }

    private void Lend(SlotEntry slot, Lent? to)
    {
        if (slot.To is { } before)
        {
            before.Slots--;
            before.Weight -= slot.Weight;
            if (before != to) Forget(before);
        }
        if (to is not null)
        {
            to.Slots++;
            to.Weight += slot.Weight;
        }
        (slot.To, slot.Changed) = (to, ++_turn);
    }

    private Lent LentTo(string sweep)
    {
        if (!_lent.TryGetValue(sweep, out var lent)) _lent.Add(sweep, lent = new Lent(sweep));
        return lent;
    }

    private void Forget(Lent lent)
    {
        if (lent.Slots == 0 && !_sweeps.ContainsKey(lent.Sweep)) _lent.Remove(lent.Sweep);
    }

    private void Bury(SiloEntry silo, string why, DateTimeOffset? at = null)
    {
        TakeBack(silo);
        _silos.Remove(silo.Name);
        Remember(new DeadSilo(silo.Name, silo.Started, Shortened(why, LongestReason), at ?? time.GetUtcNow(), silo.LastBeat, silo.Slots.Count));
    }

    private void Remember(DeadSilo dead)
    {
        if (_dead.Count == MostDead) _dead.RemoveAt(0);
        _dead.Add(dead);
    }

    private SiloEntry Known(string silo) => _silos.TryGetValue(silo, out var known) ? known
        : throw new BadInputException(_dead.FindLast(dead => dead.Name == silo) is { } dead ? $"Silo {silo} is dead since {dead.At:u}: {dead.Why}"
            : $"There is no silo '{silo}'. " + (_silos.Count == 0 ? "None has joined." : $"There are, nearest first: {string.Join(", ", NearestWords.Order(silo, _silos.Keys).Take(5))}."));

    private long Stamps(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private static string Shortened(string text, int most) => text.Length <= most ? text : text[..(most - 3)] + "...";

    private static void Check(SiloReport report)
    {
        if (report.Name.Length is 0 or > LongestName) throw new BadInputException($"A silo's name has 1 to {LongestName} characters; '{Shortened(report.Name, 40)}' has {report.Name.Length}.");
        if (report.Slots.Count > MostSlots) throw new BadInputException($"A silo has at most {MostSlots} slots; {report.Name} has {report.Slots.Count}.");
        if (report.Slots.GroupBy(slot => slot.Name).FirstOrDefault(same => same.Count() > 1) is { } twice) throw new BadInputException($"Silo {report.Name} has two slots called {twice.Key}; names are unique on a silo.");
        if (report.Slots.FirstOrDefault(slot => slot.Gpus is not (>= 0 and <= Demand.MostGpus) || slot.MemoryBytes < 0) is { } odd)
            throw new BadInputException($"A slot has 0 to {Demand.MostGpus} GPUs and 0 or more bytes of memory; {odd.Name} of silo {report.Name} has {odd.Gpus} and {odd.MemoryBytes}.");
    }
}
