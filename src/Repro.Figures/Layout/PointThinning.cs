namespace Repro.Figures.Layout;

/// <summary>Leaves out points that cannot be seen because others lie on them, so that a scatter of many thousands stays a small file.</summary>
public static class PointThinning
{
    /// <summary>From this many points on a scatter is thinned, and its markers are smaller.</summary>
    public const int Many = 2000;

    /// <summary>Up to this many points are drawn larger and not translucent, for each of them is looked at by itself.</summary>
    public const int Few = 40;

    // Points this close are one blot: a third of the small marker's diameter.
    private const double Cell = 0.8;

    /// <summary>
    /// Indices, ascending, of the points that are drawn: of those within one cell of 0.8 points only the last two, which lie above the others
    /// and cover them but for a rim of a quarter of a marker. Fewer than <see cref="Many"/> are all drawn, as are points that are alone.
    /// </summary>
    /// <param name="points">In points of the canvas, in the order of drawing.</param>
    public static IReadOnlyList<int> Visible(IReadOnlyList<(double X, double Y)> points)
    {
        if (points.Count < Many) return Enumerable.Range(0, points.Count).ToList();
        var taken = new Dictionary<(long, long), int>(points.Count);
        var visible = new List<int>();
        for (var i = points.Count - 1; i >= 0; i--)
        {
            var cell = ((long)Math.Floor(points[i].X / Cell), (long)Math.Floor(points[i].Y / Cell));
            var count = taken.GetValueOrDefault(cell);
            if (count == 2) continue;
            taken[cell] = count + 1;
            visible.Add(i);
        }
        visible.Reverse();
        return visible;
    }
}
