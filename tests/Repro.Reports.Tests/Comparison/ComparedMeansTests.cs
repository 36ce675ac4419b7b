using Repro.Reports.Comparison;

namespace Repro.Reports.Tests.Comparison;

/// <summary>The quantile of Student's t with 2 degrees of freedom at 0.975 is (0.95 / sqrt(0.025 * 0.975)) / sqrt(2) = 4.302653, by its closed form.</summary>
public sealed class ComparedMeansTests
{
    private static readonly double T2 = 0.95 / Math.Sqrt(2 * 0.025 * 0.975);

    [Fact]
    public void Runs_of_equal_seeds_are_compared_pair_by_pair()
    {
        // Differences 1, 2, 3: their mean is 2 and their deviation 1, however far the seeds lie apart.
        var means = Of([(7, 10), (8, 200), (9, 3000)], [(9, 3003), (7, 11), (8, 202)]);
        Assert.True(means.Paired);
        Assert.Equal(2, means.Difference!.Value, 9);
        Assert.Equal(2 - (T2 / Math.Sqrt(3)), means.Interval!.Low, 9);
        Assert.Equal(2 + (T2 / Math.Sqrt(3)), means.Interval.High, 9);
        Assert.Equal("not decided", means.Reading);
    }

    [Fact]
    public void Runs_of_other_seeds_are_compared_by_Welch()
    {
        // Both variances are 2, so that the standard error is sqrt(2) with 2 degrees of freedom.
        var means = Of([(1, 0), (2, 2)], [(3, 10), (4, 12)]);
        Assert.False(means.Paired);
        Assert.Equal(10 - (T2 * Math.Sqrt(2)), means.Interval!.Low, 9);
        Assert.Equal("B is higher", means.Reading);
        Assert.Equal("B is lower", Of([(3, 10), (4, 12)], [(1, 0), (2, 2)]).Reading);
    }

    [Fact]
    public void Pairs_that_would_throw_runs_of_both_sides_away_are_not_made() => Assert.False(Of([(1, 0), (2, 2), (5, 1)], [(1, 10), (2, 12), (6, 11)]).Paired);

    [Fact]
    public void Equal_values_in_every_pair_are_said_to_be_that() => Assert.Equal("the same in every pair", Of([(1, 0.1), (2, 0.7)], [(1, 0.1), (2, 0.7)]).Reading);

    [Fact]
    public void One_run_a_side_has_a_difference_and_no_interval()
    {
        var means = Of([(1, 5)], [(1, 7)]);
        Assert.Equal((2.0, null, "n = 1 decides nothing"), (means.Difference!.Value, means.Interval, means.Reading));
        Assert.Equal("one side has none", Of([(1, 5)], []).Reading);
    }

    [Fact]
    public void Values_that_are_not_finite_are_left_out_and_counted()
    {
        var means = Of([(1, 0), (2, 2), (3, double.NaN)], [(1, 1), (2, 3), (3, 4)]);
        Assert.Equal((1, 2, 3), (means.LeftOut, means.A.Count, means.B.Count));
        Assert.Equal(1, means.Difference!.Value, 9);
    }

    private static ComparedMeans Of((ulong Seed, double Value)[] a, (ulong Seed, double Value)[] b) =>
        ComparedMeans.Of("confirmation", "validation_error", a.ToDictionary(run => run.Seed, run => run.Value), b.ToDictionary(run => run.Seed, run => run.Value), 0.95);
}
