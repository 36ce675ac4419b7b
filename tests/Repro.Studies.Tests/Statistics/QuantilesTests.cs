using Repro.Studies.Statistics;

namespace Repro.Studies.Tests.Statistics;

public sealed class QuantilesTests
{
    // By hand: the place of a share p is 3 p, counted from 0: 0.3 between 1 and 2, 0.75 there, 1.5 between 2 and 4, 2.7 between 4 and 8.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.1, 1.3)]
    [InlineData(0.25, 1.75)]
    [InlineData(0.5, 3)]
    [InlineData(0.9, 6.8)]
    [InlineData(1, 8)]
    public void Quantiles_lie_linearly_between_order_statistics(double share, double expected)
    {
        Assert.Equal(expected, Quantiles.Of([1.0, 2, 4, 8], share), 1e-12);
        Assert.Equal(expected, Quantiles.Of([1f, 2, 4, 8], share), 1e-12);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(48)]
    [InlineData(2000)]
    public void Of_values_in_equal_steps_each_quantile_is_the_share_of_the_way(int count)
    {
        double[] values = [.. Enumerable.Range(0, count).Select(i => 3 + (0.5 * i))];
        foreach (var share in new[] { 0, 0.025, 0.05, 0.5, 0.9, 0.975, 1 }) Assert.Equal(3 + (0.5 * share * (count - 1)), Quantiles.Of<double>(values, share), 1e-9);
    }

    [Fact]
    public void One_value_is_its_own_quantile_at_every_share()
    {
        foreach (var share in new[] { 0, 0.3, 1 }) Assert.Equal(5, Quantiles.Of([5.0], share));
    }

    // In float32 the difference of the two would be 2^30 itself.
    [Fact]
    public void Single_precision_is_left_before_anything_is_computed() => Assert.Equal(536_870_911.5, Quantiles.Of([-1f, 1_073_741_824f], 0.5));

    [Fact]
    public void The_greatest_value_is_itself_to_the_last_bit_and_may_be_infinite()
    {
        Assert.Equal(0.1, Quantiles.Of([-1e17, 0.1], 1));
        Assert.Equal(double.PositiveInfinity, Quantiles.Of([0.0, double.PositiveInfinity], 1));
    }

    [Fact]
    public void No_values_have_no_quantile() => Assert.Throws<IndexOutOfRangeException>(() => Quantiles.Of<double>([], 0.5));
}
