using Repro.Results.Stores;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Benchmarks.Sweeps;

/// <summary>A folder for the databases of both sides, gone at the end.</summary>
internal sealed class SweepsFolder : IDisposable
{
    private const int LongTrials = 10_000;
    private const int ValuesEach = 1_000, EvaluatedEvery = 10;

    private int _databases;
    private string? _long;

    public string Path { get; } = Directory.CreateTempSubdirectory("repro-bench-").FullName;

    /// <summary>A new SQLite store's path.</summary>
    public string Fresh() => System.IO.Path.Combine(Path, $"ours-{_databases++}.db");

    /// <summary>The peer's words, with a new database where it wants one.</summary>
    public string[] Peer(string words) => words.Split(' ') switch
    {
        [var measure, "memory"] => [measure, "memory"],
        [var measure, var kind] => [measure, $"{kind}:{System.IO.Path.Combine(Path, $"peer-{_databases++}")}"],
        _ => throw new ArgumentException(words, nameof(words)),
    };

    /// <summary>A SQLite store with a sweep of 10,000 trials of 1,000 values each, a tenth of them the objective; filled once, which takes a minute or two.</summary>
    public string Long()
    {
        if (_long is not null) return _long;
        var path = Fresh();
        Console.Error.WriteLine($"filling a sweep of {LongTrials:N0} trials with {LongTrials * (long)ValuesEach:N0} values ...");
        using var store = new SqliteStore(path);
        store.Renew(SweepWorkload.Sweep, "host", TimeSpan.FromHours(1));
        var study = SweepWorkload.Study("random", LongTrials);
        var coordinator = new Coordinator(store, SweepWorkload.Sweep, study, "host", TimeProvider.System);
        coordinator.Decide(decision =>
        {
            decision.Create(1, paper: null);
            return 0;
        });
        for (var first = 0; first < LongTrials; first += 100) coordinator.Decide(Enumerable.Repeat<Action<Decision>>(RunOne, 100).ToList());
        return _long = path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static void RunOne(Decision decision)
    {
        var run = decision.Claim("slot")!;
        decision.Report(run.Run, run.Attempt, Enumerable.Range(1, ValuesEach).Select(step => new MetricPoint(step % EvaluatedEvery == 0 ? "validation_error" : "train_loss", step, 1.0 / step, step)).ToList(), []);
        decision.Complete(run.Run, run.Attempt, ValuesEach, new Dictionary<string, double> { ["validation_error"] = SweepWorkload.Quadratic(run.Configuration) });
    }
}
