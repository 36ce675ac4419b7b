using Repro.Reports.Comparison;
using Repro.Studies.Runs;

namespace Repro.Reports.Tests.Comparison;

public sealed class CurvePartingTests
{
    [Fact]
    public void Equal_values_are_the_same_whatever_the_time_that_they_took()
    {
        var parting = CurveParting.Of([Point("train_loss", 1, 0.1), Point("train_loss", 2, double.NaN)], [Point("train_loss", 1, 0.1, seconds: 9), Point("train_loss", 2, -double.NaN, seconds: 10)]);
        Assert.True(parting.Same);
        Assert.Equal((2, 0, 0), (parting.Shared, parting.Parted, parting.Alone));
    }

    [Fact]
    public void The_last_bit_counts_and_the_earliest_step_is_named()
    {
        var a = new[] { Point("train_loss", 1, 0.1), Point("train_loss", 2, 0.3), Point("train_loss", 3, 5) };
        var parting = CurveParting.Of(a, [Point("train_loss", 3, 6), Point("train_loss", 2, 0.1 + 0.2), Point("train_loss", 1, 0.1)]);
        Assert.Equal(new PartedValue("train_loss", 2, 0.3, 0.1 + 0.2), parting.First);
        Assert.Equal((2, 0), (parting.Parted, parting.Others));
    }

    [Fact]
    public void What_training_measured_is_named_before_a_schedule_that_parts_at_the_same_step()
    {
        var parting = CurveParting.Of([Point("learning_rate", 1, 0.1), Point("train_loss", 1, 2)], [Point("learning_rate", 1, 0.2), Point("train_loss", 1, 3)]);
        Assert.Equal(("train_loss", 1), (parting.First!.Metric, parting.Others));
    }

    [Fact]
    public void Values_that_only_one_measured_are_counted_and_part_nothing()
    {
        var parting = CurveParting.Of([Point("train_loss", 1, 1), Point("train_loss", 2, 1)], [Point("train_loss", 1, 1), Point("validation_error", 2, 1)]);
        Assert.Equal((1, 2, true), (parting.Shared, parting.Alone, parting.Same));
    }

    [Fact]
    public void Nothing_in_common_is_not_the_same() => Assert.False(CurveParting.Of([Point("train_loss", 1, 1)], [Point("train_loss", 2, 1)]).Same);

    private static MetricPoint Point(string name, long step, double value, double seconds = 1) => new(name, step, value, seconds);
}
