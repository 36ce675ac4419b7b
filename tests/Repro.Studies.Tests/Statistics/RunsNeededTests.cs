using Repro.Studies.Randomness;
using Repro.Studies.Statistics;
using static Repro.Studies.Tests.Statistics.SciPyReference;

namespace Repro.Studies.Tests.Statistics;

public class RunsNeededTests
{
    private static readonly RunsDesign Pairs = new RunsDesign.Paired();

    [Fact]
    public void The_power_of_a_difference_is_SciPys_noncentral_t()
    {
        foreach (var row in Rows("power_difference")) Close(row.Number("power"), Power.OfDifference(row.Number("effect"), row.Number("degrees"), row.Number("alpha")), 1e-8, 1e-10);
    }

    [Fact]
    public void The_power_of_equivalence_is_SciPys_adaptive_quadrature()
    {
        foreach (var row in Rows("power_equivalence"))
            Close(row.Number("power"), Power.OfEquivalence(row.Number("margin"), row.Number("degrees"), row.Number("alpha"), row.Number("effect")), 1e-8, 1e-10);
    }

    [Fact]
    public void Upper_limits_of_a_deviation_are_SciPys()
    {
        foreach (var row in Rows("upper_deviation"))
            Close(2 * row.Number("factor"), RunsNeeded.UpperDeviation(new Sample(0, 2, (int)row.Number("count")), row.Number("confidence")), 1e-8);
    }

    [Fact]
    public void A_strict_test_of_two_runs_has_the_power_that_its_level_leaves_it() => Assert.Equal(1e-7, Power.OfDifference(0, 1, 1e-7), 1e-12);

    // Cohen 1988, table 2.4.1: two-sided .05, power .8, d = .5: 64 a side; the textbook answer for pairs is 34.
    [Theory]
    [InlineData(true, 34)]
    [InlineData(false, 64)]
    public void A_medium_effect_needs_the_textbooks_runs(bool paired, int runs) =>
        Assert.Equal(runs, RunsNeeded.ForDifference(paired ? Pairs : new RunsDesign.Independent(), 1, 0.5, 1000, alpha: 0.025).Runs);

    [Fact]
    public void The_runs_named_are_the_fewest_whose_power_suffices()
    {
        foreach (var design in (RunsDesign[])[Pairs, new RunsDesign.Independent(), new RunsDesign.AgainstDraw(30)])
        {
            foreach (var ratio in (double[])[0.7, 1, 2, 5])
            {
                foreach (var equivalence in (bool[])[false, true])
                {
                    double At(int n) => design.At(n) is var (error, degrees) && equivalence ? Power.OfEquivalence(ratio / error, degrees) : Power.OfDifference(ratio / design.At(n).Error, design.At(n).Degrees);
                    var needed = equivalence ? RunsNeeded.ForEquivalence(design, 1, ratio, 200) : RunsNeeded.ForDifference(design, 1, ratio, 200);
                    var first = Enumerable.Range(2, 199).First(n => At(n) >= 0.8);
                    Assert.Equal((first, At(first)), (needed.Runs!.Value, needed.Power));
                }
            }
        }
    }

    [Fact]
    public void The_power_promised_is_the_share_of_simulated_studies_that_decide()
    {
        var needed = RunsNeeded.ForEquivalence(new RunsDesign.AgainstDraw(), 0.2, 0.75, 50);
        var pairs = RunsNeeded.ForDifference(Pairs, 0.2, 0.2, 50);
        const int studies = 20_000;
        var (equivalent, found) = (0, 0);
        for (var i = 0; i < studies; i++)
        {
            var philox = new Philox(7, RandomPurpose.GeneratedData, i);
            var paper = StudentTTests.Normals(ref philox, 1, 7, 0.2)[0];
            if (Equivalence.WithDraw(StudentTTests.Normals(ref philox, needed.Runs!.Value, 7, 0.2), paper, 0.75).IsEquivalent) equivalent++;
            if (StudentT.Paired(StudentTTests.Normals(ref philox, pairs.Runs!.Value, 0.2, 0.2), 0.9).Low > 0) found++;
        }
        Assert.Equal(needed.Power, equivalent / (double)studies, 0.01);
        Assert.Equal(pairs.Power, found / (double)studies, 0.01);
    }

    [Fact]
    public void Against_one_draw_of_a_paper_no_number_of_runs_may_suffice_and_then_it_says_so()
    {
        // Within two deviations: in the limit the power is 2 Phi(2 - 1.645) - 1 = .277.
        var never = RunsNeeded.ForEquivalence(new RunsDesign.AgainstDraw(), 0.5, 1, 1_000_000);
        Assert.Null(never.Runs);
        Assert.Equal(0.277, never.Limit, 0.001);
        Assert.Equal(never.Limit, never.Power, 0.001);
        Assert.Equal("No number of runs can show equivalence within 1 with a power of 0.8 at a standard deviation of 0.5: the paper's number is itself one draw, and its own error limits the power to 0.28. "
            + "Only more runs by the paper would.", never.Sentence);
        // The same margin with five runs behind the paper's mean is enough.
        Assert.NotNull(RunsNeeded.ForEquivalence(new RunsDesign.AgainstDraw(5), 0.5, 1, 1000).Runs);
    }

    [Fact]
    public void Beyond_the_largest_n_it_says_what_that_reaches()
    {
        var more = RunsNeeded.ForDifference(Pairs, 1, 0.1, 20);
        Assert.Null(more.Runs);
        Assert.Equal(1, more.Limit);
        Assert.Equal("More than 20 runs are needed to find a difference of 0.1 with a power of 0.8 at a standard deviation of 1: 20, the most there may be, reach 0.11.", more.Sentence);
        Assert.Equal("27 runs or pairs find a difference of 0.5 with a power of 0.8 at a standard deviation of 1.", RunsNeeded.ForDifference(Pairs, 1, 0.5, 100).Sentence);
        Assert.Equal(2, RunsNeeded.ForDifference(Pairs, 0, 0.1, 20).Runs);
    }

    [Fact]
    public void Questions_without_an_answer_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RunsNeeded.ForDifference(Pairs, 1, 0, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => RunsNeeded.ForDifference(Pairs, double.NaN, 1, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => RunsNeeded.ForDifference(Pairs, 1, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => RunsNeeded.ForEquivalence(new RunsDesign.AgainstDraw(0), 1, 1, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => RunsNeeded.ForEquivalence(Pairs, 1, 1, 10, power: 1));
    }
}
