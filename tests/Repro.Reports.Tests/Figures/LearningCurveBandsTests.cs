using Repro.Figures;
using Repro.Reports.Figures;
using Repro.Studies.Runs;

namespace Repro.Reports.Tests.Figures;

public sealed class LearningCurveBandsTests
{
    // The 97.5 % point of Student's t with two degrees of freedom, from tables.
    private const double T2 = 4.30265;

    [Fact]
    public void The_band_is_the_t_interval_of_the_mean_at_the_steps_that_all_runs_have()
    {
        var figure = LearningCurveBands.Of("bands", "validation_error", [new CurveGroup("plain", [Run((10, 1), (20, 4)), Run((10, 2), (20, 5)), Run((10, 3), (20, 6), (30, 7))])], new PaperValue("Table 6", 2))!;
        FigureRules.Check(figure);
        var (line, band) = (Assert.Single(figure.Marks.OfType<Line>()), Assert.Single(figure.Marks.OfType<Band>()));
        Assert.Equal([10.0, 20], line.X);
        Assert.Equal([2.0, 5], line.Y);
        // s = 1 and n = 3.
        Assert.Equal(2 - (T2 / Math.Sqrt(3)), band.Low[0], 1e-4);
        Assert.Equal(5 + (T2 / Math.Sqrt(3)), band.High[1], 1e-4);
        Assert.Equal((line.Label, line.Colour), (band.Label, band.Colour));
        Assert.Contains("plain 5 % [2.516, 7.484] (n = 3, step 20)", figure.Caption, StringComparison.Ordinal);
        Assert.Equal(2, Assert.Single(figure.Marks.OfType<Reference>()).At);
    }

    [Fact]
    public void A_setting_with_one_run_has_no_band_and_a_run_that_diverged_breaks_its_line()
    {
        var figure = LearningCurveBands.Of("bands", "train_loss", [new CurveGroup("one", [Run((1, 3), (2, 2))]), new CurveGroup("two", [Run((1, 3), (2, 2)), Run((1, 4), (2, double.NaN))])])!;
        FigureRules.Check(figure);
        Assert.Equal("two", Assert.Single(figure.Marks.OfType<Band>()).Label);
        var lines = figure.Marks.OfType<Line>().ToList();
        Assert.Equal([3.5, double.NaN], lines[1].Y);
        Assert.Contains("one 2 (n = 1, step 2)", figure.Caption, StringComparison.Ordinal);
        Assert.Contains("two not finite (n = 2, step 2)", figure.Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interval_that_passes_zero_can_be_drawn_on_a_logarithmic_axis()
    {
        var figure = LearningCurveBands.Of("bands", "train_loss", [new CurveGroup("wide", [Run((1, 100), (2, 1)), Run((1, 101), (2, 9))])])!;
        Assert.True(figure.Y.Log);
        FigureRules.Check(figure);
        Assert.Equal(0.5, figure.Marks.OfType<Band>().Single().Low[1]);
    }

    [Fact]
    public void Runs_without_a_common_step_give_no_figure() =>
        Assert.Null(LearningCurveBands.Of("bands", "train_loss", [new CurveGroup("a", [Run((1, 1)), Run((2, 1))])]));

    private static IReadOnlyList<MetricPoint> Run(params (long Step, double Value)[] points) => [.. points.Select(point => new MetricPoint("m", point.Step, point.Value, 0))];
}
