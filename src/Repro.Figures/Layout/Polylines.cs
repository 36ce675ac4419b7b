namespace Repro.Figures.Layout;

/// <summary>Parts of a series between values that are not finite, and their reduction to what a picture can show.</summary>
public static class Polylines
{
    /// <summary>Longest unbroken parts; a part of one point is kept, for it has to be drawn as a dot.</summary>
    /// <param name="values">One or more series over the same positions; all must be finite for a point to be there.</param>
    public static IReadOnlyList<double[][]> Split(IReadOnlyList<double> x, params IReadOnlyList<double>[] values)
    {
        var parts = new List<double[][]>();
        var current = new List<double[]>();
        for (var i = 0; i <= x.Count; i++)
        {
            if (i < x.Count && double.IsFinite(x[i]) && values.All(series => double.IsFinite(series[i])))
            {
                current.Add([x[i], .. values.Select(series => series[i])]);
            }
            else if (current.Count > 0)
            {
                parts.Add([.. current]);
                current.Clear();
            }
        }
        return parts;
    }

    /// <summary>
    /// A part with far more points than the axis has room for, reduced to first, lowest, highest and last of each of <paramref name="columns"/>
    /// slices: the picture is the same, the file is not tens of megabytes. Polylines that go back in x, and short ones, stay as they are.
    /// </summary>
    /// <param name="part">Points (x, y).</param>
    public static double[][] Reduce(double[][] part, AxisScale axis, int columns)
    {
        if (part.Length <= 8 * columns) return part;
        for (var i = 1; i < part.Length; i++)
        {
            if (part[i][0] < part[i - 1][0]) return part;
        }
        var reduced = new List<double[]>();
        foreach (var slice in part.Select((point, i) => (point, i)).GroupBy(item => (int)Math.Floor(axis.Fraction(item.point[0]) * columns)))
        {
            var items = slice.ToList();
            (double[] point, int i)[] kept = [items[0], items.MinBy(item => item.point[1]), items.MaxBy(item => item.point[1]), items[^1]];
            reduced.AddRange(kept.DistinctBy(item => item.i).OrderBy(item => item.i).Select(item => item.point));
        }
        return [.. reduced];
    }
}
