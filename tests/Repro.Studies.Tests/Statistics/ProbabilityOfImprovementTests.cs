using MathNet.Numerics.Distributions;
using Repro.Studies.Randomness;
using Repro.Studies.Samplers;
using Repro.Studies.Statistics;
using static Repro.Studies.Tests.Statistics.SciPyReference;

namespace Repro.Studies.Tests.Statistics;

public class ProbabilityOfImprovementTests
{
    private const ObjectiveDirection Up = ObjectiveDirection.Maximize;

    [Fact]
    public void Over_unpaired_runs_it_is_SciPys_U_over_all_pairs_with_ties_half()
    {
        foreach (var row in Rows("mann_whitney"))
        {
            var (a, b) = (row.Numbers("a"), row.Numbers("b"));
            Close(row.Number("share"), ProbabilityOfImprovement.UnpairedUnchecked(a, b, Up, 0.75, 0.95, 0).Value, 1e-14);
            Close(1 - row.Number("share"), ProbabilityOfImprovement.UnpairedUnchecked(a, b, ObjectiveDirection.Minimize, 0.75, 0.95, 0).Value, 1e-14);
        }
    }

    [Fact]
    public void Over_pairs_it_is_the_share_that_is_better_with_ties_half() =>
        Assert.Equal(0.625, ProbabilityOfImprovement.PairedUnchecked([1, 2, 3, 4], [0, 2, 9, 3], Up, 0.75, 0.95, 0).Value);

    // Noether's sample size; 29 is the published one, the others worked from 10.822 / (6 (gamma - .5)^2).
    [Theory]
    [InlineData(0.75, 29)]
    [InlineData(0.7, 46)]
    [InlineData(0.9, 12)]
    public void Pairs_that_tell_gamma_from_chance_are_29_at_three_quarters(double gamma, int pairs) => Assert.Equal(pairs, ProbabilityOfImprovement.PairsFor(gamma));

    [Theory]
    [InlineData(0.50, 0.99, ImprovementOutcome.NotSignificant)]
    [InlineData(0.51, 0.75, ImprovementOutcome.NotMeaningful)]
    [InlineData(0.51, 0.76, ImprovementOutcome.SignificantAndMeaningful)]
    [InlineData(0.80, 0.90, ImprovementOutcome.SignificantAndMeaningful)]
    public void The_outcome_follows_from_both_ends_of_the_interval(double low, double high, ImprovementOutcome outcome) =>
        Assert.Equal(outcome, new ProbabilityOfImprovement(0.7, new Studies.Statistics.Interval(low, high, 0.95), 0.75, 29, 29).Outcome);

    [Fact]
    public void Pairs_use_what_both_sides_share()
    {
        // B varies with A: unpaired they overlap, and every pair agrees.
        double[] b = [.. Enumerable.Range(0, 29).Select(i => (double)i)], a = [.. b.Select(value => value + 0.5)];
        Assert.Equal(ImprovementOutcome.SignificantAndMeaningful, ProbabilityOfImprovement.Paired(a, b, Up).Outcome);
        Assert.Equal(ImprovementOutcome.NotSignificant, ProbabilityOfImprovement.Unpaired(a, b, Up).Outcome);
        Assert.Equal(ProbabilityOfImprovement.Unpaired(a, b, Up, seed: 3), ProbabilityOfImprovement.Unpaired(a, b, Up, seed: 3));
    }

    [Fact]
    public void Over_pairs_it_covers_93_percent_from_29_on_and_less_with_fewer()
    {
        Assert.All([29, 30, 35, 50], pairs => Assert.InRange(PairedCoverage(pairs), 0.93, 0.97));
        Assert.All([5, 8, 12], pairs => Assert.True(PairedCoverage(pairs) < 0.92));
    }

    [Fact]
    public void Over_unpaired_runs_it_covers_93_percent_from_20_on_and_less_with_5()
    {
        Assert.InRange(UnpairedCoverage(ProbabilityOfImprovement.LeastRuns), 0.93, 0.97);
        Assert.True(UnpairedCoverage(5) < 0.92);
    }

    [Fact]
    public void Too_few_are_refused_with_what_holds_instead()
    {
        Assert.Equal("A bootstrap interval of P(A > B) over pairs holds from 29 pairs on; there are 28. With fewer take the paired differences' Student-t interval or the sign-flip test.", ProbabilityOfImprovement.PairedRefusal(28));
        Assert.Equal("A bootstrap interval of P(A > B) over unpaired runs holds from 20 runs a side on; there are 40 and 19. With fewer take Welch's interval of the difference.", ProbabilityOfImprovement.UnpairedRefusal(40, 19));
        Assert.Null(ProbabilityOfImprovement.PairedRefusal(29));
        Assert.Null(ProbabilityOfImprovement.UnpairedRefusal(20, 20));
        Assert.Throws<ArgumentException>(() => ProbabilityOfImprovement.Paired(new double[28], new double[28], Up));
        Assert.Throws<ArgumentException>(() => ProbabilityOfImprovement.Paired(new double[29], new double[30], Up));
        Assert.Throws<ArgumentException>(() => ProbabilityOfImprovement.Unpaired(new double[19], new double[20], Up));
        Assert.Throws<ArgumentException>(() => ProbabilityOfImprovement.Unpaired([.. new double[19], double.NaN], new double[20], Up));
    }

    /// <summary>Over true probabilities from 0.5 to 0.75: the binomial chance of each count of wins, times whether its interval holds the truth.</summary>
    private static double PairedCoverage(int pairs)
    {
        var intervals = Enumerable.Range(0, pairs + 1).Select(wins =>
            ProbabilityOfImprovement.PairedUnchecked([.. Enumerable.Range(0, pairs).Select(i => i < wins ? 1.0 : -1.0)], new double[pairs], Up, 0.75, 0.95, 1).Interval).ToList();
        return Enumerable.Range(0, 26).Average(step =>
        {
            var truth = 0.5 + (step / 100.0);
            return intervals.Select((interval, wins) => interval.Low <= truth + 1e-12 && truth - 1e-12 <= interval.High ? Binomial.PMF(truth, pairs, wins) : 0).Sum();
        });
    }

    /// <summary>Over normal runs whose true probability is .5, .6 or .75, with equal and with unequal deviations.</summary>
    private static double UnpairedCoverage(int runs)
    {
        var coverages = new List<double>();
        foreach (var (truth, deviation) in ((double, double)[])[(0.5, 1), (0.6, 1), (0.75, 1), (0.5, 3), (0.75, 3)])
        {
            var setting = coverages.Count;
            var shift = Normal.InvCDF(0, 1, truth) * Math.Sqrt(1 + (deviation * deviation));
            var hits = new bool[1000];
            Parallel.For(0, hits.Length, i =>
            {
                var philox = new Philox(9, RandomPurpose.GeneratedData, (setting * 100_000) + i);
                var (a, b) = (StudentTTests.Normals(ref philox, runs, shift, 1), StudentTTests.Normals(ref philox, runs, 0, deviation));
                hits[i] = ProbabilityOfImprovement.UnpairedUnchecked(a, b, Up, 0.75, 0.95, (ulong)i, 300).Interval.Contains(truth);
            });
            coverages.Add(hits.Count(hit => hit) / (double)hits.Length);
        }
        return coverages.Average();
    }
}
