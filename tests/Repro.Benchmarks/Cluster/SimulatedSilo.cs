using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;

namespace Repro.Benchmarks.Cluster;

/// <summary>One start of a machine. A machine that comes back is another one.</summary>
internal sealed class SimulatedSilo
{
    private static readonly (double Gpus, long Memory, Labels Labels)[] Kinds =
        [(1, 140L << 30, Labels.Parse("gpu=h200")), (1, 80L << 30, Labels.Parse("gpu=a100")), (1, 140L << 30, Labels.Parse("gpu=h200")), (1, 80L << 30, Labels.Parse("gpu=a100")), (0, 16L << 30, Labels.None)];

    private readonly Labels _labels;

    public SimulatedSilo(int machine, int start, int slots, DateTimeOffset now)
    {
        (Machine, Start, Name, Started) = (machine, start, $"silo-{machine}@{start}", now);
        var kind = Kinds[machine % Kinds.Length];
        _labels = kind.Labels.With(Labels.Parse($"host=silo-{machine}"));
        Slots = [.. Enumerable.Range(0, slots).Select(i => new SimulatedSlot(this, $"slot-{i}", kind.Gpus, kind.Memory))];
    }

    public int Machine { get; }

    public int Start { get; }

    public string Name { get; }

    public DateTimeOffset Started { get; }

    public IReadOnlyList<SimulatedSlot> Slots { get; }

    /// <summary>Nothing of it happens any more.</summary>
    public bool Killed { get; set; }

    /// <summary>Until then nothing of it happens, and then all at once.</summary>
    public DateTimeOffset FrozenUntil { get; set; }

    public bool Drained { get; set; }

    public bool Leaves { get; set; }

    public bool Ends => Drained || Leaves;

    public SiloReport Report() => new(Name, Started, _labels, [.. Slots.Select(slot => new SiloSlot(slot.Name, slot.Gpus, slot.MemoryBytes, Labels.None, slot.Sweep))]) { Drained = Drained, Leaves = Leaves };
}

/// <summary>A slot: knows only what it was told.</summary>
internal sealed class SimulatedSlot(SimulatedSilo silo, string name, double gpus, long memoryBytes)
{
    public SimulatedSilo Silo { get; } = silo;

    public string Name { get; } = name;

    public double Gpus { get; } = gpus;

    public long MemoryBytes { get; } = memoryBytes;

    /// <summary>Whom it serves; null while it is free.</summary>
    public string? Sweep { get; set; }

    public long AsOf { get; set; }

    public DateTimeOffset QuantumEnds { get; set; }

    public Assignment? Run { get; set; }

    /// <summary>Of the run, in seconds.</summary>
    public double Duration { get; set; }

    /// <summary>Waits for its silo's next beat to ask again.</summary>
    public bool Waits { get; set; }

    /// <summary>What it had taken and was not told of, or else a run that is ready.</summary>
    public Assignment? Next(Decision decision) => decision.Taken(Name, Silo.Name) ?? decision.Claim(Name, Gpus, Silo.Name);
}
