using Repro.Training.Schedules;

namespace Repro.Training.Tests.Schedules;

public class LearningRatesTests
{
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(5, 1.25)]
    [InlineData(10, 2)]
    [InlineData(55, 1.1)]
    [InlineData(100, 0.2)]
    public void A_linear_rate_rises_to_its_peak_and_falls_to_its_end(long step, double rate) =>
        Assert.Equal(rate, LearningRates.WarmUpThenLinear(step, steps: 100, warmup: 10, peak: 2, startFraction: 0.25, endFraction: 0.1), 14);

    [Fact]
    public void A_linear_rate_without_warm_up_begins_at_its_peak_and_reaches_zero_one_beyond_the_last_update()
    {
        Assert.Equal(3, LearningRates.WarmUpThenLinear(0, 4, 0, 3));
        Assert.Equal(0.75, LearningRates.WarmUpThenLinear(3, 4, 0, 3));
        Assert.Equal(0, LearningRates.WarmUpThenLinear(4, 4, 0, 3));
    }

    [Fact]
    public void A_warm_up_as_long_as_the_training_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRates.WarmUpThenLinear(0, 10, 10, 1));
}
