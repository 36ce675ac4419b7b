using System.Text.Json;
using Repro.Results.Stores;
using Repro.Shared;
using Repro.Studies;
using Repro.Studies.Sweeps;

namespace Repro.Benchmarks.Sweeps;

/// <summary>
/// What searching costs beside the training: trials, values and suggestions a second, and opening a long sweep, beside Optuna on its own stores. Each row
/// runs in a process of its own, the two sides in turn, the databases on the disk of the temporary folder (<c>TMPDIR</c>), not in memory.
/// </summary>
public sealed class SweepsBenchmark : Benchmark
{
    /// <summary>Hidden argument: takes one measure in this process and prints it.</summary>
    private const string Take = "take";

    /// <summary>Of the host that is killed with PostgreSQL; others may be taken over from after it.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    private static readonly IReadOnlyList<SweepsRow> Rows =
    [
        new("random_trials_memory", "trials/s", 200_000, new BenchmarkTarget(50, OfRatio: true, AtMost: false)) { Ours = "random memory", Peer = "random memory", PeerCount = 1000 },
        new("random_trials_sqlite", "trials/s", 5_000, new BenchmarkTarget(50, OfRatio: true, AtMost: false)) { Ours = "random sqlite", Peer = "random sqlite", PeerCount = 100 },
        new("random_trials_durable", "trials/s", 5_000, new BenchmarkTarget(1500, OfRatio: false, AtMost: false)) { Ours = "random sqlite", Peer = "random journal", PeerCount = 200 },
        new("random_trials_postgres_two_hosts", "trials/s", 2_000, new BenchmarkTarget(500, OfRatio: false, AtMost: false)) { Ours = "hosts" },
        new("reported_values_durable", "values/s", 200_000, new BenchmarkTarget(10_000, OfRatio: false, AtMost: false)) { Ours = "values sqlite", Peer = "values sqlite", PeerCount = 500 },
        new("tpe_trials", "trials/s", 500, new BenchmarkTarget(50, OfRatio: true, AtMost: false)) { Ours = "tpe memory", Peer = "tpe memory", PeerCount = 500 },
        new("tpe_ask_after_10000", "ms", 10_000, new BenchmarkTarget(10, OfRatio: false, AtMost: true)) { Ours = "ask" },
        new("open_10000_trials_10m_values", "s", 10_000, new BenchmarkTarget(1, OfRatio: false, AtMost: true)) { Ours = "open" },
        new("memory_of_opening_it", "MiB", 10_000, null) { Ours = "memory" },
        new("free_slot_to_next_trial", "ms", 60, new BenchmarkTarget(5, OfRatio: false, AtMost: true)) { Ours = "live hand_over" },
        new("worker_killed_to_training", "s", 7, new BenchmarkTarget(1.5, OfRatio: false, AtMost: true)) { Ours = "live worker" },
        new("host_killed_to_training", "s", 7, new BenchmarkTarget(3, OfRatio: false, AtMost: true)) { Ours = "live host" },
        new("host_killed_to_training_postgres", "s", 5, new BenchmarkTarget(Lease.TotalSeconds + 3, OfRatio: false, AtMost: true)) { Ours = "live host_postgres" },
        new("host_cpu_while_two_slots_train", "% of a core", 1, new BenchmarkTarget(1, OfRatio: false, AtMost: true)) { Ours = "live cpu" },
    ];

    public override string Name => "sweeps";

    public override string Title => "asking, telling and storing trials and values; opening a long sweep; against Optuna. Deaths, and what a host costs";

    public override string Takes => $"--rounds N (1 to 100; default 3) and --only ROW,ROW ({string.Join(", ", Rows.Select(row => row.Name))})";

    public override IReadOnlyList<string> PeerPackages => ["python3-optuna", "postgresql"];

    public override IEnumerable<BenchmarkRow> Run(IReadOnlyList<string> arguments)
    {
        if (arguments is [Take, var measure, var store, var count])
        {
            Console.WriteLine(JsonSerializer.Serialize(SweepsMeasures.Take(measure, store, int.Parse(count))));
            yield break;
        }
        var (rounds, only) = Arguments(arguments);
        var hasPeer = PythonPeer.Find("optuna");
        using var folder = new SweepsFolder();
        var headed = false;
        foreach (var row in Rows.Where(row => only.Count == 0 || only.Contains(row.Name)))
        {
            List<double> ours = [], peer = [];
            var perRound = row.Ours is "ask" || row.IsLive ? 1 : rounds;
            for (var round = 0; round < perRound; round++)
            {
                if (row.Peer is { } peers && hasPeer)
                {
                    var taken = JsonSerializer.Deserialize<PeerTime>(PythonPeer.Output("optuna_sweeps.py", [.. folder.Peer(peers), $"{row.PeerCount}"]))!;
                    peer.Add(taken.count / taken.seconds);
                    if (!headed) Console.Error.WriteLine($"peer: Optuna {taken.version}; databases in {folder.Path}; medians of {rounds} rounds in turn");
                    headed = true;
                }
                if (Ours(row, folder) is { } value) ours.Add(value);
            }
            if (ours.Count > 0) yield return new BenchmarkRow(row.Name, Processes.Median(ours), peer.Count > 0 ? Processes.Median(peer) : null, row.Unit, row.Target);
        }
    }

    private static double? Ours(SweepsRow row, SweepsFolder folder)
    {
        if (row.Ours is "hosts") return TwoHosts(row.Count);
        if (row.IsLive) return Live(row);
        var words = row.Ours.Split(' ');
        var store = words.Length == 1 ? words[0] is "ask" ? "memory" : folder.Long() : words[1] is "memory" ? "memory" : folder.Fresh();
        return OneProcess(words[0], store, row.Count);
    }

    // Medians of what happens several times while a sweep trains.
    private static double? Live(SweepsRow row)
    {
        switch (row.Ours)
        {
            case "live hand_over": return Processes.Median(HandOverMeasure.Take(row.Count));
            case "live worker": return Processes.Median(LiveSweepMeasures.WorkersKilled(row.Count));
            case "live host": return Processes.Median(LiveSweepMeasures.HostsKilled(row.Count, null, Lease));
            case "live cpu": return LiveSweepMeasures.HostCpu();
            default:
                using (var server = new PostgresServer())
                {
                    if (server.Available) return Processes.Median(LiveSweepMeasures.HostsKilled(row.Count, server, Lease));
                }
                Console.Error.WriteLine($"{row.Name} is left out: {PostgresServer.Missing}");
                return null;
        }
    }

    private static double OneProcess(string measure, string store, int count) =>
        JsonSerializer.Deserialize<double>(Processes.Output(Environment.ProcessPath!, typeof(SweepsBenchmark).Assembly.Location, "sweeps", Take, measure, store, $"{count}"));

    // Two hosts as two processes on one sweep; the trials of both together, over the longer time.
    private static double? TwoHosts(int count)
    {
        using var server = new PostgresServer();
        if (!server.Available)
        {
            Console.Error.WriteLine($"random_trials_postgres_two_hosts is left out: {PostgresServer.Missing}");
            return null;
        }
        var address = server.NewDatabase();
        using (new PostgresStore(address))
        {
        }
        var hosts = Enumerable.Range(0, 2).Select(_ => Task.Run(() => OneProcess("host", address, count))).ToArray();
        var seconds = Task.WhenAll(hosts).GetAwaiter().GetResult();
        return count / seconds.Max();
    }

    private (int Rounds, HashSet<string> Only) Arguments(IReadOnlyList<string> arguments)
    {
        var rounds = 3;
        var only = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] == "--rounds" && i + 1 < arguments.Count && int.TryParse(arguments[i + 1], out var n) && n is >= 1 and <= 100)
            {
                rounds = n;
                i++;
            }
            else if (arguments[i] == "--only" && i + 1 < arguments.Count && arguments[i + 1].Split(',') is var names && names.All(name => Rows.Any(row => row.Name == name)))
            {
                only.UnionWith(names);
                i++;
            }
            else
            {
                throw Refusal(arguments);
            }
        }
        return (rounds, only);
    }

    /// <summary>What the peer's script prints; the names are its own.</summary>
    private sealed record PeerTime(string version, double seconds, int count);
}

/// <summary>A row of the table.</summary>
/// <param name="Count">How many trials or values ours are measured over.</param>
internal sealed record SweepsRow(string Name, string Unit, int Count, BenchmarkTarget? Target)
{
    /// <summary>Measure and kind of store.</summary>
    public required string Ours { get; init; }

    /// <summary>Measured on the program itself, while it trains.</summary>
    public bool IsLive => Ours.StartsWith("live ", StringComparison.Ordinal);

    /// <summary>Of the peer's script; null where it has nothing of the kind.</summary>
    public string? Peer { get; init; }

    /// <summary>Fewer than ours where the peer is slow: its rate does not rise with more.</summary>
    public int PeerCount { get; init; }
}
