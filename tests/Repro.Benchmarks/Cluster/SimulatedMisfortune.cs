using Repro.Studies.Randomness;

namespace Repro.Benchmarks.Cluster;

/// <summary>What chance does to a simulated cluster, and how often it has.</summary>
internal sealed class SimulatedMisfortune(SimulationSettings settings)
{
    private Philox _chance = new(settings.Seed, RandomPurpose.Checks);

    public Dictionary<string, int> Blows { get; } = new() { ["killed"] = 0, ["frozen"] = 0, ["drained"] = 0, ["queue"] = 0, ["coordinator"] = 0, ["lost answers"] = 0, ["crashes"] = 0 };

    /// <summary>In [0, 1).</summary>
    public double Number() => _chance.NextDouble();

    /// <summary>One of so many, from 0.</summary>
    public int OneOf(int count) => _chance.NextInt32(count);

    /// <summary>Of an exponential distribution.</summary>
    public double Exponential(double mean) => -mean * Math.Log(1 - _chance.NextDouble());

    /// <summary>Whether this misfortune happens now; it is counted.</summary>
    public bool Happens(string misfortune)
    {
        if (_chance.NextDouble() >= settings.Misfortune) return false;
        Blows[misfortune]++;
        return true;
    }
}
