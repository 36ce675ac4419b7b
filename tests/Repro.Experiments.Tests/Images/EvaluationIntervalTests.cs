using Repro.Experiments.Images;

namespace Repro.Experiments.Tests.Images;

public sealed class EvaluationIntervalTests
{
    [Theory]
    [InlineData(2000, 352, 352)]
    [InlineData(353, 352, 352)]
    [InlineData(352, 352, 35)]
    [InlineData(300, 352, 30)]
    [InlineData(5, 352, 1)]
    public void A_run_that_ends_within_its_first_epoch_is_evaluated_ten_times_and_a_longer_one_every_epoch(long steps, long stepsPerEpoch, long every) =>
        Assert.Equal(every, ImageEvaluation.Every(steps, stepsPerEpoch));
}
