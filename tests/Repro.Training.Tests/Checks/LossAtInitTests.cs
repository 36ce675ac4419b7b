using Repro.Training.Checks;

namespace Repro.Training.Tests.Checks;

public sealed class LossAtInitTests : RecipeTests
{
    [Fact]
    public void Four_classes_equally_likely_give_ln_4() => Assert.Equal(Math.Log(4), Check("loss-at-init", new GratingExperiment()).Value, 0.1);

    [Fact]
    public void Logits_scaled_up_are_caught() => AssertFailed(
        Check("loss-at-init", recipe => recipe with { Build = (seed, capacity) => Scale(recipe.Build(seed, capacity), 20) }), "Outputs are too large at the start");

    [Fact]
    public void A_loss_averaged_twice_is_caught() => AssertFailed(
        Check("loss-at-init", recipe => recipe with
        {
            Build = (seed, capacity) =>
            {
                var model = recipe.Build(seed, capacity);
                return model with { Losses = (outputs, targets) => model.Losses(outputs, targets) / targets.shape[0] };
            },
        }), "averaged or scaled twice");

    [Fact]
    public void Outputs_that_are_not_finite_are_caught() => AssertFailed(
        Check("loss-at-init", recipe => recipe with { Build = (seed, capacity) => Scale(recipe.Build(seed, capacity), float.NaN) }), "give NaN");

    private static RecipeModel Scale(RecipeModel model, float factor) => model with { Outputs = inputs => model.Outputs(inputs) * factor };
}
