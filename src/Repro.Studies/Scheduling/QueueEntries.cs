namespace Repro.Studies.Scheduling;

/// <summary>Slots that a sweep has now, whether or not the queue knows the sweep yet: beats may come before it is submitted again.</summary>
internal sealed class Lent(string sweep)
{
    public string Sweep { get; } = sweep;

    public int Slots { get; set; }

    /// <summary>Millionths of GPUs; see <see cref="SlotEntry.Weight"/>. Whole numbers, so that it is 0 again when all have come back.</summary>
    public long Weight { get; set; }
}

/// <summary>A sweep in the queue.</summary>
internal sealed class SweepEntry(QueuedSweep sweep, Lent lent)
{
    public QueuedSweep Sweep { get; set; } = sweep;

    public Lent Lent { get; } = lent;

    /// <summary>The turn at which it was last said to have something to give.</summary>
    public long Woken { get; set; }

    /// <summary>The turn at which it last got a slot.</summary>
    public long LastLent { get; set; }

    /// <summary>Until then it has nothing to give; null while it may have. A time stamp of the queue's clock.</summary>
    public long? IdleUntil { get; set; }

    public bool IsIdle(long now) => now < IdleUntil;

    /// <summary>It is idle after so many; <see cref="int.MaxValue"/> where nobody counts.</summary>
    public int LoansLeft { get; set; } = int.MaxValue;

    /// <summary>Highest priority first, then the oldest, then by name.</summary>
    public static int Compare(SweepEntry a, SweepEntry b)
    {
        var order = b.Sweep.Priority.CompareTo(a.Sweep.Priority);
        if (order == 0) order = a.Sweep.Submitted.CompareTo(b.Sweep.Submitted);
        return order != 0 ? order : string.CompareOrdinal(a.Sweep.Name, b.Sweep.Name);
    }
}

/// <summary>A slot of a silo.</summary>
internal sealed class SlotEntry(SiloSlot slot, Labels silo)
{
    public string Name { get; } = slot.Name;

    public SlotOffer Offer { get; } = new(slot.Gpus, slot.MemoryBytes, silo.With(slot.Labels));

    /// <summary>Its labels without those of its silo.</summary>
    public Labels Own { get; } = slot.Labels;

    /// <summary>What it counts in a sweep's share: its GPUs, and on the CPU as one of them; in millionths.</summary>
    public long Weight { get; } = slot.Gpus > 0 ? Math.Max(1, (long)Math.Round(slot.Gpus * 1e6)) : 1_000_000;

    /// <summary>Whom it is lent to.</summary>
    public Lent? To { get; set; }

    /// <summary>The turn of the last loan or return.</summary>
    public long Changed { get; set; }

    /// <summary>What it serves by its silo's last beat.</summary>
    public string? Reported { get; set; }

    /// <summary>Sweeps that it cannot serve, though others of its silo may.</summary>
    public Dictionary<string, Refusal> PassedOver { get; } = new(StringComparer.Ordinal);

    /// <summary>Why its silo has given it up; null where it has not.</summary>
    public string? GivenUp { get; set; }
}

/// <param name="Until">A time stamp of the queue's clock, from which on the silo is asked again.</param>
internal readonly record struct Refusal(string Why, long Until);

/// <summary>A silo that is alive as far as the queue was told.</summary>
internal sealed class SiloEntry(SiloReport report)
{
    public string Name { get; } = report.Name;

    public DateTimeOffset Started { get; } = report.Started;

    public Labels Labels { get; set; } = report.Labels;

    public bool Leaves { get; set; } = report.Leaves;

    public bool Drained { get; set; } = report.Drained;

    public bool Drains => Leaves || Drained;

    /// <summary>By its last beat.</summary>
    public bool SaysThatItEnds { get; set; }

    /// <summary>By name.</summary>
    public Dictionary<string, SlotEntry> Slots { get; } = new(StringComparer.Ordinal);

    /// <summary>Sweeps that it cannot serve.</summary>
    public Dictionary<string, Refusal> PassedOver { get; } = new(StringComparer.Ordinal);

    public DateTimeOffset LastBeat { get; set; }

    /// <summary>The same as a time stamp of the queue's clock.</summary>
    public long LastBeatStamp { get; set; }

    public long LastBeatTurn { get; set; }

    public bool Refuses(SlotEntry slot, string sweep, long now) =>
        (PassedOver.TryGetValue(sweep, out var refusal) && now < refusal.Until) || (slot.PassedOver.TryGetValue(sweep, out refusal) && now < refusal.Until);

    /// <param name="slot">For which it is forgotten; null is all.</param>
    public void Forgive(string sweep, SlotEntry? slot = null)
    {
        PassedOver.Remove(sweep);
        foreach (var forgiven in slot is null ? [.. Slots.Values] : new[] { slot }) forgiven.PassedOver.Remove(sweep);
    }

    /// <summary>Why it, or which of its slots, cannot serve which sweeps.</summary>
    public SortedDictionary<string, string> Refusals()
    {
        var all = new SortedDictionary<string, string>(PassedOver.ToDictionary(refused => refused.Key, refused => refused.Value.Why), StringComparer.Ordinal);
        foreach (var (sweep, refusal) in Slots.Values.SelectMany(slot => slot.PassedOver).Where(refused => !PassedOver.ContainsKey(refused.Key)))
            all[sweep] = all.TryGetValue(sweep, out var others) ? $"{others} {refusal.Why}" : refusal.Why;
        return all;
    }
}
