using Repro.Studies.Runs;

namespace Repro.Training;

/// <summary>Every metric of a run so far but those of the first step alone, in the order of measurement. Part of every checkpoint; NaN and infinities are kept.</summary>
public sealed class MetricHistory
{
    private readonly List<MetricPoint> _points = [];
    private readonly Dictionary<string, List<MetricPoint>> _byName = [];

    /// <summary>All points, oldest first.</summary>
    public IReadOnlyList<MetricPoint> Points => _points;

    /// <summary>Names of all metrics that were measured.</summary>
    public IReadOnlyCollection<string> Names => _byName.Keys;

    /// <summary>The points of one metric, oldest first; empty where it was never measured.</summary>
    public IReadOnlyList<MetricPoint> Of(string name) => _byName.TryGetValue(name, out var points) ? points : [];

    /// <summary>The latest value, or null where it was never measured.</summary>
    public double? Last(string name) => _byName.TryGetValue(name, out var points) ? points[^1].Value : null;

    /// <summary>The step of the first point of <paramref name="name"/> strictly below <paramref name="threshold"/>; null while there is none.</summary>
    public long? FirstBelow(string name, double threshold)
    {
        foreach (var point in Of(name))
        {
            if (point.Value < threshold) return point.Step;
        }
        return null;
    }

    internal void Add(MetricPoint point)
    {
        if (!_byName.TryGetValue(point.Name, out var points)) _byName[point.Name] = points = [];
        if (points.Count > 0 && points[^1].Step >= point.Step)
            throw new ArgumentException($"Metric '{point.Name}' was measured at step {points[^1].Step} already; a later point cannot be at step {point.Step}.");
        points.Add(point);
        _points.Add(point);
    }
}
