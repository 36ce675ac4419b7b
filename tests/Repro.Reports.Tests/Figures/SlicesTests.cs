using Repro.Figures;
using Repro.Reports.Figures;

namespace Repro.Reports.Tests.Figures;

public sealed class SlicesTests
{
    [Fact]
    public void A_logarithmic_hyperparameter_has_a_logarithmic_axis_and_its_own_values()
    {
        var figure = Slices.Of(ExampleTrials.Six).First();
        FigureRules.Check(figure);
        Assert.Equal(("by-learning-rate", "learning rate (logarithmic)", true), (figure.Name, figure.X.Label, figure.X.Log));
        Assert.Equal([(0.001, 40.0), (0.01, 20), (0.1, 30), (1, 10)], figure.Marks.OfType<Points>().SelectMany(points => points.X.Zip(points.Y)).Order());
    }

    [Fact]
    public void Choices_stand_side_by_side_with_their_points_spread_around_them()
    {
        var figure = Slices.Of(ExampleTrials.Six).Last();
        FigureRules.Check(figure);
        Assert.Equal(["residual", "wide", "plain"], figure.X.Categories);
        var points = figure.Marks.OfType<Points>().SelectMany(mark => mark.X.Zip(mark.Y)).ToList();
        Assert.Equal([(0, 10), (0, 30), (1, 20), (2, 40)], points.Select(point => ((int)Math.Round(point.First), (int)point.Second)).Order());
        Assert.All(points, point => Assert.InRange(Math.Abs(point.First - Math.Round(point.First)), 0.0001, 0.18));
    }
}
