using Repro.Figures;
using Repro.Training.Checks;
using static TorchSharp.torch;

namespace Repro.Training.Tests.Checks;

public sealed class BatchAsSeenTests : RecipeTests
{
    [Fact]
    public void A_person_is_asked_to_look_at_the_batch_with_its_labels()
    {
        var result = Check("batch-as-seen", new GratingExperiment());
        Assert.Equal(CheckVerdict.Look, result.Verdict);
        var grid = Assert.IsType<ImageGrid>(Assert.Single(result.Figures[0].Marks));
        Assert.Equal(grid.Images.Count, grid.Captions.Count);
        Assert.All(grid.Captions, caption => Assert.Contains(caption, GratingImages.Classes));
    }

    [Fact]
    public void The_same_examples_at_several_steps_are_drawn()
    {
        var grid = Assert.IsType<ImageGrid>(Assert.Single(Check("batch-as-seen", new GratingExperiment()).Figures[1].Marks));
        Assert.Equal((32, 8), (grid.Images.Count, grid.Columns));
    }

    [Fact]
    public void Without_pictures_the_measured_part_decides() =>
        Assert.Equal(CheckVerdict.Passed, Check("batch-as-seen", recipe => recipe with { Pictures = null }).Verdict);

    [Fact]
    public void A_value_that_is_not_finite_is_caught() => AssertFailed(Altered((batch, _) =>
    {
        batch.Inputs[3, 0, 0, 0] = float.NaN;
        return batch;
    }), "1 input values are not finite");

    [Fact]
    public void Labels_that_count_from_one_are_caught() => AssertFailed(Altered((batch, _) => batch with { Targets = batch.Targets + 1 }), "Labels out of 0 .. 3: 4.");

    [Fact]
    public void A_batch_of_one_class_is_caught() => AssertFailed(Altered((batch, _) => batch with { Targets = batch.Targets * 0 + 2 }), "Every label is 90 degrees");

    [Fact]
    public void Zeroed_inputs_are_caught() => AssertFailed(Altered((batch, _) => batch with { Inputs = batch.Inputs * 0 }), "63 of 64 inputs are copies");

    [Fact]
    public void A_shape_other_than_declared_is_caught() => AssertFailed(Check("batch-as-seen", recipe => recipe with { InputShape = [3, 8, 8] }), "the recipe declares 3 x 8 x 8");

    [Fact]
    public void A_batch_that_changes_between_two_readings_is_caught()
    {
        var readings = 0;
        AssertFailed(Altered((batch, _) => batch with { Inputs = batch.Inputs + 0.01f * readings++ }), "asked for twice, differs");
    }

    [Fact]
    public void The_same_batch_at_every_step_is_caught() =>
        AssertFailed(Check("batch-as-seen", recipe => recipe with { Batch = _ => recipe.Batch(0) }), "Steps 0 and 1 see the same inputs");

    [Fact]
    public void Augmentation_that_is_the_same_at_every_step_is_caught() =>
        AssertFailed(Check("batch-as-seen", recipe => recipe with { Augmented = _ => recipe.Augmented!(0) }), "augmented alike at steps 0 and 1");

    private static CheckResult Altered(Func<RecipeBatch, long, RecipeBatch> alter) =>
        Check("batch-as-seen", recipe => recipe with { Batch = step => alter(recipe.Batch(step), step) });
}
