using Repro.Figures.Layout;
using Repro.Studies.Randomness;

namespace Repro.Figures.Tests.Layout;

public sealed class PointThinningTests
{
    [Fact]
    public void A_few_points_are_all_drawn_even_on_top_of_each_other() =>
        Assert.Equal(100, PointThinning.Visible([.. Enumerable.Repeat((1.0, 1.0), 100)]).Count);

    [Fact]
    public void Of_a_heap_the_last_two_are_drawn() =>
        Assert.Equal([9998, 9999], PointThinning.Visible([.. Enumerable.Repeat((1.0, 1.0), 10_000)]));

    [Fact]
    public void Points_that_are_alone_are_never_left_out()
    {
        var random = new Philox(3, RandomPurpose.Checks);
        // Ten thousand in a heap of 30 x 30 points, and fifty far from it and from each other.
        List<(double X, double Y)> points = [.. Enumerable.Range(0, 10_000).Select(_ => (30 * random.NextDouble(), 30 * random.NextDouble())), .. Enumerable.Range(0, 50).Select(i => (100.0 + 5 * i, 100.0))];
        var visible = PointThinning.Visible(points);
        Assert.InRange(visible.Count, 1000, 4000);
        Assert.Equal(Enumerable.Range(10_000, 50), visible.Where(i => i >= 10_000));
        Assert.Equal(visible.Order(), visible);
        // Independent of the cells: every point that is left out has a drawn one nearer than the diameter of a marker, 2.4.
        var drawn = visible.Select(i => points[i]).ToList();
        Assert.All(points, point => Assert.Contains(drawn, other => Math.Pow(point.X - other.X, 2) + Math.Pow(point.Y - other.Y, 2) < 2.4 * 2.4));
    }
}
