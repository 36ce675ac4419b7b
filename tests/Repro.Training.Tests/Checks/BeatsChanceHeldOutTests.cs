using Repro.Training.Checks;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Tests.Checks;

public sealed class BeatsChanceHeldOutTests : RecipeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Shuffled_labels_are_caught(ulong seed) => AssertFailed(
        Check("beats-chance-held-out", new GratingExperiment { Images = s => new GratingImages(s) { ShuffleLabels = true } }, seed), "shuffled apart");

    [Fact]
    public void Shuffled_labels_can_be_learned_by_heart_which_no_training_loss_tells() => AssertPassed(
        Check("overfit-one-batch", new GratingExperiment { Images = s => new GratingImages(s) { ShuffleLabels = true } }));

    [Fact]
    public void Labels_off_by_one_are_caught() => AssertFailed(
        Check("beats-chance-held-out", recipe => recipe with { Batch = step => recipe.Batch(step) is var batch ? batch with { Targets = (batch.Targets + 1) % 4 } : batch }), "off by one");

    [Fact]
    public void Naming_the_only_class_there_is_is_not_enough() => AssertFailed(
        Check("beats-chance-held-out", recipe => recipe with
        {
            HeldOut = () => recipe.HeldOut() is var batch ? batch with { Targets = batch.Targets * 0 } : batch,
        }), "exchanged at random it would be");

    [Fact]
    public void A_regression_is_compared_with_a_model_that_never_saw_an_input() => AssertPassed(Check("beats-chance-held-out", Regression));

    [Fact]
    public void A_regression_on_shuffled_targets_is_caught() => AssertFailed(
        Check("beats-chance-held-out", new GratingExperiment { Break = Regression, Images = seed => new GratingImages(seed) { ShuffleLabels = true } }), "shuffled apart");

    /// <summary>The vector (cos, sin) of twice the orientation is to be predicted.</summary>
    private static Recipe Regression(Recipe recipe) => recipe with
    {
        Classes = [],
        Batch = step => Directions(recipe.Batch(step)),
        HeldOut = () => Directions(recipe.HeldOut()),
        Build = (seed, capacity) => recipe.Build(seed, capacity) is var model
            ? model with { Losses = (outputs, targets) => (outputs.narrow(1, 0, 2) - targets).square().sum([1]) }
            : model,
    };

    private static RecipeBatch Directions(RecipeBatch batch)
    {
        var angle = batch.Targets.to(ScalarType.Float32) * (float)(Math.PI / 2);
        return batch with { Targets = stack([angle.cos(), angle.sin()], 1) };
    }
}
