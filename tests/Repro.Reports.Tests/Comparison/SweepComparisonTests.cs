using Repro.Reports.Comparison;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Tests.Comparison;

public sealed class SweepComparisonTests
{
    [Fact]
    public void The_same_study_twice_ends_with_the_same_bits_in_every_trial()
    {
        var comparison = Compare(Search(), Search());
        Assert.False(comparison.OutcomesDiffer || comparison.Options.Differ);
        Assert.Equal("4 of 4 trials with equal options and seed end with the same bits, and so are their whole curves.", comparison.Conclusions[0]);
        Assert.Contains(comparison.Conclusions, sentence => sentence.Contains("is no estimate of anything, and has no interval", StringComparison.Ordinal));
        Assert.Contains("A has not confirmed its choice on fresh seeds, so the choices cannot be compared with uncertainty: ./repro sweep rates --confirm 5", comparison.Conclusions);
    }

    [Fact]
    public void Trials_that_came_to_something_else_are_named_and_their_difference_has_an_interval()
    {
        // Differences 0, 0, 1, 1 over four pairs: 0.5, with t(0.975, 3) = 3.182446 and a standard error of sqrt(1/12).
        var comparison = Compare(Search(), Search(run => 10 + run.Run.Trial + (run.Run.Trial > 1 ? 1 : 0)));
        Assert.True(comparison.OutcomesDiffer);
        Assert.Equal([2, 3], comparison.Trials.Parted.Select(pair => pair.A.Key.Trial));
        Assert.Equal((1.0, 1L), (comparison.Trials.Parted[0].Difference!.Value, comparison.Trials.Parted[0].Curves.First!.Step));
        Assert.StartsWith("2 of 4 trials with equal options and seed end with the same bits", comparison.Conclusions[0], StringComparison.Ordinal);
        Assert.Equal("Over those 4 pairs validation_error is +0.5 in B, with an interval of -0.4187 to +1.419 (95 %, paired).", comparison.Conclusions[1]);
    }

    [Fact]
    public void Trials_are_matched_by_options_and_seed_whatever_their_numbers()
    {
        var longer = Search(study: DrivenSweep.Search with { Trials = 6 });
        var comparison = Compare(Search(), longer);
        Assert.Equal([new Difference("budget", "4 trials", "6 trials")], comparison.Options.Differences);
        Assert.Equal((4, 0, 2), (comparison.Trials.Pairs.Count, comparison.Trials.AloneA.Count, comparison.Trials.AloneB.Count));
        Assert.True(comparison.OutcomesDiffer);
        Assert.Contains("2 runs are in B alone.", comparison.Conclusions);
        // An option that one study fixes and every trial of the other sets says the same.
        var elsewhere = Search(study: DrivenSweep.Search with { Fixed = Configuration.Parse("depth=20") });
        Assert.Empty(EqualTrials.Of(Search().Compared(), elsewhere.Compared()).Pairs);
        Assert.Equal(4, EqualTrials.Of(Search().Compared() with { ProfileOptions = new Dictionary<string, string> { ["depth"] = "20" } }, elsewhere.Compared()).Pairs.Count);
    }

    [Fact]
    public void Sweeps_of_other_seeds_or_experiments_have_no_pairs()
    {
        Assert.StartsWith("No run of one has the options and the seed", Compare(Search(), Search(seed: 8)).Conclusions[0], StringComparison.Ordinal);
        var other = Compare(Search(), Search(study: DrivenSweep.Search with { Experiment = "forest" }));
        Assert.Empty(other.Trials.Pairs);
        Assert.StartsWith("They are sweeps of two experiments, net and forest", other.Conclusions[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Confirmations_are_compared_on_validation_and_test_stays_sealed()
    {
        var (a, b) = (Search().Confirm(3, run => 10 + run.Run.Index), Search().Confirm(3, run => 11 + (2 * run.Run.Index)));
        var sealedOnes = SweepComparison.Of(a.Compared(), b.Compared());
        var means = Assert.Single(sealedOnes.Means);
        Assert.Equal(("validation_error", true, 2.0), (means.Metric, means.Paired, means.Difference!.Value));
        Assert.DoesNotContain(sealedOnes.Conclusions, sentence => sentence.Contains("test", StringComparison.Ordinal));
        Assert.Equal(["validation_error", "test_error"], SweepComparison.Of(a.Compared(showTest: true), b.Compared(showTest: true)).Means.Select(each => each.Metric));
    }

    [Fact]
    public void A_difference_of_test_scores_alone_is_not_seen_while_they_are_sealed()
    {
        var a = Search().Confirm(3, run => 10 + run.Run.Index);
        var b = Search();
        b.Decide(d => d.Confirm(null, 3));
        while (b.Coordinator.Decide(d => d.Claim("cpu-0", host: "ada")) is { } run)
        {
            b.Report(run, 10 + run.Run.Index);
            b.Decide(d => d.Complete(run.Run, run.Attempt, 8, new Dictionary<string, double> { [DrivenSweep.Metric] = 10 + run.Run.Index, ["test_error"] = 99 }));
        }
        Assert.False(SweepComparison.Of(a.Compared(), b.Compared()).OutcomesDiffer);
        Assert.True(SweepComparison.Of(a.Compared(showTest: true), b.Compared(showTest: true)).OutcomesDiffer);
    }

    [Fact]
    public void Arms_and_what_they_do_to_the_baseline_are_compared_under_one_level()
    {
        var a = new DrivenSweep(DrivenSweep.Ablation).CompleteAll(run => 10 + run.Run.Trial + (0.1 * run.Run.Index));
        var b = new DrivenSweep(DrivenSweep.Ablation).CompleteAll(run => 10 + (3 * run.Run.Trial) + (0.2 * run.Run.Index));
        var comparison = SweepComparison.Of(a.Compared(), b.Compared());
        Assert.Equal(["baseline", "arm plain", "plain - baseline"], comparison.Means.Select(means => means.What));
        Assert.Equal([0.1, 2.1, 2.0], comparison.Means.Select(means => Math.Round(means.Difference!.Value, 9)));
        Assert.All(comparison.Means, means => Assert.Equal(1 - (0.05 / 3), means.Interval!.Level, 12));
        Assert.Contains(comparison.Conclusions, sentence => sentence.Contains("hold together with 95 %", StringComparison.Ordinal));
        // The first seed's run of the baseline has the value 10 in both.
        Assert.StartsWith("1 of 6 runs with equal options and seed", comparison.Conclusions[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Studies_are_compared_fact_by_fact()
    {
        var changed = DrivenSweep.Search with
        {
            Space = new SearchSpace([CompactForm.Parse("learning_rate=log:1e-2..1"), CompactForm.Parse("depth=20")]), Pruner = "median", Seeds = 2, Retries = new RetryLimits(Crash: 5), WallTime = TimeSpan.FromMinutes(90),
        };
        var differences = Compare(Search(), new DrivenSweep(changed)).Options.Differences;
        Assert.Equal(["learning_rate", "pruner", "runs a configuration", "retries", "depth", "wall time"], differences.Select(difference => difference.Fact));
        Assert.Equal(new Difference("learning_rate", "searched, scientific: log:0.001..1", "searched, scientific: log:0.01..1"), differences[0]);
    }

    private static DrivenSweep Search(Func<Assignment, double>? end = null, Study? study = null, ulong seed = 7) => new DrivenSweep(study ?? DrivenSweep.Search, seed).CompleteAll(end ?? (run => 10 + run.Run.Trial));

    private static SweepComparison Compare(DrivenSweep a, DrivenSweep b) => SweepComparison.Of(a.Compared(), b.Compared());
}
