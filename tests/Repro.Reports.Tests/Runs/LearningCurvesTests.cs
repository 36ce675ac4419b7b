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
        var claim = ClaimReading.Read(PaperCardReader.Parse(ExampleRuns.Card, "resnet.md").Claims[0], run, OptionSchema.Of(typeof(ExampleOptions)));
        var figures = LearningCurves.Of(run.Metrics, "test_error", [claim]);
        Assert.Equal(["curve-error", "curve-loss", "curve-learning-rate"], figures.Select(figure => figure.Name));
        Assert.Equal("error (%)", figures[0].Y.Label);
        Assert.Equal(["train", "test"], figures[0].Marks.OfType<Line>().Select(line => line.Label));
        var reference = Assert.Single(figures[0].Marks.OfType<Reference>());
        Assert.Equal(("paper, Table 6: 8.75 %", 8.75), (reference.Label, reference.Y));
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
