using Repro.Results.Runs;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Workers.Tests;

/// <summary>A store that can be taken away and given back, and that counts what it is asked to write.</summary>
public sealed class ThrowingStore(ISweepStore inner) : ISweepStore
{
    private int _decisions;

    /// <summary>Nothing is written, nor read, while it is.</summary>
    public bool IsAway { get; set; }

    /// <summary>The next decision is written, and its answer lost.</summary>
    public bool LosesAnswer { get; set; }

    /// <summary>Called before each decision.</summary>
    public Action BeforeDecision { get; set; } = () => { };

    /// <summary>Called before each lease is renewed.</summary>
    public Action BeforeRenewal { get; set; } = () => { };

    /// <summary>Called before each lease is given back.</summary>
    public Action BeforeLeaving { get; set; } = () => { };

    /// <summary>Those that were written.</summary>
    public int Decisions => _decisions;

    public string Description => inner.Description;

    public void Dispose() => inner.Dispose();

    public IReadOnlyList<string> Sweeps() => inner.Sweeps();

    public IReadOnlyList<SweepEvent> Read(string sweep, long after = 0) => inner.Read(sweep, after);

    public SweepWrite Decide(string sweep, long known, string? host, Func<IReadOnlyList<SweepEvent>, SweepWrite> decide)
    {
        BeforeDecision();
        Require();
        var write = inner.Decide(sweep, known, host, decide);
        Interlocked.Increment(ref _decisions);
        if (!LosesAnswer) return write;
        LosesAnswer = false;
        throw new StorageException("The connection broke.");
    }

    public void Renew(string sweep, string host, TimeSpan lease)
    {
        BeforeRenewal();
        Require();
        inner.Renew(sweep, host, lease);
    }

    public void Leave(string sweep, string host)
    {
        BeforeLeaving();
        inner.Leave(sweep, host);
    }

    public IReadOnlySet<string> Alive(string sweep) => inner.Alive(sweep);

    public IReadOnlyList<MetricPoint> Metrics(string sweep, RunKey run) => inner.Metrics(sweep, run);

    public IEnumerable<(RunKey Run, MetricPoint Point)> Curves(string sweep, string metric) => inner.Curves(sweep, metric);

    private void Require()
    {
        if (IsAway) throw new StorageException("The disk is full.");
    }
}
