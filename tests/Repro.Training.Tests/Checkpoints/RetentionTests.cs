using Repro.Training.Checkpoints;

namespace Repro.Training.Tests.Checkpoints;

public class RetentionTests
{
    [Fact]
    public void The_newest_two_checkpoints_are_kept() =>
        Assert.Equal(
            ["a/step-000000020.safetensors", "a/step-000000009.safetensors"],
            Retention.Superseded(["a/step-000000009.safetensors", "b/step-000000100.safetensors", "a/step-000000020.safetensors", "b/step-000000030.safetensors"]));

    [Fact]
    public void Of_two_at_the_same_step_the_later_attempt_counts_as_newer() =>
        Assert.Equal(
            ["attempt-1/step-000000005.safetensors"],
            Retention.Superseded(["attempt-1/step-000000005.safetensors", "attempt-2/step-000000005.safetensors", "attempt-2/step-000000006.safetensors"]));

    [Fact]
    public void Files_that_are_no_checkpoints_are_never_superseded() =>
        Assert.Empty(Retention.Superseded(["predictions.safetensors", "step-1.txt", "step-x.safetensors", "step-.safetensors", "step--1.safetensors"]));

    [Theory]
    [InlineData(0, "step-000000000.safetensors")]
    [InlineData(123, "step-000000123.safetensors")]
    [InlineData(1_234_567_890, "step-1234567890.safetensors")]
    public void A_file_is_named_by_its_step(long step, string name)
    {
        Assert.Equal(name, Retention.FileName(step));
        Assert.Equal(step, Retention.StepOf("/runs/x/attempt-1/" + name));
    }
}
