using Repro.Reports.Figures;
using Repro.Studies.Statistics;

namespace Repro.Reports.Tests.Figures;

public sealed class RowNumbersTests
{
    [Theory]
    [InlineData(8.8, 8.0, 9.612, "8.80 [8.00, 9.61]")]
    [InlineData(-0.17, -1.37, 1.02, "−0.2 [−1.4, 1.0]")]
    [InlineData(1234.5, 1200, 1260, "1234 [1200, 1260]")]
    [InlineData(0.00123, 0.00113, 0.00133, "0.00123 [0.00113, 0.00133]")]
    public void Means_and_ends_have_the_digits_that_the_interval_deserves(double mean, double low, double high, string expected) =>
        Assert.Equal(expected, RowNumbers.Write(mean, new Interval(low, high, 0.95)));

    [Fact]
    public void A_difference_has_its_sign_but_zero_has_none() => Assert.Equal("+2.0 [0.0, +4.0]", RowNumbers.Write(2, new Interval(-0.04, 4.04, 0.95), signed: true));

    [Fact]
    public void Equal_runs_have_an_interval_without_width() => Assert.Equal("8.75 [8.75, 8.75]", RowNumbers.Write(8.75, new Interval(8.75, 8.75, 0.95)));
}
