using Repro.Studies.Pruners;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;

namespace Repro.Studies.Tests.Pruners;

public class HalvingTests
{
    [Fact]
    public void Successive_halving_keeps_n_over_eta_at_each_rung()
    {
        // n = 34, R = 81, eta = 3 from 3: 34, 11, 3, 1 trials at 3, 9, 27, 81.
        var ends = SweepSimulation.Run(new SuccessiveHalvingPruner(ObjectiveDirection.Minimize, 34, [3, 9, 27], 3), 34, 5, 81, (trial, _) => trial, 1);
        Assert.Equal([(3, 23), (9, 8), (27, 2), (81, 1)], ends.GroupBy(e => e.Steps).OrderBy(g => g.Key).Select(g => (g.Key, g.Count())));
        Assert.Equal((RunState.Completed, 81), ends[0]);
    }

    [Fact]
    public void A_rung_waits_for_all_and_then_names_the_best_first()
    {
        var pruner = new SuccessiveHalvingPruner(ObjectiveDirection.Minimize, 4, [1], 2);
        foreach (var (trial, value) in new[] { (2, 0.3), (0, 0.4), (3, 0.1) })
        {
            Assert.Equal(PruneDecision.Pause, pruner.Report(trial, 1, value));
            Assert.Null(pruner.NextToPromote);
        }
        pruner.Report(1, 1, 0.2);
        Assert.Equal([0, 2], pruner.Eliminated);
        Assert.Equal(3, pruner.NextToPromote);
        pruner.Promote(3);
        Assert.Equal(1, pruner.NextToPromote);
        pruner.Promote(1);
        Assert.Null(pruner.NextToPromote);
        Assert.Equal(PruneDecision.Continue, pruner.Report(3, 2, 9));
        Assert.Throws<InvalidOperationException>(() => pruner.Promote(0));
    }

    [Fact]
    public void A_failed_trial_is_not_waited_for()
    {
        var pruner = new SuccessiveHalvingPruner(ObjectiveDirection.Minimize, 4, [1], 2);
        pruner.Report(0, 1, 0.4);
        pruner.Report(1, 1, 0.5);
        pruner.Report(2, 1, 0.6);
        pruner.End(3, RunState.Failed);
        Assert.Equal(0, pruner.NextToPromote);
        Assert.Equal([2], pruner.Eliminated);
    }

    [Fact]
    public void A_sweep_that_ends_early_halves_the_trials_that_there_are()
    {
        var pruner = new SuccessiveHalvingPruner(ObjectiveDirection.Minimize, 9, [1, 3], 3);
        for (var trial = 0; trial < 4; trial++) pruner.Report(trial, 1, 10 - trial);
        Assert.Null(pruner.NextToPromote);
        pruner.Close(4);
        Assert.Equal(3, pruner.NextToPromote);
        Assert.Equal([0, 1, 2], pruner.Eliminated);
        pruner.Promote(3);
        Assert.Equal(PruneDecision.Pause, pruner.Report(3, 3, 5));
        Assert.Equal(3, pruner.NextToPromote);
    }

    [Fact]
    public void Asha_promotes_from_the_highest_rung_that_has_a_trial_in_its_top()
    {
        // Li et al. 2020, Algorithm 2, by hand, eta = 2.
        var pruner = new AshaPromotionPruner(ObjectiveDirection.Maximize, [1, 2, 4], 2);
        Assert.Equal(PruneDecision.Pause, pruner.Report(0, 1, 0.5));
        Assert.Null(pruner.NextToPromote);
        Assert.Equal(PruneDecision.Pause, pruner.Report(1, 1, 0.6));
        Assert.Equal(1, pruner.NextToPromote);
        Assert.Throws<InvalidOperationException>(() => pruner.Promote(0));
        pruner.Promote(1);
        Assert.Null(pruner.NextToPromote);
        Assert.Equal(PruneDecision.Pause, pruner.Report(2, 1, 0.7));
        Assert.Equal(PruneDecision.Pause, pruner.Report(3, 1, 0.1));
        Assert.Equal(2, pruner.NextToPromote);
        pruner.Promote(2);
        Assert.Equal(PruneDecision.Pause, pruner.Report(1, 2, 0.9));
        Assert.Equal(PruneDecision.Pause, pruner.Report(2, 2, 0.8));
        // Rung 1 has two values, so its best goes before any of rung 0.
        pruner.Report(4, 1, 0.99);
        pruner.Report(5, 1, 0.98);
        Assert.Equal(1, pruner.NextToPromote);
        pruner.Promote(1);
        Assert.Equal(4, pruner.NextToPromote);
    }

    [Fact]
    public void A_cancelled_trial_is_not_promoted()
    {
        var pruner = new AshaPromotionPruner(ObjectiveDirection.Minimize, [1], 2);
        for (var trial = 0; trial < 4; trial++) pruner.Report(trial, 1, trial);
        pruner.End(0, RunState.Cancelled);
        Assert.Equal(1, pruner.NextToPromote);
    }

    [Fact]
    public void Asha_promotes_what_the_final_rungs_say_once_all_have_arrived()
    {
        for (ulong order = 0; order < 10; order++)
        {
            var pruner = new AshaPromotionPruner(ObjectiveDirection.Minimize, [1, 3, 9], 3);
            var ends = SweepSimulation.Run(pruner, 81, 5, 27, (trial, _) => trial * 37 % 81, order);
            // With level curves the best 27, 9 and 3 are promoted whatever came first; others too, that were in the top by then.
            foreach (var trial in Enumerable.Range(0, 81))
            {
                var rank = trial * 37 % 81;
                Assert.True(ends[trial].Steps >= (rank < 3 ? 27 : rank < 9 ? 9 : rank < 27 ? 3 : 1));
            }
        }
    }

    [Fact]
    public void The_median_pruner_compares_with_the_median_of_completed_trials_at_the_same_step()
    {
        var pruner = new MedianPruner(ObjectiveDirection.Minimize, startupTrials: 2);
        foreach (var (trial, value) in new[] { (0, 1.0), (1, 2.0) })
        {
            Assert.Equal(PruneDecision.Continue, pruner.Report(trial, 1, value));
            pruner.End(trial, RunState.Completed);
        }
        Assert.Equal(PruneDecision.Continue, pruner.Report(2, 1, 1.5));
        Assert.Equal(PruneDecision.Prune, pruner.Report(3, 1, 1.5001));
        Assert.Equal(PruneDecision.Continue, pruner.Report(4, 2, 99));
    }
}
