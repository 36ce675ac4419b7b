namespace Repro.Figures.Layout;

/// <summary>Where a figure's data are, in points, so that labels can keep off them.</summary>
public sealed class Obstacles
{
    private const double LineRadius = 1.2, PointRadius = 2.6;

    private readonly List<(double X1, double Y1, double X2, double Y2)> _segments = [];
    private readonly List<Box> _boxes = [];

    /// <param name="map">From data to points.</param>
    /// <param name="barWidth">Of bars, in data units.</param>
    public Obstacles(Figure figure, AxisScale x, AxisScale y, Func<double, double, (double X, double Y)> map, double barWidth)
    {
        foreach (var mark in figure.Marks)
        {
            switch (mark)
            {
                case Line line: AddLine(line, x, map); break;
                case Points points: AddPoints(points.X.Zip(points.Y), map); break;
                case Band band: AddBand(band, map); break;
                case Bars bars: AddBars(bars, map, barWidth); break;
                case Reference reference: AddReference(reference, x, y, map); break;
                case Intervals intervals: AddIntervals(intervals, map); break;
            }
        }
    }

    /// <summary>Keeps later labels off this one.</summary>
    public void Add(Box box) => _boxes.Add(box);

    /// <summary>Whether nothing of the data is inside.</summary>
    public bool Free(Box box)
    {
        var wide = new Box(box.Left - LineRadius, box.Top - LineRadius, box.Right + LineRadius, box.Bottom + LineRadius);
        return !_boxes.Exists(box.Overlaps) && !_segments.Exists(s => wide.Touches(s.X1, s.Y1, s.X2, s.Y2));
    }

    private void AddLine(Line line, AxisScale x, Func<double, double, (double X, double Y)> map)
    {
        foreach (var run in Polylines.Split(line.X, line.Y))
        {
            var points = Polylines.Reduce(run, x, 600).Select(p => map(p[0], p[1])).ToList();
            if (points.Count == 1) AddPoints(run.Select(p => (p[0], p[1])), map);
            for (var i = 1; i < points.Count; i++) _segments.Add((points[i - 1].X, points[i - 1].Y, points[i].X, points[i].Y));
        }
    }

    private void AddPoints(IEnumerable<(double X, double Y)> points, Func<double, double, (double X, double Y)> map)
    {
        foreach (var (x, y) in points)
        {
            if (!double.IsFinite(x) || !double.IsFinite(y)) continue;
            var at = map(x, y);
            _boxes.Add(new Box(at.X - PointRadius, at.Y - PointRadius, at.X + PointRadius, at.Y + PointRadius));
        }
    }

    private void AddReference(Reference reference, AxisScale x, AxisScale y, Func<double, double, (double X, double Y)> map)
    {
        var (from, to) = reference.Vertical ? (map(reference.At, y.Min), map(reference.At, y.Max)) : (map(x.Min, reference.At), map(x.Max, reference.At));
        _segments.Add((from.X, from.Y, to.X, to.Y));
    }

    private void AddIntervals(Intervals intervals, Func<double, double, (double X, double Y)> map)
    {
        foreach (var interval in Polylines.Split(intervals.At, intervals.Low, intervals.High).SelectMany(part => part))
        {
            var (a, b) = intervals.Horizontal ? (map(interval[1], interval[0]), map(interval[2], interval[0])) : (map(interval[0], interval[1]), map(interval[0], interval[2]));
            _segments.Add((a.X, a.Y, b.X, b.Y));
        }
    }

    private void AddBand(Band band, Func<double, double, (double X, double Y)> map)
    {
        foreach (var run in Polylines.Split(band.X, band.Low, band.High))
        {
            for (var i = 0; i < run.Length; i++)
            {
                var (from, to) = (run[Math.Max(0, i - 1)], run[i]);
                var (a, b) = (map(from[0], Math.Max(from[2], to[2])), map(to[0], Math.Min(from[1], to[1])));
                _boxes.Add(new Box(Math.Min(a.X, b.X), a.Y, Math.Max(a.X, b.X), b.Y));
            }
        }
    }

    private void AddBars(Bars bars, Func<double, double, (double X, double Y)> map, double width)
    {
        foreach (var run in Polylines.Split(bars.X, bars.Height))
        {
            foreach (var bar in run)
            {
                var (a, b) = (map(bar[0] - width / 2, Math.Max(0, bar[1])), map(bar[0] + width / 2, Math.Min(0, bar[1])));
                _boxes.Add(new Box(a.X, a.Y, b.X, b.Y));
            }
        }
    }
}
