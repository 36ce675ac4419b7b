using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Results.Stores;

/// <summary>Keeps sweeps in this process, for tests and benchmarks: nothing survives it.</summary>
public sealed class MemoryStore(TimeProvider? time = null) : ISweepStore
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private static readonly List<SweepEvent> NoTail = [];
    private readonly Lock _lock = new();
    private readonly List<(string Name, Kept Sweep)> _sweeps = [];

    public string Description => "memory";

    public void Dispose()
    {
    }

    public IReadOnlyList<string> Sweeps()
    {
        lock (_lock) return _sweeps.Where(s => s.Sweep.Events.Count > 0).Select(s => s.Name).ToList();
    }

    public IReadOnlyList<SweepEvent> Read(string sweep, long after = 0)
    {
        lock (_lock) return Tail(Of(sweep), after);
    }

    public SweepWrite Decide(string sweep, long known, string? host, Func<IReadOnlyList<SweepEvent>, SweepWrite> decide)
    {
        lock (_lock)
        {
            var kept = Of(sweep);
            if (host is not null && !(kept.Leases.TryGetValue(host, out var until) && until > _time.GetUtcNow())) throw new LeaseEndedException(sweep, host);
            var write = decide(Tail(kept, known));
            kept.Events.AddRange(write.Events);
            foreach (var (run, after) in write.Dropped)
            {
                if (!kept.Metrics.TryGetValue(run, out var points)) continue;
                foreach (var key in points.Keys.Where(key => key.Step > after).ToList()) points.Remove(key);
            }
            foreach (var (run, point) in write.Metrics)
            {
                if (!kept.Metrics.TryGetValue(run, out var points)) kept.Metrics.Add(run, points = new(Comparer<(long, string)>.Create(
                    (a, b) => a.Item1 != b.Item1 ? a.Item1.CompareTo(b.Item1) : string.CompareOrdinal(a.Item2, b.Item2))));
                points.TryAdd((point.Step, point.Name), point);
            }
            return write;
        }
    }

    public void Renew(string sweep, string host, TimeSpan lease)
    {
        lock (_lock) Of(sweep).Leases[host] = _time.GetUtcNow() + lease;
    }

    public void Leave(string sweep, string host)
    {
        lock (_lock) Of(sweep).Leases.Remove(host);
    }

    public IReadOnlySet<string> Alive(string sweep)
    {
        lock (_lock) return Of(sweep).Leases.Where(lease => lease.Value > _time.GetUtcNow()).Select(lease => lease.Key).ToHashSet();
    }

    public IReadOnlyList<MetricPoint> Metrics(string sweep, RunKey run)
    {
        lock (_lock) return Of(sweep).Metrics.TryGetValue(run, out var points) ? points.Values.ToList() : [];
    }

    public IEnumerable<(RunKey Run, MetricPoint Point)> Curves(string sweep, string metric)
    {
        lock (_lock)
        {
            return Of(sweep).Metrics
                .SelectMany(run => run.Value.Values.Where(point => point.Name == metric).Select(point => (run.Key, point)))
                .ToList();
        }
    }

    private static List<SweepEvent> Tail(Kept kept, long after) => after >= kept.Events.Count ? NoTail : kept.Events.GetRange((int)after, kept.Events.Count - (int)after);

    private Kept Of(string sweep)
    {
        foreach (var (name, kept) in _sweeps)
        {
            if (name == sweep) return kept;
        }
        var made = new Kept();
        _sweeps.Add((sweep, made));
        return made;
    }

    private sealed class Kept
    {
        public List<SweepEvent> Events { get; } = [];

        public SortedDictionary<RunKey, SortedDictionary<(long Step, string Name), MetricPoint>> Metrics { get; } = new(RunKey.Order);

        public Dictionary<string, DateTimeOffset> Leases { get; } = [];
    }
}
