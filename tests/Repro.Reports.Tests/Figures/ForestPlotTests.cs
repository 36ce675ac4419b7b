using Repro.Figures;
using Repro.Reports.Figures;

namespace Repro.Reports.Tests.Figures;

public sealed class ForestPlotTests
{
    // The 97.5 % point of Student's t with two degrees of freedom, from tables.
    private const double T2 = 4.30265;

    [Fact]
    public void Every_arm_has_its_mean_difference_its_interval_its_pairs_and_its_numbers()
    {
        var figure = ForestPlot.Of("validation_error", [new ForestRow("plain", [8, 9, 10], Differs: true, Paper: 7.5), new ForestRow("slow", [1]), new ForestRow("none", [])])!;
        FigureRules.Check(figure);
        Assert.Equal(["plain", "slow", "none"], figure.Y.Categories);
        Assert.Equal("difference (percentage points)", figure.X.Label);
        var interval = Assert.Single(figure.Marks.OfType<Intervals>());
        Assert.True(interval.Horizontal);
        Assert.Equal([0.0], interval.At);
        Assert.Equal((9 - (T2 / Math.Sqrt(3)), 9 + (T2 / Math.Sqrt(3))), (interval.Low[0], interval.High[0]), (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-4 && Math.Abs(a.Item2 - b.Item2) < 1e-4);
        Assert.Equal([(9, 0), (1, 1)], Places("mean with 95 % interval"));
        Assert.Equal([8, 9, 10, 1], Places("one pair").Select(point => point.X));
        Assert.Equal([7.5], figure.Marks.OfType<Points>().Single(points => points.Label == "the paper's difference").X);
        Assert.Equal((0, true), figure.Marks.OfType<Reference>().Select(reference => ((int)reference.At, reference.Vertical)).Single());
        Assert.Equal(["+1.00", "+9.0 [+6.5, +11.5] *"], figure.Marks.OfType<Texts>().SelectMany(texts => texts.Words).Order());
        Assert.Contains("Above 0 the arm is worse", figure.Caption, StringComparison.Ordinal);
        Assert.Contains("n = 1 to 3 pairs", figure.Caption, StringComparison.Ordinal);

        List<(int X, int Y)> Places(string label) => figure.Marks.OfType<Points>().Where(points => points.Label == label).SelectMany(points => points.X.Zip(points.Y, (x, y) => ((int)x, (int)Math.Round(y)))).ToList();
    }

    [Fact]
    public void Numbers_stand_beside_the_zero_line_and_never_across_it()
    {
        var figure = ForestPlot.Of("loss", [new ForestRow("left", [-1, 0, 0.4]), new ForestRow("right", [0, 0.1, 0.6]), new ForestRow("far", [10, 10, 10])])!;
        var (low, high) = (figure.X.Min!.Value, figure.X.Max!.Value);
        foreach (var texts in figure.Marks.OfType<Texts>())
        {
            Assert.All(texts.X, x => Assert.True(texts.Side is TextSide.Left or TextSide.Right ? x == 0 : Math.Abs(x) > 0.2 * (high - low) && x + (0.2 * (high - low)) < high));
        }
    }

    [Fact]
    public void Pairs_that_would_lie_over_each_other_are_moved_apart()
    {
        var points = ForestPlot.Of("loss", [new ForestRow("arm", [1, 5, 1, 1.001, -5])])!.Marks.OfType<Points>().Single(points => points.Label == "one pair");
        Assert.Equal([1, 5, 1, 1.001, -5], points.X);
        Assert.Equal(3, new[] { points.Y[0], points.Y[2], points.Y[3] }.Distinct().Count());
        Assert.Equal(points.Y[1], points.Y[4]);
        Assert.All(points.Y, y => Assert.InRange(y, 0.1, 0.5));
    }

    [Fact]
    public void Without_a_pair_there_is_no_figure() => Assert.Null(ForestPlot.Of("loss", [new ForestRow("arm", [])]));
}
