using Repro.Studies.Samplers;
using Repro.Studies.Scheduling;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Benchmarks.Cluster;

/// <summary>A sweep of the simulation.</summary>
/// <param name="MeanSeconds">A run takes so long on average, exponentially distributed.</param>
/// <param name="After">Submitted so many seconds after the beginning.</param>
internal sealed record SimulatedSweep(string Name, int Trials, string Sampler, string Pruner, double MeanSeconds, string Demand = "", int Priority = 0, double After = 0, double? GpuHours = null)
{
    /// <summary>Reports and checkpoints come at these steps, the pruner's rungs; the run ends at 64.</summary>
    public static IReadOnlyList<int> Steps { get; } = [1, 4, 16];

    public Study Study { get; } = new()
    {
        Experiment = "simulated",
        Profile = "sweep",
        Space = new SearchSpace([new FloatRange("rate", 1e-4, 1, Logarithmic: true), new FloatRange("momentum", 0, 0.99), new IntRange("depth", 1, 64)]),
        Sampler = Sampler,
        Pruner = Pruner,
        Rungs = (1, 64),
        Objective = new Objective("loss", ObjectiveDirection.Minimize),
        Trials = Trials,
        GpuHours = GpuHours,
    };

    public QueuedSweep Queued(DateTimeOffset at) => new(Name, at, Priority, Studies.Scheduling.Demand.Parse(Demand));
}

/// <summary>How large the simulated cluster is, and what happens to it.</summary>
internal sealed record SimulationSettings
{
    public required int Silos { get; init; }

    public int SlotsPerSilo { get; init; } = 8;

    public required IReadOnlyList<SimulatedSweep> Sweeps { get; init; }

    public ulong Seed { get; init; } = 1;

    /// <summary>Mean seconds between blows to silos: one is killed, frozen or drained.</summary>
    public required double SecondsBetweenBlows { get; init; }

    /// <summary>Mean seconds between deaths of the queue, or of a sweep's coordinator.</summary>
    public double SecondsBetweenRestarts { get; init; } = 60;

    /// <summary>Chance, a step, that the worker crashes, and that an answer of a coordinator is lost on its way.</summary>
    public double Misfortune { get; init; } = 0.002;

    public TimeSpan Quantum { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan BeatEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>From a silo's last sign of life to its death in the membership.</summary>
    public TimeSpan DeathAfter { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>On the wire, one way and back.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(2);

    public int Trials => Sweeps.Sum(sweep => sweep.Trials);

    /// <summary>1,000 silos of 8 slots and 100,000 trials; or the same in small.</summary>
    public static SimulationSettings Of(int silos, int trials)
    {
        int Share(double share) => (int)(trials * share);
        return new SimulationSettings
        {
            Silos = silos,
            SecondsBetweenBlows = 500.0 / silos,
            Sweeps =
            [
                new("random", trials - Share(0.6), "random", "none", 20),
                new("stopping", Share(0.2), "sobol", "asha_stopping", 30),
                new("promotion", Share(0.1), "random", "asha_promotion", 30, After: 10),
                new("median", Share(0.05), "random", "median", 20, "gpus=1"),
                new("empty", Share(0.12), "sobol", "none", 0.05, "memory=1GiB", After: 20),
                new("h200", Share(0.05), "random", "none", 20, "gpus=1,memory=100GiB,gpu=h200", After: 5, GpuHours: 1e6),
                new("urgent", Share(0.02), "random", "none", 10, Priority: 10, After: 60),
                new("hours", Share(0.06), "random", "none", 20, GpuHours: 1e6),
            ],
        };
    }
}
