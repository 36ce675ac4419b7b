using System.Reflection;
using Repro.Studies;
using Repro.Training;
using TorchSharp;

namespace Repro.Benchmarks.Engine;

/// <summary>
/// The engine beside PyTorch, and beside the TorchSharp package where that can be had, on the same threads: the same models in all, each in a process of its own, a few
/// steps in turn.
/// </summary>
public abstract class WorkloadBenchmark : Benchmark
{
    /// <summary>Hidden argument: serves one workload to the parent.</summary>
    private const string Serve = "serve";

    private const int DefaultRounds = 7;

    private protected static readonly BenchmarkTarget Faster = new(1, OfRatio: true, AtMost: true);

    // As the engine sets glibc's allocator when it is loaded: the peer, too, keeps the pages of large blocks from step to step.
    private static readonly IReadOnlyDictionary<string, string> KeptPages = new Dictionary<string, string>
    {
        ["MALLOC_MMAP_THRESHOLD_"] = $"{32 << 20}",
        ["MALLOC_TRIM_THRESHOLD_"] = $"{int.MaxValue}",
        ["MALLOC_TOP_PAD_"] = $"{64 << 20}",
    };

    // The threads of Debian's OpenBLAS and those of OpenMP disturb each other; where that costs more than the former bring, tuning is to do without them.
    private static readonly IReadOnlyDictionary<string, string> OneBlasThread = new Dictionary<string, string>(KeptPages) { ["OPENBLAS_NUM_THREADS"] = "1" };

    /// <summary>In the order of the table.</summary>
    private protected abstract IReadOnlyList<WorkloadRow> Rows { get; }

    /// <summary>The file under tests/peers that has the same workloads under the same names.</summary>
    private protected abstract string PeerScript { get; }

    /// <summary>What <see cref="Others"/> can be asked for by name.</summary>
    private protected virtual IReadOnlyList<string> OtherNames => [];

    public override string Takes => $"--rounds N (1 to 1000; default {DefaultRounds}), --threads N (default: all cores), --torchsharp FILE (this program, built over the TorchSharp package) and names of rows ({string.Join(", ", Names)})";

    public override IReadOnlyList<string> PeerPackages => ["python3-torch"];

    public override IEnumerable<BenchmarkRow> Run(IReadOnlyList<string> arguments)
    {
        if (arguments is [Serve, var name, var count])
        {
            torch.set_num_threads(int.Parse(count));
            torch.random.manual_seed(0);
            WorkloadServer.Serve(Make(name), EngineInfo.Current.Name);
            yield break;
        }
        var (wanted, rounds, threads, package) = Parse(arguments);
        var peer = PythonPeer.Find("torch");
        Console.Error.WriteLine($"{EngineInfo.Current.Name}; {threads} threads; {rounds} rounds in turn{(peer ? "" : "; no PyTorch here")}{(package is null ? "" : $"; {TorchSharpBeside(package)}")}");
        var chosen = Rows.Where(row => wanted.Count == 0 || wanted.Contains(row.Name)).ToArray();
        var best = new Dictionary<string, double>();
        foreach (var limit in MachineLimit.All.Where(limit => wanted.Contains(limit.Name) || chosen.Any(row => row.Work is not null)))
            yield return new BenchmarkRow(limit.Name, best[limit.Name] = Measure(limit, threads), null, limit.Unit, null);
        foreach (var row in chosen)
        {
            double? ours = null;
            foreach (var measured in Measure(row, rounds, threads, peer, package))
            {
                ours ??= measured.Ours;
                yield return measured;
            }
            if (row.Work is { } work)
            {
                var least = work.Seconds(1e9 * best["gemm_peak"], 1e9 * best[work.Cached ? "cache_bandwidth" : "memory_bandwidth"]);
                yield return new BenchmarkRow(row.Name + "_of_limit", 100 * least * row.PerSecond / ours!.Value, null, "%", null);
            }
        }
        foreach (var other in Others(wanted, rounds, peer, package)) yield return other;
    }

    /// <summary>Rows that are not times of a workload.</summary>
    /// <param name="wanted">Names given; none: all.</param>
    /// <param name="package">Of <c>--torchsharp</c>.</param>
    private protected virtual IEnumerable<BenchmarkRow> Others(IReadOnlyList<string> wanted, int rounds, bool peer, string? package) => [];

    private protected static string Self => typeof(WorkloadBenchmark).Assembly.Location;

    private IEnumerable<BenchmarkRow> Measure(WorkloadRow row, int rounds, int threads, bool peer, string? package)
    {
        using var ours = Ours(row.Name, threads);
        using var eager = peer ? Peer(row.Name, threads) : null;
        using var tuned = peer ? Peer(row.Name, threads, tuned: true) : null;
        using var tunedAlone = peer ? Peer(row.Name, threads, tuned: true, OneBlasThread) : null;
        using var torchSharp = package is null ? null : Ours(row.Name, threads, package, KeptPages);
        using var torchSharpAlone = package is null ? null : Ours(row.Name, threads, package, OneBlasThread);
        var others = peer ? row.OtherWays.Select(way => Peer($"{row.Name}_{way}", threads)).ToArray() : [];
        WorkloadServer?[] all = [ours, eager, tuned, tunedAlone, torchSharp, torchSharpAlone, .. others];
        foreach (var server in all) server?.Take(row.Steps);
        foreach (var other in all.OfType<WorkloadServer>().Where(other => other.Parameters > 0 && ours.Parameters > 0 && other.Parameters != ours.Parameters))
            throw new InvalidOperationException($"{row.Name} would compare two models: ours has {ours.Parameters:N0} parameters, the peer's {other.Parameters:N0}.");
        var times = all.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < rounds; round++)
            for (var i = 0; i < all.Length; i++)
                if (all[i] is { } server) times[i].Add(row.Scale * Processes.Median(server.Take(row.Steps)));
        var peaks = all.Select(server => server?.PeakMemory).ToArray();
        foreach (var other in others) other.Dispose();
        double? Of(int i) => times[i].Count == 0 ? null : Processes.Median(times[i]);
        double? Better(int i, int j) => Of(i) < Of(j) ? Of(i) : Of(j);
        var sides = (IReadOnlyList<string>)["ours", "eager", "tuned", "tuned with one thread of BLAS", "TorchSharp", "TorchSharp with one thread of BLAS", .. row.OtherWays];
        Console.Error.WriteLine($"  {row.Name}: {string.Join("; ", times.Where(t => t.Count > 0).Select(t => $"{t.Min():G4} .. {t.Max():G4}"))} {row.Unit} ({string.Join(", ", sides.Zip(all).Where(side => side.Second is not null).Select(side => side.First))})");
        yield return new BenchmarkRow(row.Name, Of(0)!.Value, Of(1), row.Unit, new BenchmarkTarget(row.Target, OfRatio: true, AtMost: true));
        yield return new BenchmarkRow(row.Name + "_tuned", Of(0)!.Value, Better(2, 3), row.Unit, row.TunedTarget is { } bound ? new BenchmarkTarget(bound, OfRatio: true, AtMost: true) : null);
        for (var i = 0; i < others.Length; i++) yield return new BenchmarkRow($"{row.Name}_{row.OtherWays[i]}", Of(0)!.Value, Of(6 + i), row.Unit, null);
        if (torchSharp is not null) yield return new BenchmarkRow(row.Name + "_torchsharp", Of(0)!.Value, Better(4, 5), row.Unit, Faster);
        if (row.MemoryTarget is not { } memory) yield break;
        yield return new BenchmarkRow(row.Name + "_peak_memory", peaks[0]!.Value, peaks[1], "MiB", new BenchmarkTarget(memory, OfRatio: true, AtMost: true));
        if (torchSharp is not null) yield return new BenchmarkRow(row.Name + "_peak_memory_torchsharp", peaks[0]!.Value, peaks[4], "MiB", Faster);
    }

    /// <summary>In 1e9 operations or bytes a second.</summary>
    private double Measure(MachineLimit limit, int threads)
    {
        using var server = Ours(limit.Name, threads);
        server.Take(1);
        return Math.Max(limit.Work.Flops, limit.Work.Bytes) / server.Take(limit.Tries).Min() / 1e9;
    }

    private IWorkload Make(string name) => MachineLimit.All.FirstOrDefault(limit => limit.Name == name)?.Make() ?? Rows.Single(row => row.Name == name).Make();

    private static string TorchSharpBeside(string program)
    {
        var assembly = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(program))!, "TorchSharp.dll");
        if (!File.Exists(assembly)) throw new BadInputException($"--torchsharp takes this program, built over the TorchSharp package: there is no TorchSharp.dll beside '{program}'.");
        return $"TorchSharp {AssemblyName.GetAssemblyName(assembly).Version?.ToString(3)}";
    }

    /// <param name="program">This one, or the same built over the TorchSharp package.</param>
    private WorkloadServer Ours(string workload, int threads, string? program = null, IReadOnlyDictionary<string, string>? environment = null) =>
        new(Environment.ProcessPath!, [program ?? Self, Name, Serve, workload, $"{threads}"], environment);

    private WorkloadServer Peer(string workload, int threads, bool tuned = false, IReadOnlyDictionary<string, string>? environment = null) =>
        new(PythonPeer.Python, [PythonPeer.Script(PeerScript), workload, "--threads", $"{threads}", .. tuned ? ["--tuned"] : Array.Empty<string>()], environment ?? KeptPages);

    private IEnumerable<string> Names => [.. MachineLimit.All.Select(limit => limit.Name), .. Rows.Select(row => row.Name), .. OtherNames];

    private (IReadOnlyList<string> Wanted, int Rounds, int Threads, string? Package) Parse(IReadOnlyList<string> arguments)
    {
        var (wanted, rounds, threads, package) = (new List<string>(), DefaultRounds, Environment.ProcessorCount, (string?)null);
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] is "--rounds" or "--threads" && i + 1 < arguments.Count && int.TryParse(arguments[i + 1], out var n) && n is >= 1 and <= 1000)
            {
                if (arguments[i++] == "--rounds") rounds = n;
                else threads = n;
            }
            else if (arguments[i] == "--torchsharp" && i + 1 < arguments.Count && File.Exists(arguments[i + 1])) package = arguments[++i];
            else if (Names.Contains(arguments[i])) wanted.Add(arguments[i]);
            else throw Refusal(arguments[i]);
        }
        return (wanted, rounds, threads, package);
    }
}
