using Repro.Figures;
using Repro.Reports.Figures;
using Repro.Studies.Runs;

namespace Repro.Reports.Tests.Figures;

public sealed class RungPlotTests
{
    private static readonly TrialCurve[] Curves =
    [
        new(0, RunState.Completed, [(0, 90), (25, 50), (100, 30)]), new(3, RunState.Completed, [(25, 40), (100, 20)]), new(5, RunState.Completed, [(25, 30), (100, 10)]),
        new(4, RunState.Pruned, [(10, 80), (25, 60)]), new(6, RunState.Pruned, [(25, 70), (50, double.NaN)]),
    ];

    [Fact]
    public void Curves_end_where_they_were_cut_and_rungs_stand_upright()
    {
        var figure = RungPlot.Of(ExampleTrials.Six, Curves, [25, 50], "asha stopping")!;
        FigureRules.Check(figure);
        Assert.Equal([(25.0, true), (50, true)], figure.Marks.OfType<Reference>().Select(reference => (reference.At, reference.Vertical)));
        Assert.Equal([(25, 60), (25, 70)], Points("cut here"));
        Assert.Equal([25.0, 100], figure.Marks.OfType<Line>().Single(line => line.Label == "trial 5: the best").X);
        Assert.Equal(2, figure.Marks.OfType<Line>().Count(line => line.Colour == 0));
        // Two times 25 of 2 x 100 steps.
        Assert.Contains("2 of 6 trials were pruned at the rungs of asha stopping (dashed: 25, 50 steps)", figure.Caption, StringComparison.Ordinal);
        Assert.Contains("took 25 % of the steps", figure.Caption, StringComparison.Ordinal);

        List<(int, int)> Points(string label) => figure.Marks.OfType<Points>().Single(points => points.Label == label) is var mark ? [.. mark.X.Zip(mark.Y, (x, y) => ((int)x, (int)y))] : [];
    }

    [Fact]
    public void Rungs_that_grow_by_factors_are_drawn_on_a_logarithmic_axis_without_step_0()
    {
        var figure = RungPlot.Of(ExampleTrials.Six, Curves, [1, 5, 25], "hyperband")!;
        FigureRules.Check(figure);
        Assert.True(figure.X.Log);
        Assert.DoesNotContain(figure.Marks.OfType<Line>(), line => line.X.Contains(0));
    }

    [Fact]
    public void Where_nothing_was_cut_there_is_nothing_to_see() => Assert.Null(RungPlot.Of(ExampleTrials.Six, Curves[..3], [25], "median"));
}
