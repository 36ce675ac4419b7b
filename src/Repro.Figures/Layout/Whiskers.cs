namespace Repro.Figures.Layout;

/// <summary>Intervals as strokes: the line from end to end, and a short one across each end.</summary>
public static class Whiskers
{
    private const double HalfCap = 2.2;

    /// <summary>Segments in data units; an interval with an end that is not finite is left out.</summary>
    public static IReadOnlyList<((double X, double Y) From, (double X, double Y) To)> Segments(Intervals intervals, FigureLayout layout)
    {
        var segments = new List<((double, double), (double, double))>();
        var (across, length) = intervals.Horizontal ? (layout.Y, layout.Plot.Height) : (layout.X, layout.Plot.Width);
        foreach (var interval in Polylines.Split(intervals.At, intervals.Low, intervals.High).SelectMany(part => part))
        {
            var (at, low, high) = (interval[0], interval[1], interval[2]);
            var (before, after) = (across.At(across.Fraction(at) - HalfCap / length), across.At(across.Fraction(at) + HalfCap / length));
            segments.Add((Point(at, low), Point(at, high)));
            segments.Add((Point(before, low), Point(after, low)));
            segments.Add((Point(before, high), Point(after, high)));
        }
        return segments;

        (double, double) Point(double position, double value) => intervals.Horizontal ? (value, position) : (position, value);
    }
}
