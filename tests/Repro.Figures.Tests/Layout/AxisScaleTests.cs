using Repro.Figures.Layout;

namespace Repro.Figures.Tests.Layout;

public sealed class AxisScaleTests
{
    [Theory]
    [InlineData(0, 64000, 6, "0 20k 40k 60k")]
    [InlineData(0, 1, 5, "0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(-1, 1, 4, "−1.0 −0.5 0 0.5 1.0")]
    [InlineData(0, 10, 4, "0 2.5 5.0 7.5 10.0")]
    [InlineData(6.5, 9.1, 5, "7 8 9")]
    [InlineData(0, 4e6, 4, "0 1M 2M 3M 4M")]
    [InlineData(0, 4e-5, 4, "0 1×10⁻⁵ 2×10⁻⁵ 3×10⁻⁵ 4×10⁻⁵")]
    public void Linear_ticks_are_round_numbers_written_alike(double min, double max, int count, string expected) =>
        Assert.Equal(expected, string.Join(' ', LinearTicks.Between(min, max, count).Select(tick => tick.Label)));

    [Theory]
    [InlineData(0.01, 100, 8, "0.01 0.1 1 10 100")]
    [InlineData(1e-6, 1, 8, "10⁻⁶ 10⁻⁵ 10⁻⁴ 10⁻³ 10⁻² 10⁻¹ 10⁰")]
    [InlineData(0.03, 3, 8, "0.05 0.1 0.2 0.5 1 2")]
    [InlineData(2, 5, 8, "2 3 4 5")]
    [InlineData(0.0083, 1.2, 3, "0.01 0.1 1")]
    [InlineData(1e-8, 1, 3, "10⁻⁸ 10⁻⁵ 10⁻²")]
    public void Logarithmic_ticks_are_powers_of_ten_with_parts_of_them_where_there_is_room(double min, double max, int count, string expected) =>
        Assert.Equal(expected, string.Join(' ', LogTicks.Between(min, max, count).Select(tick => tick.Label).Where(label => label.Length > 0)));

    [Fact]
    public void Ticks_lie_within_the_axis_for_any_range()
    {
        foreach (var low in (double[])[-1e6, -3, 0, 1e-9, 0.3, 7, 12345.678])
        {
            foreach (var span in (double[])[1e-9, 0.01, 1, 3.7, 1e4, 1e12])
            {
                var ticks = LinearTicks.Between(low, low + span, 6);
                Assert.InRange(ticks.Count, 1, 14);
                Assert.All(ticks, tick => Assert.InRange(tick.Position, low - span * 1e-6, low + span * (1 + 1e-6)));
                Assert.Equal(ticks.Count, ticks.Select(tick => tick.Position).Distinct().Count());
            }
        }
    }

    [Fact]
    public void Every_ticks_label_reads_back_as_its_position()
    {
        foreach (var (min, max) in ((double, double)[])[(0, 1), (0.013, 0.0197), (-40, 73), (1000, 1010), (0, 0.25), (0, 70000)])
        {
            foreach (var tick in LinearTicks.Between(min, max, 7))
            {
                var text = tick.Label.Replace('−', '-');
                var factor = text.EndsWith('k') ? 1000 : 1;
                Assert.Equal(tick.Position, double.Parse(text.TrimEnd('k')) * factor, 1e-9 * Math.Max(1, Math.Abs(tick.Position)));
            }
        }
    }

    [Fact]
    public void An_axis_with_room_for_three_numbers_has_three() =>
        Assert.Equal("−1 0 1", string.Join(' ', AxisScale.Fit(new Axis("x"), -1.5, 1.5, 0.04, false, 128, 50).Ticks.Select(tick => tick.Label)));

    [Fact]
    public void A_position_on_an_axis_reads_back_as_its_value()
    {
        foreach (var axis in (AxisScale[])[new(1, 1000, true, []), new(-2, 7, false, []), new(-0.5, 9.5, false, [], Reversed: true), new(0.1, 10, true, [], Reversed: true)])
            foreach (var value in (double[])[0.2, 1, 3.7]) Assert.Equal(value, axis.At(axis.Fraction(value)), 1e-12);
    }

    [Fact]
    public void Cells_are_numbered_with_whole_numbers_only()
    {
        foreach (var count in (int[])[1, 2, 3, 12, 64])
        {
            var axis = AxisScale.Cells(new Axis("x"), count, 300, 24, reversed: false);
            Assert.Equal((-0.5, count - 0.5), (axis.Min, axis.Max));
            Assert.NotEmpty(axis.Ticks);
            Assert.All(axis.Ticks, tick => Assert.Equal(tick.Position, int.Parse(tick.Label, System.Globalization.CultureInfo.InvariantCulture)));
        }
    }

    [Fact]
    public void A_constant_series_stands_in_the_middle_of_its_axis()
    {
        var axis = AxisScale.Fit(new Axis("y"), 7, 7, 0.05, false, 200, 26);
        Assert.Equal(0.5, axis.Fraction(7), 1e-9);
    }

    [Fact]
    public void What_cannot_be_negative_gets_no_negative_room() =>
        Assert.Equal(0, AxisScale.Fit(new Axis("error"), 0.1, 60, 0.05, false, 200, 26).Min);

    [Fact]
    public void Given_ends_win_over_the_data()
    {
        var axis = AxisScale.Fit(new Axis("y", Min: -5, Max: 5), 0, 100, 0.05, false, 200, 26);
        Assert.Equal((-5, 5), (axis.Min, axis.Max));
    }
}
