using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Statistics;
using Repro.Studies.Sweeps;
using Repro.Studies.Tests.Sweeps;

namespace Repro.Studies.Tests.Statistics;

public sealed class PairedArmsTests
{
    [Fact]
    public void Arms_are_compared_in_pairs_of_equal_seeds_and_held_to_one_level_together()
    {
        // Six pairs reach p = 1/32: below 0.05, and above 0.05 / 2, which the smaller of two p-values has to reach.
        var one = PairedArms.Of(Study(6, "up"), Sweep(6, Rise, "up"));
        Assert.Equal([1, 1, 1, 1, 1, 1], one.Arms[0].Differences);
        Assert.Equal((1 / 32.0, true), (one.Arms[0].P, one.Arms[0].Differs));
        var two = PairedArms.Of(Study(6, "up", "same"), Sweep(6, Rise, "up", "same"));
        Assert.Equal([false, false], two.Arms.Select(arm => arm.Differs));
        // Seven pairs reach 1/64; the other arm's p of 1 is then held to 0.05 by itself.
        Assert.Equal([true, false], PairedArms.Of(Study(7, "up", "same"), Sweep(7, Rise, "up", "same")).Arms.Select(arm => arm.Differs));
    }

    [Fact]
    public void A_pair_of_which_one_run_failed_or_ended_in_no_number_is_no_pair()
    {
        var paired = PairedArms.Of(Study(4, "up"), Sweep(4, run => run.Run == new RunKey(0, 1) ? double.NaN : Rise(run), "up"));
        Assert.Equal((3, 4, 3), (paired.Baseline.Count, paired.Arms[0].Values.Count, paired.Arms[0].Differences.Count));
        Assert.Equal(1 / 4.0, paired.Arms[0].P);
    }

    [Fact]
    public void Pairs_that_diverged_on_either_side_are_counted_once_each()
    {
        // The baseline diverges on run 1, the arm on runs 1 and 2.
        var paired = PairedArms.Of(Study(4, "up"), Sweep(4, run => run.Run.Index == 1 || run.Run == new RunKey(1, 2) ? double.PositiveInfinity : Rise(run), "up"));
        Assert.Equal((2, 2, "inconclusive; 2 pairs diverged"), (paired.Arms[0].Differences.Count, paired.Arms[0].PairsLost, paired.Arms[0].Reading));
        Assert.Equal([(AblationArm.Baseline, 4, 1), ("up", 4, 2)], paired.Diverged.Select(arm => (arm.Arm, arm.Ended, arm.Seeds.Count)));
        Assert.Contains("1 of 4 runs of baseline diverged (seed ", paired.Warning, StringComparison.Ordinal);
        Assert.Contains("2 of 4 runs of up diverged (seeds ", paired.Warning, StringComparison.Ordinal);
        var sound = PairedArms.Of(Study(4, "up"), Sweep(4, Rise, "up"));
        Assert.Equal((0, null), (sound.Arms[0].PairsLost, sound.Warning));
    }

    [Fact]
    public void Before_anything_completed_there_is_nothing_to_compare()
    {
        var paired = PairedArms.Of(Study(3, "up"), new SweepState());
        Assert.Empty(paired.Baseline);
        Assert.Equal((0, 1, false), (paired.Arms[0].Differences.Count, paired.Arms[0].P, paired.Arms[0].Differs));
    }

    // The baseline is trial 0, the arm "up" trial 1; the arm "same" is the baseline again.
    private static double Rise(Assignment run) => run.Run.Index + (run.Run.Trial == 1 ? 1 : 0);

    private static Study Study(int seeds, params string[] arms) => SweepFixture.Search() with
    {
        Space = new SearchSpace([]), Trials = 0, Seeds = seeds, Objective = new Objective("loss", ObjectiveDirection.Minimize),
        Arms = [.. arms.Select((arm, i) => new AblationArm(arm, "It differs.", Configuration.Parse($"rate={i + 1}")))],
    };

    private static SweepState Sweep(int seeds, Func<Assignment, double> value, params string[] arms)
    {
        var sweep = new SweepFixture(Study(seeds, arms));
        while (sweep.Person.Decide(d => d.Claim("slot")) is { } run) sweep.Person.Decide(d => d.Complete(run.Run, run.Attempt, 64, SweepFixture.Loss(value(run))));
        return sweep.State;
    }
}
