namespace Repro.Training.Tests.Checks;

public sealed class TrainingLossFallsTests : RecipeTests
{
    [Fact]
    public void A_learning_rate_of_zero_is_caught() => AssertFailed(
        Check("training-loss-falls", recipe => recipe with { Build = (seed, _) => GratingExperiment.Model(seed, new GratingNetSettings(LearningRate: 0)) }),
        "A learning rate of zero");

    [Fact]
    public void A_loss_with_the_wrong_sign_is_caught() => AssertFailed(
        Check("training-loss-falls", recipe => recipe with
        {
            Build = (seed, _) =>
            {
                // Gradients are turned round; the reported value is the true loss.
                var model = GratingExperiment.Model(seed, new GratingNetSettings(LearningRate: 0.01));
                return model with { Losses = (outputs, targets) => model.Losses(outputs, targets) is var loss ? 2 * loss.detach() - loss : loss };
            },
        }), "a sign error");

    [Fact]
    public void Divergence_is_caught_and_the_step_named() => AssertFailed(
        Check("training-loss-falls", recipe => recipe with
        {
            Build = (seed, _) =>
            {
                var model = GratingExperiment.Linear(seed);
                var steps = 0;
                return model with { Losses = (outputs, targets) => model.Losses(outputs, targets) * (steps++ < 6 ? 1 : float.PositiveInfinity) };
            },
        }), "not finite at step");
}
