using Repro.Reports.Claims;
using Repro.Studies.Papers;
using Repro.Studies.Randomness;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Statistics;
using static Repro.Reports.Tests.Claims.ExampleEvidence;

namespace Repro.Reports.Tests.Claims;

public sealed class JudgeTests
{
    private static readonly ExampleOptions Deep = new() { Depth = 32 };

    [Fact]
    public void Ten_runs_close_to_the_papers_number_reproduce_it()
    {
        var judged = Judged(Value, Scored([8.70, 8.80, 8.74, 8.76, 8.72, 8.78, 8.75, 8.73, 8.77, 8.75]));
        Assert.Equal((Verdict.Reproduced, 10, 2), (judged.Verdict, judged.Runs, judged.Look!.Number));
        Assert.Contains("prediction interval for the paper's single run", judged.Test, StringComparison.Ordinal);
        Assert.Contains("all of it is within ±0.35", judged.Reason, StringComparison.Ordinal);
        Assert.Null(judged.Needed);
    }

    [Fact]
    public void The_interval_is_the_prediction_interval_of_one_further_run()
    {
        double[] values = [8.6, 8.8, 8.9];
        var look = new AlphaSpending(Value.Looks, Judge.Alpha).At(3)!;
        var expected = StudentT.Prediction(values, 1 - (2 * look.Level));
        var comparison = Assert.Single(Judged(Value, Scored(values)).Comparisons);
        Assert.Equal(expected.Low - 8.75, comparison.Interval.Low, 9);
        Assert.Equal(expected.High - 8.75, comparison.Interval.High, 9);
    }

    [Fact]
    public void Runs_far_from_the_papers_number_do_not_reproduce_it()
    {
        var judged = Judged(Value, Scored(Enumerable.Range(0, 10).Select(i => 12 + (0.01 * i))));
        Assert.Equal(Verdict.NotReproduced, judged.Verdict);
        Assert.Contains("none of it is within", judged.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void One_run_is_inconclusive_even_at_the_papers_very_number()
    {
        var judged = Judged(Value, Scored([8.75]));
        Assert.Equal((Verdict.Inconclusive, 0, 1), (judged.Verdict, judged.Runs, judged.Count));
        Assert.Contains("n = 1", judged.Reason, StringComparison.Ordinal);
        // How far runs differ is not known from one.
        Assert.Equal((null, 3), (judged.Needed!.Runs, judged.Needed.NextLook));
    }

    [Fact]
    public void Nothing_is_concluded_between_two_looks_and_only_the_runs_of_the_look_count()
    {
        var judged = Judged(Value, Scored([8.74, 8.76, 8.75, 30, 40, 50]));
        Assert.Equal((3, 6), (judged.Runs, judged.Evidence.Count));
        Assert.Equal([8.74, 8.76, 8.75], judged.Settings[0].Values);
        Assert.Equal(["run-20-1", "run-20-2", "run-20-3"], judged.RunIds);
    }

    [Fact]
    public void An_open_verdict_says_how_many_runs_would_decide_and_what_they_cost()
    {
        var judged = Judged(Value, Scored([8.65, 8.75, 8.85]));
        Assert.Equal(Verdict.Inconclusive, judged.Verdict);
        Assert.Equal((7, 3.5), (judged.Needed!.Runs, judged.Needed.Hours));
        Assert.StartsWith("7 more runs, some 3.5 hours", judged.Needed.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_paper_s_one_draw_is_too_uncertain_no_number_of_runs_decides()
    {
        var judged = Judged(Value, Scored([8.0, 8.75, 9.5]));
        Assert.Null(judged.Needed!.Runs);
        Assert.Contains("one draw", judged.Needed.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void While_a_look_is_left_the_runs_to_it_are_named_and_never_another_tolerance()
    {
        var judged = Judged(Value with { Looks = [3, 5, 10] }, Scored([8.0, 8.75, 9.5]));
        Assert.StartsWith("The next look, at 5 runs, takes 2 more runs, some 1 hour at the pace of those made; the last, at 10, takes 7 more runs, some 3.5 hours at the pace of those made. They are not likely to decide: ", judged.Needed!.Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("arger tolerance", judged.Needed.Sentence, StringComparison.Ordinal);
        Assert.Equal(5, judged.Needed.NextLook);
        // With one look left there is no last one beside it.
        Assert.StartsWith("The next look, at 10 runs, takes 7 more runs, some 3.5 hours at the pace of those made. They", Judged(Value, Scored([8.0, 8.75, 9.5])).Needed!.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void The_largest_n_is_the_end_decided_or_not()
    {
        var judged = Judged(Value, Scored(Enumerable.Range(0, 12).Select(i => 8.0 + (0.15 * i))));
        Assert.Equal((Verdict.Inconclusive, 10), (judged.Verdict, judged.Runs));
        Assert.Equal((null, true), (judged.Needed!.Runs, judged.Needed.Sentence.Contains("largest n, 10, is reached", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_mean_of_several_runs_in_the_paper_is_compared_by_Welch()
    {
        var claim = Value with { Value = 6.61, Spread = 0.16, PaperRuns = 5, Looks = [3, 10] };
        double[] values = [6.5, 6.6, 6.8];
        var expected = StudentT.WelchOf(Sample.Of(values), new Sample(6.61, 0.16, 5));
        var comparison = Assert.Single(Judged(claim, Scored(values)).Comparisons);
        Assert.Equal((expected.Value, expected.StandardError, expected.Degrees), (comparison.Difference.Value, comparison.Difference.StandardError, comparison.Difference.Degrees));
    }

    [Fact]
    public void An_ordering_is_judged_in_pairs_of_equal_seeds()
    {
        double[] shallow = [9, 12, 10, 15, 11], deep = [8.5, 11.4, 9.5, 14.6, 10.4];
        var judged = Judged(Falls, Scored(shallow), Scored(deep, Deep));
        Assert.Equal((Verdict.Reproduced, 5), (judged.Verdict, judged.Runs));
        Assert.StartsWith("pairs of equal seeds", judged.Test, StringComparison.Ordinal);
        Assert.Equal(StudentT.MeanOf([.. deep.Zip(shallow, (d, s) => d - s)]).Value, judged.Comparisons[0].Difference.Value, 12);
        // The same numbers without pairs drown in what the seeds do.
        var apart = Judged(Falls, Scored(shallow), Scored(deep, Deep, firstSeed: 100));
        Assert.Equal(Verdict.Inconclusive, apart.Verdict);
        Assert.StartsWith("independent runs", apart.Test, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ordering_the_other_way_round_is_not_reproduced() =>
        Assert.Equal(Verdict.NotReproduced, Judged(Falls, Scored([8, 8.1, 8.2, 8.1, 8]), Scored([9, 9.2, 9.1, 9.2, 9.1], Deep)).Verdict);

    [Fact]
    public void An_ordering_with_one_setting_untested_names_what_is_missing()
    {
        var judged = Judged(Falls, Scored([8, 9, 10]));
        Assert.Equal((Verdict.Inconclusive, 0), (judged.Verdict, judged.Runs));
        Assert.Contains("No run yet of depth=32", judged.Reason, StringComparison.Ordinal);
        Assert.Equal((null, 3), (judged.Needed!.Runs, judged.Needed.NextLook));
        // What belongs to one setting is not to be taken for another.
        var three = Judged(Falls with { Settings = [.. Falls.Settings, Configuration.Parse("depth=56,residual=false")] }, Scored([8, 9, 10]), [], []);
        Assert.Contains("No run yet of depth=32; depth=56, residual=false.", three.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_step_of_a_trend_must_go_the_claimed_way()
    {
        var trend = Falls with { Kind = ClaimKind.Trend, Settings = [.. new[] { "depth=20", "depth=32", "depth=44" }.Select(Configuration.Parse)], Looks = [5], LargestN = 5 };
        double[] first = [10, 10.1, 9.9, 10.05, 9.95], second = [9, 9.1, 8.9, 9.05, 8.95], third = [8, 8.1, 7.9, 8.06, 7.94];
        var judged = Judged(trend, Scored(first), Scored(second, Deep), Scored(third, new ExampleOptions { Depth = 44 }));
        Assert.Equal((Verdict.Reproduced, 2), (judged.Verdict, judged.Comparisons.Count));
        Assert.Equal(Verdict.NotReproduced, Judged(trend, Scored(first), Scored(second, Deep), Scored([11, 11.1, 10.9, 11.05, 10.95], new ExampleOptions { Depth = 44 })).Verdict);
        Assert.Equal(Verdict.Inconclusive, Judged(trend, Scored(first), Scored(second, Deep), Scored([8.9, 9.2, 8.8, 9.1, 8.95], new ExampleOptions { Depth = 44 })).Verdict);
    }

    [Fact]
    public void Two_settings_are_the_same_where_their_difference_is_shown_to_be_small()
    {
        var same = Falls with { Kind = ClaimKind.Equivalence, Direction = null, Tolerance = 0.5, Looks = [5], LargestN = 5 };
        Assert.Equal(Verdict.Reproduced, Judged(same, Scored([9, 9.5, 10, 9.2, 9.8]), Scored([9.1, 9.4, 10.1, 9.1, 9.9], Deep)).Verdict);
        Assert.Equal(Verdict.Inconclusive, Judged(same, Scored([9, 9.5, 10, 9.2, 9.8]), Scored([9.9, 8.4, 10.9, 8.1, 10.9], Deep)).Verdict);
        Assert.Equal(Verdict.NotReproduced, Judged(same, Scored([9, 9.5, 10, 9.2, 9.8]), Scored([12.1, 12.4, 13.1, 12.1, 12.9], Deep)).Verdict);
    }

    [Fact]
    public void A_bound_is_held_against_the_mean()
    {
        var above = Value with { Kind = ClaimKind.Ordering, Value = 60, Direction = ClaimDirection.Above, Looks = [3], LargestN = 3 };
        Assert.Equal(Verdict.Reproduced, Judged(above, Scored([80, 82, 84])).Verdict);
        Assert.Equal(Verdict.NotReproduced, Judged(above, Scored([30, 32, 31])).Verdict);
        Assert.Equal(Verdict.Inconclusive, Judged(above, Scored([58, 66, 61])).Verdict);
    }

    [Fact]
    public void Diverged_runs_keep_a_claim_from_being_reproduced()
    {
        var judged = Judged(Value, Scored([8.70, 8.80, 8.74, 8.76, 8.72, 8.78, 8.75, 8.73, 8.77, 8.75]), [Failed(99, notFinite: true)]);
        Assert.Equal(Verdict.Inconclusive, judged.Verdict);
        Assert.Contains("diverged", judged.Reason, StringComparison.Ordinal);
        Assert.Equal(Verdict.Reproduced, Judged(Value, Scored([8.70, 8.80, 8.74, 8.76, 8.72, 8.78, 8.75, 8.73, 8.77, 8.75]), [Failed(99, notFinite: false)]).Verdict);
    }

    [Fact]
    public void Runs_of_another_scale_are_not_comparable_and_what_would_be_is_said()
    {
        var judged = Judged(Value, Scored([23, 24, 25], new ExampleOptions { Steps = 2000 }));
        Assert.Equal((Verdict.NotComparable, 3), (judged.Verdict, judged.Evidence.OtherScale.Count));
        Assert.Contains("steps = 2000 (asked: 64000)", judged.Reason, StringComparison.Ordinal);
        Assert.Equal(3, judged.Needed!.NextLook);
    }

    [Fact]
    public void Forecasters_are_judged_by_the_windows_that_both_forecast_and_not_by_how_little_seeds_differ()
    {
        // The second is better on one window of two, and worse on the other by nearly as much; every seed says the same.
        var claim = Falls with { OverWindows = true, Looks = [3], LargestN = 3 };
        Assert.Equal(Verdict.Reproduced, Judged(claim with { OverWindows = false }, Scored([20, 20.01, 20.02]), Scored([19.9, 19.91, 19.92], new ExampleOptions { Depth = 32 })).Verdict);
        IEnumerable<EvidenceRun> Forecasting(double mean, double[] losses, ExampleOptions? options) =>
            Scored([mean, mean + 0.01, mean + 0.02], options).Select(run => run with { Windows = metric => metric == claim.Metric ? new WindowLosses([0, 50, 100, 150, 200], losses, 10) : null });
        var unsure = Judged(claim, Forecasting(20, [1, 1, 1, 1, 1], null), Forecasting(19.9, [1.5, 0.4, 1.6, 0.3, 0.9], new ExampleOptions { Depth = 32 }));
        Assert.Equal(Verdict.Inconclusive, unsure.Verdict);
        Assert.Contains("the same 5 windows", unsure.Test, StringComparison.Ordinal);
        Assert.Null(unsure.Needed);
        Assert.Null(Judged(claim, Forecasting(20, [1, 1, 1, 1, 1], null).Take(2), Forecasting(19.9, [1.5, 0.4, 1.6, 0.3, 0.9], new ExampleOptions { Depth = 32 }).Take(2)).Needed);
        Assert.Equal(Verdict.Reproduced, Judged(claim, Forecasting(20, [1, 1.3, 1, 1.1, 1], null), Forecasting(19.9, [0.8, 1.0, 0.9, 0.8, 0.7], new ExampleOptions { Depth = 32 })).Verdict);
        Assert.Contains($"kept no {claim.Metric} of each window", Judged(claim, Scored([20, 20.01, 20.02]), Scored([19.9, 19.91, 19.92], new ExampleOptions { Depth = 32 })).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_that_differ_or_all_overlap_decide_nothing()
    {
        var claim = Falls with { OverWindows = true, Looks = [3], LargestN = 3 };
        double[] losses = [1, 1.3, 1], lower = [0.8, 1.0, 0.9];
        IEnumerable<EvidenceRun> Forecasting(double mean, double[] each, ExampleOptions? options, int[] starts, int horizon) =>
            Scored([mean, mean + 0.01, mean + 0.02], options).Select(run => run with { Windows = _ => new WindowLosses(starts, each, horizon) });
        Judgement Beside(int[] starts, int horizon) => Judged(claim, Forecasting(20, losses, null, [0, 50, 100], 10), Forecasting(19.9, lower, new ExampleOptions { Depth = 32 }, starts, horizon));
        Assert.Equal(Verdict.Reproduced, Beside([0, 50, 100], 10).Verdict);
        foreach (var judged in new[] { Beside([0, 50, 101], 10), Beside([0, 50, 100], 9) })
        {
            Assert.Equal(Verdict.Inconclusive, judged.Verdict);
            Assert.Equal("run-20-1 and run-32-1 forecast other windows, so that their losses cannot be compared one by one.", judged.Reason);
        }
        // The last begins 20 rows behind the first: with 10 rows each that is enough, with 11 it is not.
        Judgement Both(int horizon) => Judged(claim, Forecasting(20, losses, null, [0, 10, 20], horizon), Forecasting(19.9, lower, new ExampleOptions { Depth = 32 }, [0, 10, 20], horizon));
        Assert.DoesNotContain("No two of", Both(10).Reason, StringComparison.Ordinal);
        Assert.Equal((Verdict.Inconclusive, "No two of the 3 windows begin 22 rows apart: how far their losses scatter cannot be told."), (Both(11).Verdict, Both(11).Reason));
    }

    [Fact]
    public void A_transfer_claim_is_inconclusive_while_only_runs_of_other_settings_are_at_hand()
    {
        var judged = Judged(Value with { Transfer = true }, Scored([23, 24, 25], new ExampleOptions { Steps = 2000 }));
        Assert.Equal((Verdict.Inconclusive, 3), (judged.Verdict, judged.Evidence.OtherScale.Count));
        Assert.Equal("No run tests it yet.", judged.Reason);
    }

    [Fact]
    public void Runs_that_all_end_with_one_value_are_no_draws_and_decide_nothing()
    {
        var judged = Judged(Value, Scored(Enumerable.Repeat(8.75, 10)));
        Assert.Equal(Verdict.Inconclusive, judged.Verdict);
        Assert.Contains("the very same value", judged.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Looks_so_early_that_their_level_is_all_but_1_are_judged_too() => Assert.Equal(Verdict.Inconclusive, Judged(Value with { Looks = [3, 160], LargestN = 160 }, Scored([8.7, 8.75, 8.8])).Verdict);

    [Fact]
    public void What_unpaired_settings_need_is_more_than_what_pairs_of_the_same_spread_need()
    {
        var claim = Falls with { Tolerance = 1, Looks = [4, 8, 12, 16, 20], LargestN = 20 };
        double[] shallow = [10, 11, 12, 9], deep = [11, 9, 10, 12];
        Assert.True(Judged(claim, Scored(shallow), Scored(deep, Deep, firstSeed: 100)).Needed is { } apart && (apart.Runs is null || apart.Runs >= 16), "unpaired");
    }

    [Fact]
    public void A_value_of_uncertain_source_is_never_judged() =>
        Assert.Equal(Verdict.NotJudged, Judged(Value with { Uncertain = "read off Figure 6" }, Scored(Enumerable.Repeat(8.75, 10))).Verdict);

    // The paper and we run the same program; its one number is a draw like ours. Fixed seed: the shares are what they are.
    [Fact]
    public void A_perfect_reproduction_is_called_not_reproduced_at_most_as_often_as_alpha()
    {
        var (claim, refuted, wild, reproducedWrongly) = (Value with { Looks = [3, 5, 10] }, 0, 0, 0);
        for (var i = 0; i < 2000; i++)
        {
            var philox = new Philox(12, RandomPurpose.GeneratedData, i);
            var draws = Enumerable.Range(0, 22).Select(_ => MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, philox.NextDouble())).ToList();
            // Somebody looks at every look, and stops where anything is concluded.
            refuted += AnyLook(claim with { Value = 8.75 + (0.2 * draws[0]) }, [.. draws.Skip(1).Take(10).Select(z => 8.75 + (0.2 * z))], Verdict.NotReproduced);
            // Where runs vary far more than the tolerance, a draw easily falls beyond it on either side.
            wild += AnyLook(claim with { Value = 8.75 + (3 * draws[0]) }, [.. draws.Skip(1).Take(10).Select(z => 8.75 + (3 * z))], Verdict.NotReproduced);
            // The truth lies just outside of the tolerance.
            reproducedWrongly += AnyLook(claim with { Value = 8.75 + (0.05 * draws[0]) }, [.. draws.Skip(11).Take(10).Select(z => 8.75 + 0.35 + (0.05 * z))], Verdict.Reproduced);
        }
        Assert.InRange(refuted / 2000.0, 0, 0.05);
        Assert.InRange(wild / 2000.0, 0.01, 0.055);
        Assert.InRange(reproducedWrongly / 2000.0, 0.001, 0.06);

        static int AnyLook(Claim claim, double[] values, Verdict word) => claim.Looks.Any(look => Judged(claim, Scored(values.Take(look))).Verdict == word) ? 1 : 0;
    }
}
