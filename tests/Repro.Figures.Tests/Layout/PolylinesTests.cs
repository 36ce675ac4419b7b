using Repro.Figures.Layout;
using Repro.Studies.Randomness;

namespace Repro.Figures.Tests.Layout;

public sealed class PolylinesTests
{
    [Fact]
    public void Values_that_are_not_finite_break_a_line_and_lone_points_are_kept()
    {
        var parts = Polylines.Split([1, 2, 3, 4, 5, 6], [1, double.NaN, 3, 4, double.PositiveInfinity, 6]);
        Assert.Equal(["1", "3 4", "6"], parts.Select(part => string.Join(' ', part.Select(point => point[0]))));
    }

    [Fact]
    public void Reduction_keeps_ends_and_extremes_and_order()
    {
        const int Count = 100_000;
        var random = new Philox(1, RandomPurpose.Checks);
        var part = new double[Count][];
        for (var i = 0; i < Count; i++) part[i] = [i, random.NextNormal()];
        var axis = AxisScale.Fit(new Axis("x"), 0, Count, 0, false, 500, 40);
        var reduced = Polylines.Reduce(part, axis, 600);
        Assert.InRange(reduced.Length, 600, 4 * 601);
        Assert.Equal(part.Max(p => p[1]), reduced.Max(p => p[1]));
        Assert.Equal(part.Min(p => p[1]), reduced.Min(p => p[1]));
        Assert.Equal((part[0], part[^1]), (reduced[0], reduced[^1]));
        Assert.Equal(reduced.OrderBy(p => p[0]), reduced);
    }

    [Fact]
    public void Short_lines_and_lines_that_turn_back_are_left_alone()
    {
        var axis = AxisScale.Fit(new Axis("x"), 0, 10, 0, false, 500, 40);
        double[][] spiral = [.. Enumerable.Range(0, 9000).Select(i => new[] { 5 + Math.Cos(i), Math.Sin(i) })];
        Assert.Same(spiral, Polylines.Reduce(spiral, axis, 600));
        double[][] line = [[0, 0], [1, 1]];
        Assert.Same(line, Polylines.Reduce(line, axis, 600));
    }
}
