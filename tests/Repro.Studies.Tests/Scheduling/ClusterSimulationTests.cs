using Repro.Benchmarks.Cluster;

namespace Repro.Studies.Tests.Scheduling;

/// <summary>The simulation of <c>./bench cluster</c> in small, on several seeds.</summary>
public sealed class ClusterSimulationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_befalls_the_silos_every_trial_is_done_once_and_no_late_write_is_taken(ulong seed)
    {
        var simulation = new ClusterSimulation(SimulationSettings.Of(silos: 50, trials: 2_000) with { Seed = seed, SecondsBetweenBlows = 1, SecondsBetweenRestarts = 5, Misfortune = 0.01 });
        simulation.Run();
        // It was no calm weather.
        Assert.All(simulation.Blows, blow => Assert.True(blow.Value > 0, blow.Key));
        Assert.True(simulation.LateWrites > 0);
    }

    [Fact]
    public void Equal_seeds_give_equal_simulations()
    {
        var (one, other) = (new ClusterSimulation(SimulationSettings.Of(10, 300)), new ClusterSimulation(SimulationSettings.Of(10, 300)));
        one.Run();
        other.Run();
        Assert.Equal((one.SimulatedSeconds, one.Decisions.Count, one.Lends.Count), (other.SimulatedSeconds, other.Decisions.Count, other.Lends.Count));
    }
}
