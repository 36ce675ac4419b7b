using Repro.Experiments.ResNet;
using Repro.Training;

namespace Repro.Experiments.Tests.ResNet;

public sealed class ResNetScheduleTests
{
    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(31_999, 0.1)]
    [InlineData(32_000, 0.01)]
    [InlineData(47_999, 0.01)]
    [InlineData(48_000, 0.001)]
    [InlineData(63_999, 0.001)]
    public void The_paper_drops_at_32k_and_48k(long step, double rate) =>
        Assert.Equal(rate, ResNetSchedule.Rate(new ResNetOptions(), step, new MetricHistory()), 12);

    [Theory]
    [InlineData(999, 0.1)]
    [InlineData(1000, 0.01)]
    [InlineData(1500, 0.001)]
    public void A_shorter_run_keeps_the_shape(long step, double rate) =>
        Assert.Equal(rate, ResNetSchedule.Rate(new ResNetOptions { Steps = 2000 }, step, new MetricHistory()), 12);

    [Fact]
    public void ResNet_110_warms_up_at_a_tenth_until_its_training_error_is_below_80_percent()
    {
        var options = new ResNetOptions { Depth = 110 };
        var history = new MetricHistory();
        Assert.Equal(0.01, ResNetSchedule.Rate(options, 0, history), 12);
        history.Add(new("train_error", 350, 84, 0));
        history.Add(new("train_error", 400, 80, 0));
        Assert.Equal(0.01, ResNetSchedule.Rate(options, 400, history), 12);
        history.Add(new("train_error", 450, 79.9, 0));
        Assert.Equal(0.1, ResNetSchedule.Rate(options, 450, history), 12);
        // Once warm it stays warm, and the drops are where they always are.
        history.Add(new("train_error", 500, 95, 0));
        Assert.Equal(0.1, ResNetSchedule.Rate(options, 31_999, history), 12);
        Assert.Equal(0.01, ResNetSchedule.Rate(options, 32_000, history), 12);
        Assert.Equal(0.001, ResNetSchedule.Rate(options, 48_000, history), 12);
    }

    [Fact]
    public void A_warm_up_that_never_ends_does_not_raise_a_dropped_rate()
    {
        var options = new ResNetOptions { Depth = 110 };
        Assert.Equal(0.001, ResNetSchedule.Rate(options, 60_000, new MetricHistory()), 12);
    }

    [Theory]
    [InlineData(20, "deep", 0.1)]
    [InlineData(56, "deep", 0.1)]
    [InlineData(20, "always", 0.01)]
    [InlineData(110, "never", 0.1)]
    public void Who_warms_up_is_an_option(int depth, string warmUp, double first) =>
        Assert.Equal(first, ResNetSchedule.Rate(new ResNetOptions { Depth = depth, WarmUp = warmUp }, 0, new MetricHistory()), 12);
}
