using Repro.Figures;
using Repro.Reports.Papers;
using Repro.Reports.Runs;
using Repro.Studies.Options;
using Repro.Studies.Runs;

namespace Repro.Reports.Tests.Runs;

public sealed class LearningCurvesTests
{
    [Fact]
    public void The_main_metrics_quantity_comes_first_with_a_line_a_split_and_the_papers_value()
    {
        var run = ExampleRuns.Run();
        var claim = ClaimReading.Read(PaperCardReader.Parse(ExampleRuns.Card, "resnet.md").Claims[0], run, ExampleRuns.Subject);
        var figures = LearningCurves.Of(run.Metrics, "test_error", [claim]);
        Assert.Equal(["curve-error", "curve-loss", "curve-learning-rate"], figures.Select(figure => figure.Name));
        Assert.Equal("error (%)", figures[0].Y.Label);
        Assert.Equal(["train", "test"], figures[0].Marks.OfType<Line>().Select(line => line.Label));
        var reference = Assert.Single(figures[0].Marks.OfType<Reference>());
        Assert.Equal(("paper, Table 6: 8.75 %", 8.75), (reference.Label, reference.At));
        Assert.Equal(figures[0].Marks.OfType<Line>().Single(line => line.Label == "test").Colour, reference.Colour);
        Assert.Empty(figures[1].Marks.OfType<Reference>());
    }

    [Fact]
    public void The_values_drawn_are_the_values_measured()
    {
        MetricPoint[] points = [new("test_error", 10, 50, 1), new("test_error", 20, 40, 2), new("test_error", 30, double.NaN, 3)];
        var line = Assert.IsType<Line>(Assert.Single(LearningCurves.Of(points, "test_error", [])[0].Marks));
        Assert.Equal([10, 20, 30], line.X);
        Assert.Equal([50, 40, double.NaN], line.Y);
    }

    [Fact]
    public void Thousands_of_values_become_their_mean_with_their_range()
    {
        var points = Enumerable.Range(1, 16_000).Select(i => new MetricPoint("train_loss", i, i % 2 == 0 ? 1.0 : 3.0, i)).ToList();
        var figure = LearningCurves.Of(points, "train_loss", [])[0];
        var (band, line) = (Assert.Single(figure.Marks.OfType<Band>()), Assert.Single(figure.Marks.OfType<Line>()));
        Assert.InRange(line.X.Count, 100, 200);
        Assert.All(line.Y, mean => Assert.Equal(2, mean, 0.05));
        Assert.All(band.Low, low => Assert.Equal(1, low));
        Assert.All(band.High, high => Assert.Equal(3, high));
        Assert.Contains("mean and range", figure.Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rate_that_jumps_is_drawn_as_a_staircase_however_long_the_run_was()
    {
        var steps = new List<long> { 1 };
        for (var step = 50; step <= 64_000; step += 50) steps.Add(step);
        steps.AddRange([32_001, 48_001]);
        var points = steps.Order().Select(step => new MetricPoint("learning_rate", step, step <= 32_000 ? 0.1 : step <= 48_000 ? 0.01 : 0.001, 0)).ToList();
        var line = Assert.IsType<Line>(Assert.Single(Assert.Single(LearningCurves.Of(points, "test_error", [])).Marks));
        Assert.Equal([1, 32_000, 32_001, 48_000, 48_001, 64_000], line.X);
        Assert.Equal([0.1, 0.1, 0.01, 0.01, 0.001, 0.001], line.Y);
    }

    [Fact]
    public void The_caption_says_over_how_many_steps_a_point_is_a_mean()
    {
        MetricPoint[] points = [new("train_loss", 1, 3, 0), new("train_loss", 50, 2, 0), new("train_loss", 100, 1.5, 0), new("train_loss", 130, 1, 0)];
        Assert.Contains("the mean over the 50 steps up to it, the first is step 1 alone", LearningCurves.Of(points[..3], "train_loss", [])[0].Caption, StringComparison.Ordinal);
        Assert.DoesNotContain("mean", LearningCurves.Of(points.Select(p => p with { Name = "test_loss" }).ToList(), "test_loss", [])[0].Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void The_value_of_a_perfect_model_is_a_reference_in_the_figure_of_its_quantity_alone()
    {
        MetricPoint[] points = [new("test_error", 10, 50, 1), new("test_error", 20, 40, 2), new("test_loss", 20, 4, 2)];
        var figures = LearningCurves.Of(points, "test_error", [], best: 5);
        Assert.Equal(("perfect model: 5 %", 5), Assert.Single(figures[0].Marks.OfType<Reference>()) is var mark ? (mark.Label, mark.At) : default);
        Assert.Empty(figures[1].Marks.OfType<Reference>());
    }

    [Fact]
    public void A_metric_that_was_never_finite_is_no_figure() =>
        Assert.Empty(LearningCurves.Of([new("train_loss", 1, double.NaN, 0), new("train_loss", 2, double.PositiveInfinity, 0)], "train_loss", []));

    [Fact]
    public void Losses_over_decades_get_a_logarithmic_axis_and_errors_never_do()
    {
        MetricPoint[] points = [new("train_loss", 1, 10, 0), new("train_loss", 2, 0.01, 0), new("train_error", 1, 90, 0), new("train_error", 2, 0.01, 0), new("learning_rate", 1, 0.1, 0), new("learning_rate", 2, 0, 0)];
        var figures = LearningCurves.Of(points, "train_error", []);
        Assert.Equal(["curve-error False", "curve-loss True", "curve-learning-rate False"], figures.Select(figure => $"{figure.Name} {figure.Y.Log}"));
    }

    [Fact]
    public void Every_curve_of_any_run_passes_the_rules_of_figures()
    {
        var metrics = ExampleRuns.Run().Metrics.Concat(Enumerable.Range(0, 30).Select(i => new MetricPoint($"gradient_norm/layer{i}", 5, i, 0))).ToList();
        foreach (var figure in LearningCurves.Of(metrics, "test_error", [])) FigureRules.Check(figure);
    }
}
