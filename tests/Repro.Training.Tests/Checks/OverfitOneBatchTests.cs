using Repro.Training.Checks;
using static TorchSharp.torch;

namespace Repro.Training.Tests.Checks;

public sealed class OverfitOneBatchTests : RecipeTests
{
    [Fact]
    public void A_learning_rate_of_zero_is_caught() => AssertFailed(
        Check("overfit-one-batch", recipe => recipe with { OverfitSteps = 30, Build = (seed, _) => GratingExperiment.Model(seed, new GratingNetSettings(LearningRate: 0)) }),
        "A learning rate that is too low");

    [Fact]
    public void Inputs_that_are_all_equal_cannot_be_learned_by_heart() => AssertFailed(
        Check("overfit-one-batch", recipe => recipe with { Batch = step => recipe.Batch(step) is var batch ? batch with { Inputs = batch.Inputs * 0 } : batch }),
        "equal inputs with different labels");

    [Fact]
    public void The_training_ends_as_soon_as_the_loss_is_near_zero()
    {
        var steps = 0;
        var result = Check("overfit-one-batch", recipe => recipe with { Build = (seed, capacity) => Counted(recipe.Build(seed, capacity)) });
        AssertPassed(result);
        Assert.InRange(steps, 2, 149);
        Assert.Contains($"in {steps} steps", result.Detail, StringComparison.Ordinal);

        RecipeModel Counted(RecipeModel model) => model with
        {
            Losses = (outputs, targets) =>
            {
                steps++;
                return model.Losses(outputs, targets);
            },
        };
    }
}
