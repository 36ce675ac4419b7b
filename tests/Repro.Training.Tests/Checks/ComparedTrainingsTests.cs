using Repro.Training.Checks;
using static TorchSharp.torch;

namespace Repro.Training.Tests.Checks;

/// <summary>The checks that compare two short trainings: zeroed inputs, the dumb baseline, more capacity.</summary>
public sealed class ComparedTrainingsTests : RecipeTests
{
    [Fact]
    public void Inputs_that_arrive_zeroed_are_caught()
    {
        var result = Check("input-independent", recipe => recipe with { Batch = step => Zeroed(recipe.Batch(step)) });
        AssertFailed(result, "takes nothing from its inputs");
        Assert.Equal(0, result.Value);
    }

    [Fact]
    public void Labels_that_change_at_every_step_are_caught() => AssertFailed(
        Check("input-independent", recipe => recipe with { Batch = step => recipe.Batch(step) is var batch ? batch with { Targets = batch.Targets.roll(step + 1, 0) } : batch }),
        "labels do not belong to them");

    [Fact]
    public void A_model_no_better_than_the_baseline_is_caught() => AssertFailed(
        Check("dumb-baseline", recipe => recipe with { Build = (seed, _) => GratingExperiment.Linear(seed) }), "a linear classifier of the pixels reaches");

    [Fact]
    public void A_bottleneck_that_lets_nothing_through_is_caught() => AssertFailed(
        Check("dumb-baseline", recipe => recipe with
        {
            Build = (seed, capacity) =>
            {
                var model = recipe.Build(seed, capacity);
                return model with { Outputs = inputs => model.Outputs(inputs.mean([1, 2, 3], keepdim: true).expand(inputs.shape)) };
            },
        }), "a bottleneck");

    [Fact]
    public void A_width_that_does_not_reach_the_layers_is_caught()
    {
        var result = Check("more-capacity", recipe => recipe with { Build = (seed, _) => recipe.Build(seed, 1) });
        AssertFailed(result, "Width that does not reach the layers");
        Assert.Equal(0, result.Value);
    }

    [Fact]
    public void A_larger_model_that_does_worse_is_caught() => AssertFailed(
        Check("more-capacity", recipe => recipe with { Capacities = (1, 0.25) }), "With 1 times the configured channels of both convolutions");

    [Fact]
    public void A_family_of_one_size_is_not_asked_for_more() =>
        Assert.Equal(CheckVerdict.NotApplicable, Check("more-capacity", recipe => recipe with { Capacities = (1, 1) }).Verdict);

    [Fact]
    public void A_training_that_diverges_loses_every_comparison()
    {
        var result = Check("input-independent", recipe => recipe with
        {
            Build = (seed, capacity) =>
            {
                var model = recipe.Build(seed, capacity);
                return model with { Losses = (outputs, targets) => model.Losses(outputs, targets) * float.NaN };
            },
        });
        Assert.Equal(CheckVerdict.Failed, result.Verdict);
        Assert.True(double.IsNaN(result.Value));
    }

    private static RecipeBatch Zeroed(RecipeBatch batch) => batch with { Inputs = batch.Inputs * 0 };
}
