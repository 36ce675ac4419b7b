using Repro.Studies.Randomness;
using Repro.Studies.Statistics;

namespace Repro.Studies.Tests.Statistics;

public class DieboldMarianoTests
{
    [Fact]
    public void Windows_that_share_nothing_are_compared_as_pairs_are()
    {
        double[] differences = [0.3, -0.1, 0.4, 0.2, 0.5];
        var expected = StudentT.MeanOf(differences);
        var found = DieboldMariano.Between([0, 20, 40, 60, 80], [[0, 0, 0, 0, 0]], [differences], horizon: 10);
        Assert.Equal(expected.Value, found.Value, 12);
        Assert.Equal(expected.StandardError, found.StandardError, 12);
        Assert.Equal(expected.Degrees, found.Degrees, 12);
    }

    [Fact]
    public void Neighbours_count_with_weights_that_fall_to_0_at_twice_the_horizon()
    {
        // Starts 0, 1, 8; horizon 4: lags 1, 7 and 8 of 8 have the weights 7/8, 1/8 and 0; two windows begin 8 apart.
        double[] d = [1, 2, 6];
        var (a, b, c) = (-2.0, -1.0, 3.0);
        var sum = (a * a) + (b * b) + (c * c) + (2 * 7 / 8.0 * a * b) + (2 * 1 / 8.0 * b * c);
        var found = DieboldMariano.Between([0, 1, 8], [[0, 0, 0]], [d], horizon: 4);
        Assert.Equal(3, found.Value, 12);
        Assert.Equal(Math.Sqrt(sum / 9 * 2), found.StandardError, 12);
        Assert.Equal(1, found.Degrees, 12);
    }

    [Fact]
    public void Of_overlapping_windows_an_interval_holds_the_truth_as_often_as_it_says_and_one_that_takes_them_for_independent_does_not()
    {
        const int Horizon = 24, Rows = 480, Times = 300;
        int[] starts = [.. Enumerable.Range(0, Rows - Horizon + 1)];
        double[] nothing = new double[starts.Length];
        var (held, naive) = (0, 0);
        for (var time = 0; time < Times; time++)
        {
            // A window's loss is the mean over its rows, so that the losses of windows one row apart have all but one in common. The truth is 0.
            var numbers = new Philox(5, RandomPurpose.Bootstrap, time);
            double[] rows = [.. Enumerable.Range(0, Rows).Select(_ => numbers.NextNormal())];
            double[] losses = [.. starts.Select(start => rows.AsSpan(start, Horizon).ToArray().Average())];
            if (DieboldMariano.Between(starts, [nothing], [losses], Horizon).Interval().Contains(0)) held++;
            if (StudentT.Mean(losses).Contains(0)) naive++;
        }
        Assert.InRange((double)held / Times, 0.91, 0.99);
        Assert.InRange((double)naive / Times, 0, 0.5);
    }

    [Fact]
    public void What_seeds_scatter_adds_to_what_windows_scatter()
    {
        int[] starts = [0, 20, 40, 60];
        double[] first = [1, 2, 1, 2], shifted = [3, 4, 3, 4], zero = [0, 0, 0, 0];
        var alone = DieboldMariano.Between(starts, [zero], [[2, 3, 2, 3]], 10);
        var both = DieboldMariano.Between(starts, [zero], [first, shifted], 10);
        Assert.Equal(alone.Value, both.Value, 12);
        // Two seeds with means 1.5 and 3.5: a standard error of 1.
        Assert.Equal((alone.StandardError * alone.StandardError) + 1, both.StandardError * both.StandardError, 12);
        Assert.True(both.Degrees < alone.Degrees);
    }

    [Fact]
    public void What_tells_nothing_is_refused()
    {
        Assert.Contains("no two of which begin 20 rows apart", Assert.Throws<ArgumentException>(() => DieboldMariano.Between([0, 3], [[1, 1]], [[2, 2]], 10)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => DieboldMariano.Between([3, 0], [[1, 1]], [[2, 2]], 1));
        Assert.Throws<ArgumentException>(() => DieboldMariano.Between([0, 3], [[1]], [[2, 2]], 1));
        Assert.Throws<ArgumentException>(() => DieboldMariano.Between([0, 3], [[1, double.NaN]], [[2, 2]], 1));
    }
}
