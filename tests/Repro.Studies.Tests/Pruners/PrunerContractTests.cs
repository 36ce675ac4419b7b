using Repro.Studies.Pruners;
using Repro.Studies.Randomness;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;

namespace Repro.Studies.Tests.Pruners;

/// <summary>What every pruner keeps to.</summary>
public class PrunerContractTests
{
    private const int Most = 27;
    private const int Trials = 60;

    public static TheoryData<string> Names => [.. PrunerCatalog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_trial_comes_to_an_end_and_the_best_of_level_curves_to_the_last_step(string name)
    {
        for (ulong order = 0; order < 20; order++)
        {
            var ends = SweepSimulation.Run(Create(name), Trials, 4, Most, (trial, _) => Level(trial), order);
            var best = Enumerable.Range(0, Trials).MinBy(Level);
            // Only ASHA's promotions leave trials paused: a rung may still grow.
            if (!name.EndsWith("promotion", StringComparison.Ordinal)) Assert.All(ends, end => Assert.True(end.State is RunState.Completed or RunState.Pruned));
            Assert.Equal((RunState.Completed, Most), ends[best]);
            Assert.Equal(name == "none", ends.All(end => end.State == RunState.Completed));
            Assert.All(ends, end => Assert.True(end.State == RunState.Completed || end.Steps < Most));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_events_give_the_same_decisions(string name)
    {
        var first = SweepSimulation.Run(Create(name), Trials, 4, Most, SweepSimulation.Curve, 3);
        Assert.Equal(first, SweepSimulation.Run(Create(name), Trials, 4, Most, SweepSimulation.Curve, 3));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Maximizing_mirrors_minimizing(string name)
    {
        var smallest = SweepSimulation.Run(Create(name), Trials, 4, Most, SweepSimulation.Curve, 8);
        var largest = SweepSimulation.Run(Create(name, ObjectiveDirection.Maximize), Trials, 4, Most, (trial, step) => -SweepSimulation.Curve(trial, step), 8);
        Assert.Equal(smallest, largest);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_value_that_is_not_finite_prunes_at_once_and_does_not_count(string name)
    {
        foreach (var value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            var pruner = Create(name);
            Assert.Equal(name == "none" ? PruneDecision.Continue : PruneDecision.Prune, pruner.Report(0, 1, value));
            if (name == "none") continue;
            Assert.Equal(PruneDecision.Prune, pruner.Report(0, 2, 0.1));
            pruner.End(0, RunState.Pruned);
            // Without trial 0 the others are decided as if it had not been there; a cohort has one place for it all the same.
            var ends = SweepSimulation.Run(Create(name), Trials, 4, Most, (trial, step) => trial == 0 ? value : Level(trial), 1);
            Assert.Equal((RunState.Pruned, 1), ends[0]);
            Assert.Equal(RunState.Completed, ends[Enumerable.Range(1, Trials - 1).MinBy(Level)].State);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_value_reported_again_is_decided_as_before_and_not_counted_twice(string name)
    {
        var plain = SweepSimulation.Run(Create(name), Trials, 4, Most, SweepSimulation.Curve, 2);
        Assert.Equal(plain, SweepSimulation.Run(new RepeatingPruner(Create(name)), Trials, 4, Most, SweepSimulation.Curve, 2));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_trial_that_is_not_paused_cannot_be_promoted(string name) =>
        Assert.Throws<InvalidOperationException>(() => Create(name).Promote(0));

    [Theory]
    [InlineData("successive_halving")]
    [InlineData("hyperband")]
    public void Synchronous_halving_does_not_depend_on_the_order_of_arrival(string name)
    {
        var first = SweepSimulation.Run(Create(name), Trials, 4, Most, SweepSimulation.Curve, 0);
        for (ulong order = 1; order < 20; order++)
        {
            foreach (var slots in new[] { 1, 3, 60 }) Assert.Equal(first, SweepSimulation.Run(Create(name), Trials, slots, Most, SweepSimulation.Curve, order));
        }
    }

    [Theory]
    [InlineData("asha_stopping")]
    [InlineData("median")]
    public void The_others_depend_on_it_as_their_documentation_says(string name)
    {
        var ends = Enumerable.Range(0, 20).Select(order => string.Join(' ', SweepSimulation.Run(Create(name), Trials, 4, Most, SweepSimulation.Curve, (ulong)order)));
        Assert.True(ends.Distinct().Count() > 1);
    }

    [Fact]
    public void An_unknown_name_lists_the_pruners_nearest_first()
    {
        var error = Assert.Throws<BadInputException>(() => Create("asha_stoping"));
        Assert.StartsWith("There is no pruner 'asha_stoping'. Valid pruners, nearest first: asha_stopping, ", error.Message, StringComparison.Ordinal);
    }

    private static IPruner Create(string name, ObjectiveDirection direction = ObjectiveDirection.Minimize) => PrunerCatalog.Create(name, direction, 1, Most, Trials, eta: 3);

    // A different level for every trial, the best neither first nor last.
    private static double Level(int trial) => new Philox(9, RandomPurpose.GeneratedData, trial).NextDouble();

    /// <summary>Goes back to its last checkpoint all the time: reports everything that a trial has reported again before each new value.</summary>
    private sealed class RepeatingPruner(IPruner inner) : IPruner
    {
        private readonly Dictionary<int, List<(long Step, double Value)>> _told = [];

        public PruneDecision Report(int trial, long step, double value)
        {
            if (!_told.TryGetValue(trial, out var told)) _told[trial] = told = [];
            foreach (var (before, was) in told) inner.Report(trial, before, was);
            told.Add((step, value));
            var decision = inner.Report(trial, step, value);
            Assert.Equal(decision, inner.Report(trial, step, value));
            return decision;
        }

        public void End(int trial, RunState state) => inner.End(trial, state);

        public int? NextToPromote => inner.NextToPromote;

        public void Promote(int trial) => inner.Promote(trial);

        public IReadOnlyCollection<int> Eliminated => inner.Eliminated;

        public void Close(int trials) => inner.Close(trials);
    }
}
