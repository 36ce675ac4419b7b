namespace Repro.Figures.Layout;

/// <summary>What is drawn above what.</summary>
public static class DrawingOrder
{
    /// <summary>
    /// The marks from below to above: what is wide lies below what is thin, and marks of one kind in the figure's order. Reference lines lie
    /// below data, except where so many points would bury them. Texts lie above all.
    /// </summary>
    public static List<Mark> Of(Figure figure)
    {
        var dense = figure.Marks.OfType<Points>().Sum(points => points.X.Count) >= PointThinning.Many;
        return figure.Marks.OrderBy(mark => mark switch { Band or HeatMap => 0, Bars => 1, Reference => dense ? 6 : 2, Intervals => 3, Line => 4, Points points => points.X.Count <= 3 ? 7 : 5, _ => 8 }).ToList();
    }
}
