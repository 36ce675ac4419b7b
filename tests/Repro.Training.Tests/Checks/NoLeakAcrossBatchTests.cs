using Repro.Training.Checks;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Tests.Checks;

public sealed class NoLeakAcrossBatchTests : RecipeTests
{
    [Fact]
    public void A_correct_model_leaks_exactly_nothing() => Assert.Equal(0, Check("no-leak-across-batch", new GratingExperiment()).Value);

    [Fact]
    public void Batch_statistics_in_evaluation_mode_are_caught() => AssertFailed(
        Check("no-leak-across-batch", recipe => recipe with { Build = (seed, _) => GratingExperiment.Model(seed, new GratingNetSettings(TrackStatistics: false)) }),
        "Batch statistics used in evaluation mode");

    [Fact]
    public void A_leak_of_a_millionth_is_caught() => AssertFailed(
        Check("no-leak-across-batch", recipe => recipe with { Build = (seed, capacity) => Mixing(recipe.Build(seed, capacity), 1e-6f) }), "another example's input");

    [Fact]
    public void A_leak_within_the_declared_tolerance_passes() => AssertPassed(
        Check("no-leak-across-batch", recipe => recipe with { Build = (seed, capacity) => Mixing(recipe.Build(seed, capacity), 1e-6f), LeakTolerance = 1e-2 }));

    [Fact]
    public void A_model_that_ignores_its_inputs_proves_nothing() => AssertFailed(
        Check("no-leak-across-batch", recipe => recipe with
        {
            Build = (seed, capacity) => recipe.Build(seed, capacity) is var model ? model with { Outputs = inputs => model.Outputs(inputs * 0) } : model,
        }), "no example's loss depends on its own input");

    [Fact]
    public void Inputs_that_are_whole_numbers_are_asked_by_replacing_examples() => AssertPassed(Check("no-leak-across-batch", recipe => WholeNumbers(recipe, 0)));

    [Fact]
    public void A_leak_between_inputs_that_are_whole_numbers_is_caught() =>
        AssertFailed(Check("no-leak-across-batch", recipe => WholeNumbers(recipe, 0.1f)), "when another example is replaced");

    /// <summary>Adds a share of the batch's mean image to every image.</summary>
    private static RecipeModel Mixing(RecipeModel model, float share) =>
        model with { Outputs = inputs => model.Outputs(inputs + inputs.mean([0], keepdim: true) * share) };

    private static Recipe WholeNumbers(Recipe recipe, float leak) => recipe with
    {
        Batch = step => Rounded(recipe.Batch(step)),
        HeldOut = () => Rounded(recipe.HeldOut()),
        Build = (seed, capacity) =>
        {
            var model = Mixing(recipe.Build(seed, capacity), leak);
            return model with { Outputs = inputs => model.Outputs(inputs.to(ScalarType.Float32) / 10) };
        },
    };

    private static RecipeBatch Rounded(RecipeBatch batch) => batch with { Inputs = (batch.Inputs * 10).to(ScalarType.Int64) };
}
