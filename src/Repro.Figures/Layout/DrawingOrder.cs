namespace Repro.Figures.Layout;

/// <summary>What is drawn above what.</summary>
public static class DrawingOrder
{
    /// <summary>The marks from below to above: what is wide lies below what is thin, and marks of one kind in the figure's order. Texts lie above all.</summary>
    public static List<Mark> Of(Figure figure) => figure.Marks
        .OrderBy(mark => mark switch { Band or HeatMap => 0, Bars => 1, Reference => 2, Intervals => 3, Line => 4, Points => 5, _ => 6 }).ToList();
}
