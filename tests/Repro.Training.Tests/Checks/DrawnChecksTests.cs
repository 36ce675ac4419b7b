using Repro.Figures;
using Repro.Training.Checks;
using static TorchSharp.torch;

namespace Repro.Training.Tests.Checks;

/// <summary>First-layer weights and prediction dynamics: pictures first, and a measured part that can fail.</summary>
public sealed class DrawnChecksTests : RecipeTests
{
    [Fact]
    public void First_layer_weights_are_drawn_one_picture_a_unit()
    {
        var result = Check("first-layer-weights", new GratingExperiment());
        Assert.Equal(CheckVerdict.Look, result.Verdict);
        Assert.Equal(8, Assert.IsType<ImageGrid>(Assert.Single(Assert.Single(result.Figures).Marks)).Images.Count);
    }

    [Fact]
    public void Units_that_start_alike_and_stay_alike_are_caught() => AssertFailed(
        Check("first-layer-weights", recipe => recipe with
        {
            Build = (seed, capacity) =>
            {
                var model = recipe.Build(seed, capacity);
                using var withoutGradients = no_grad();
                var net = (GratingNet)model.Module;
                foreach (var weight in new[] { net.conv1.weight, net.conv2.weight }) weight.fill_(0.1f);
                return model;
            },
        }), "units that start alike stay alike");

    [Fact]
    public void A_first_layer_that_makes_no_picture_is_not_applicable() =>
        Assert.Equal(CheckVerdict.NotApplicable, Check("first-layer-weights", recipe => recipe with { FirstLayer = null }).Verdict);

    [Fact]
    public void The_probability_of_the_true_class_is_drawn_from_before_the_first_step_to_the_last()
    {
        var result = Check("prediction-dynamics", new GratingExperiment());
        Assert.Equal(CheckVerdict.Look, result.Verdict);
        var lines = Assert.Single(result.Figures).Marks.Cast<Line>().ToArray();
        Assert.Equal(7, lines.Length);
        Assert.All(lines, line =>
        {
            Assert.Equal((0, 40), (line.X[0], line.X[^1]));
            Assert.All(line.Y, probability => Assert.InRange(probability, 0, 1));
        });
        Assert.True(lines[^1].Y[^1] > lines[^1].Y[0], "The mean probability of the true class did not rise.");
    }

    [Fact]
    public void Predictions_that_never_move_are_caught() => AssertFailed(
        Check("prediction-dynamics", recipe => recipe with { Build = (seed, _) => GratingExperiment.Linear(seed, learningRate: 0) }), "No prediction moved at all");
}
