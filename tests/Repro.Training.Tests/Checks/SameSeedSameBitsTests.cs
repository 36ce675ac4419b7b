using static TorchSharp.torch;

namespace Repro.Training.Tests.Checks;

public sealed class SameSeedSameBitsTests : RecipeTests
{
    [Fact]
    public void Initial_values_from_a_generator_that_outlives_the_run_are_caught()
    {
        var drawn = 0;
        AssertFailed(
            Check("same-seed-same-bits", new GratingExperiment { BreakModel = net => { using (no_grad()) net.conv1.weight.add_(0.001f * drawn++); } }),
            "differ before the first step, in 1 tensors, first in conv1.weight");
    }

    [Fact]
    public void Augmentation_from_an_unseeded_generator_is_caught()
    {
        var prepared = 0;
        AssertFailed(
            Check("same-seed-same-bits", new GratingExperiment { BreakPixels = pixels => pixels[0] += 0.001f * Interlocked.Increment(ref prepared) }), "start alike and differ after");
    }

    [Fact]
    public void A_seed_that_reaches_nothing_is_caught() =>
        AssertFailed(Check("same-seed-same-bits", new GratingExperiment { BreakSeed = _ => 1 }), "the seed reaches neither");

    [Fact]
    public void The_least_bit_of_one_weight_is_enough()
    {
        var built = 0;
        AssertFailed(
            Check("same-seed-same-bits", new GratingExperiment
            {
                BreakModel = net =>
                {
                    using var withoutGradients = no_grad();
                    net.fc.bias![0] = built++ == 0 ? 0f : -0f;
                },
            }), "fc.bias");
    }
}
