using Repro.Studies.Pruners;
using Repro.Studies.Samplers;

namespace Repro.Studies.Tests.Pruners;

public sealed class PrunerReplayTests
{
    private static readonly int[] Nine = [.. Enumerable.Range(0, 9)];

    public static TheoryData<string> Pruners => new(PrunerCatalog.Names);

    [Fact]
    public void Successive_halving_of_nine_trials_with_eta_3_trains_nine_to_1_three_to_3_and_one_to_9()
    {
        // 9 x 1 + 3 x 2 + 1 x 6 = 21 of 81 steps; on three slots 3 + 2 + 6 units of time.
        var replay = Parallel(trials: 9, steps: 9);
        var halving = new ReplaySettings("successive_halving", Least: 1, Eta: 3, Slots: 1);
        Assert.Equal(new ReplayOutcome(21 / 81.0, 21, 0, 0), replay.Once(halving, Nine));
        Assert.Equal(new ReplayOutcome(21 / 81.0, 11, 0, 0), replay.Once(halving with { Slots = 3 }, Nine));
        Assert.Equal([(1L, 1L), (3L, 3L)], replay.Rungs(halving));
    }

    [Fact]
    public void A_trial_that_is_best_only_at_its_end_is_lost_to_halving_and_the_regret_says_how_much()
    {
        // Trial 8 begins as the worst and ends at 0.25; the best that halving can find is trial 0, at 1.
        var trials = Enumerable.Range(0, 9).Select(t => Trial(t, step => t == 8 && step == 9 ? 0.25 : t + 1, 9)).ToList();
        var outcome = new PrunerReplay(trials, ObjectiveDirection.Minimize).Once(new ReplaySettings("successive_halving", 1, 3, 2), Nine);
        Assert.Equal((0, 0.75), (outcome.Chosen, outcome.Regret));
    }

    [Fact]
    public void The_median_prunes_every_later_trial_that_is_worse_at_its_first_step()
    {
        // One after another from the best on: five complete, and the median of 1 .. 5 is 3; trials 6 .. 9 end at step 1. 5 x 9 + 4 = 49 of 81.
        var median = new ReplaySettings("median", 1, null, 1);
        Assert.Equal(new ReplayOutcome(49 / 81.0, 49, 0, 0), Parallel(9, 9).Once(median, Nine));
        // From the worst on every trial is better than the median of those before: all are trained.
        Assert.Equal(new ReplayOutcome(1, 81, 0, 0), Parallel(9, 9).Once(median, [.. Nine.Reverse()]));
        Assert.Empty(Parallel(9, 9).Rungs(median));
    }

    [Fact]
    public void Asha_by_promotion_trains_on_whom_the_rung_has_in_its_top_third_whenever_a_slot_is_free()
    {
        // On one slot, in the order 0 1 2 ...: after trials 0, 1, 2 trial 0 is promoted from rung 1 and waits alone at rung 3. Then 3, 4, 5 (trial 1), 6, 7, 8
        // (trial 2); with three at rung 3 trial 0 goes to the end. The same 21 steps as synchronous halving, as the order is the ranking.
        var asha = new ReplaySettings("asha_promotion", 1, 3, 1);
        Assert.Equal(new ReplayOutcome(21 / 81.0, 21, 0, 0), Parallel(9, 9).Once(asha, Nine));
        // From the worst on, once three are there, every new trial is the best of its rung and is promoted at once: 6, 5, 4, 3, 2, 1, 0. At rung 3 the third of
        // these and all after it are again the best of three or more: 4, 3, 2, 1, 0 go to the end. 9 x 1 + 7 x 2 + 5 x 6 = 53 steps.
        Assert.Equal(new ReplayOutcome(53 / 81.0, 53, 0, 0), Parallel(9, 9).Once(asha, [.. Nine.Reverse()]));
    }

    [Fact]
    public void Asha_by_stopping_trains_all_to_the_end_where_every_trial_is_better_than_those_before()
    {
        var stopping = new ReplaySettings("asha_stopping", 1, 3, 1);
        Assert.Equal(1, Parallel(9, 9).Once(stopping, [.. Nine.Reverse()]).Share);
        // The best comes first: everyone after it ends at rung 1. 9 + 8 of 81, but for those within the top third of many.
        // n = 6: floor(6 / 3) = 2 may stay, and trial 5 is sixth. So nobody does.
        Assert.Equal(17 / 81.0, Parallel(9, 9).Once(stopping, Nine).Share, 12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(20)]
    public void Without_a_pruner_the_cost_is_one_the_regret_nothing_and_the_slots_are_filled(int slots)
    {
        var summary = Parallel(9, 9).Over(new ReplaySettings("none", 1, null, slots), orders: 5, seed: 3);
        Assert.All(summary.Outcomes, outcome => Assert.Equal(new ReplayOutcome(1, (9 + slots - 1) / slots * 9, 0, 0), outcome));
        Assert.Equal((1, 1, 1, 1, 0), (summary.MeanShare, summary.ShareQuantile(0.05), summary.ShareQuantile(0.95), summary.BestChosen, summary.MeanRegret));
    }

    [Theory]
    [MemberData(nameof(Pruners))]
    public void Where_the_ranking_never_changes_no_pruner_loses_the_best(string pruner)
    {
        foreach (var direction in new[] { ObjectiveDirection.Minimize, ObjectiveDirection.Maximize })
        {
            var sign = direction == ObjectiveDirection.Minimize ? 1 : -1;
            // As many as all brackets of Hyperband together: with fewer, a bracket by promotion may have too few to send anybody to its end.
            var trials = Enumerable.Range(0, 27 + 12 + 6 + 4).Select(t => Trial(t, step => sign * (t + (1.0 / (step + 1))), 27)).ToList();
            var summary = new PrunerReplay(trials, direction).Over(new ReplaySettings(pruner, 3, 3, 2), orders: 20, seed: 1);
            Assert.Equal((0, 1, 0), (summary.MeanRegret, summary.BestChosen, summary.Undecided));
            Assert.All(summary.Outcomes, outcome => Assert.Equal(0, outcome.Chosen));
            if (pruner == "none") continue;
            Assert.InRange(summary.MeanShare, 0.05, 0.95);
        }
    }

    [Fact]
    public void The_outcome_is_a_function_of_seed_and_settings_and_the_orders_differ()
    {
        var (replay, settings) = (Parallel(20, 27), new ReplaySettings("asha_stopping", 1, 3, 2));
        var first = replay.Over(settings, 20, seed: 5).Outcomes;
        Assert.Equal(first, replay.Over(settings, 20, seed: 5).Outcomes);
        Assert.Equal(first.Take(3), replay.Over(settings, 3, seed: 5).Outcomes);
        Assert.True(first.Distinct().Count() > 3);
        Assert.NotEqual(first, replay.Over(settings, 20, seed: 6).Outcomes);
    }

    [Fact]
    public void A_rung_that_was_not_evaluated_decides_at_the_next_step_that_was()
    {
        // Evaluated at 4 and 8 of 9: rung 1 decides at 4, and rung 3 of the one that goes on at 8. 9 x 4 + 3 x 4 + 1 x 1 = 49 of 81.
        var trials = Enumerable.Range(0, 9).Select(t => new ReplayedTrial(t, [new ReplayedCurve([(4, t), (8, t)], 9, t)])).ToList();
        var (replay, halving) = (new PrunerReplay(trials, ObjectiveDirection.Minimize), new ReplaySettings("successive_halving", 1, 3, 1));
        Assert.Equal([4, 8], replay.EvaluatedSteps);
        Assert.Equal([(1L, 4L), (3L, 4L)], replay.Rungs(halving));
        Assert.Equal(new ReplayOutcome(49 / 81.0, 49, 0, 0), replay.Once(halving, Nine));
        Assert.Equal([(1L, 4L), (3L, (long?)4L), (9L, null)], new PrunerReplay([.. trials.Select(t => t with { Runs = [t.Runs[0] with { Steps = 10 }] })], ObjectiveDirection.Minimize).Rungs(halving with { Pruner = "asha_stopping" }));
    }

    [Fact]
    public void Where_nobody_is_promoted_to_the_end_nothing_is_chosen()
    {
        var summary = Parallel(3, 9).Over(new ReplaySettings("asha_promotion", 1, 4, 1), 4, 0);
        Assert.Equal((4, 0), (summary.Undecided, summary.BestChosen));
        Assert.Equal(3 / 27.0, summary.MeanShare, 12);
        Assert.True(double.IsNaN(summary.MeanRegret));
    }

    [Fact]
    public void Trials_of_two_seeds_are_judged_by_their_mean()
    {
        // Their means rank 1 before 0 before 2; the first seed alone would keep trial 0. A trial is judged when its second run comes to the rung; its first has gone
        // on by then, to its next report, which is its end: 3 x (3 + 1) steps, and 2 more of the second run of trial 1, of 18.
        double[][] values = [[0, 6], [2, 2], [5, 5]];
        var trials = values.Select((seeds, t) => new ReplayedTrial(t, [.. seeds.Select(v => new ReplayedCurve([(1, v), (3, v)], 3, v))])).ToList();
        var outcome = new PrunerReplay(trials, ObjectiveDirection.Minimize).Once(new ReplaySettings("successive_halving", 1, 3, 2), [0, 1, 2]);
        Assert.Equal((1, 0, 14 / 18.0), (outcome.Chosen, outcome.Regret, outcome.Share));
    }

    [Fact]
    public void A_diverged_curve_is_never_chosen_and_costs_no_step_after_its_first_NaN()
    {
        List<ReplayedTrial> trials = [Trial(0, step => double.NaN, 9), Trial(1, step => 1, 9)];
        var outcome = new PrunerReplay(trials, ObjectiveDirection.Minimize).Once(new ReplaySettings("median", 1, null, 1), [0, 1]);
        Assert.Equal(new ReplayOutcome(10 / 18.0, 10, 1, 0), outcome);
    }

    [Fact]
    public void What_cannot_be_replayed_is_refused()
    {
        Assert.Throws<BadInputException>(() => new PrunerReplay([], ObjectiveDirection.Minimize));
        Assert.Throws<BadInputException>(() => new PrunerReplay([Trial(0, _ => double.NaN, 3)], ObjectiveDirection.Minimize));
        Assert.Contains("3, 4 steps", Assert.Throws<BadInputException>(() => new PrunerReplay([Trial(0, _ => 1, 3), Trial(1, _ => 1, 4)], ObjectiveDirection.Minimize)).Message, StringComparison.Ordinal);
        Assert.Contains("needs at least 9 trials", Assert.Throws<BadInputException>(() => Parallel(4, 9).Once(new ReplaySettings("successive_halving", 1, 3, 1), [0, 1, 2, 3])).Message, StringComparison.Ordinal);
    }

    /// <summary>Constant curves: trial t has t + 1 at every step, so trial 0 is the best.</summary>
    private static PrunerReplay Parallel(int trials, int steps) => new([.. Enumerable.Range(0, trials).Select(t => Trial(t, _ => t + 1, steps))], ObjectiveDirection.Minimize);

    private static ReplayedTrial Trial(int number, Func<long, double> value, int steps) =>
        new(number, [new ReplayedCurve([.. Enumerable.Range(1, steps).Select(step => ((long)step, value(step)))], steps, value(steps))]);
}
