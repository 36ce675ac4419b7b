using System.Reflection;
using Repro.Studies;
using Repro.Training;
using TorchSharp;

namespace Repro.Benchmarks.Engine;

/// <summary>
/// The engine beside PyTorch, and beside the TorchSharp package where that can be had, on the same threads: the same models in all, each in a process of its own, a few
/// steps in turn.
/// </summary>
public sealed class TorchBenchmark : Benchmark
{
    /// <summary>Hidden argument: serves one workload to the parent.</summary>
    private const string Serve = "serve";

    /// <summary>Hidden argument: makes one tensor and ends, to be timed as a process.</summary>
    private const string FirstTensor = "first-tensor";

    private const int DefaultRounds = 7;

    private static readonly BenchmarkTarget Faster = new(1, OfRatio: true, AtMost: true);

    // As the engine sets glibc's allocator when it is loaded: the peer, too, keeps the pages of large blocks from step to step.
    private static readonly IReadOnlyDictionary<string, string> KeptPages = new Dictionary<string, string>
    {
        ["MALLOC_MMAP_THRESHOLD_"] = $"{32 << 20}",
        ["MALLOC_TRIM_THRESHOLD_"] = $"{int.MaxValue}",
        ["MALLOC_TOP_PAD_"] = $"{64 << 20}",
    };

    // The threads of Debian's OpenBLAS and those of OpenMP disturb each other; where that costs more than the former bring, tuning is to do without them.
    private static readonly IReadOnlyDictionary<string, string> OneBlasThread = new Dictionary<string, string>(KeptPages) { ["OPENBLAS_NUM_THREADS"] = "1" };

    /// <summary>What the machine does at its best, through the engine; no peer.</summary>
    private static readonly IReadOnlyList<Limit> Limits =
    [
        new("gemm_peak", "GFLOP/s", 7, Gemm.Work, () => new Gemm()),
        new("memory_bandwidth", "GB/s", 5, Copy.Work, () => new Copy()),
    ];

    private static readonly IReadOnlyList<Row> Rows =
    [
        new("add", "us", 1e6 / Add.Rounds, 3, 0.75, () => new Add()),
        new("add_backward", "us", 1e6 / AddBackward.Rounds, 3, 0.80, () => new AddBackward()),
        new("mlp", "us", 1e6 / Mlp.Rounds, 5, 0.65, () => new Mlp(), Mlp.Work),
        new("adam", "us", 1e6 / AdamStep.Rounds, 5, 0.25, () => new AdamStep(), AdamStep.Work),
        new("lstm", "ms", 1e3, 4, 0.85, () => new LstmStep(), LstmStep.Work),
        new("char_gpt", "ms", 1e3, 6, 0.85, () => new CharGptStep(), CharGptStep.Work),
        new("transformer", "ms", 1e3, 2, 0.95, () => new TransformerStep(), TransformerStep.Work),
        new("unet_8", "ms", 1e3, 4, 0.90, () => new UNetStep(channels: 1, size: 8, width: 32, levels: 2, batch: 128), UNetStep.Small),
        new("unet_32", "ms", 1e3, 8, 0.90, () => new UNetStep(channels: 3, size: 32, width: 32, levels: 3, batch: 16), UNetStep.Large),
        new("resnet", "ms", 1e3, 8, 0.80, () => new ResNetStep(), ResNetStep.Work, TunedTarget: 0.95, MemoryTarget: 0.90),
    ];

    public override string Name => "torch";

    public override string Title => "operators and training steps of the engine, against PyTorch (default eager and tuned) and TorchSharp";

    public override string Takes => $"--rounds N (1 to 1000; default {DefaultRounds}), --threads N (default: all cores), --torchsharp FILE (this program, built over the TorchSharp package) and names of rows ({string.Join(", ", Names)})";

    public override IReadOnlyList<string> PeerPackages => ["python3-torch"];

    public override IEnumerable<BenchmarkRow> Run(IReadOnlyList<string> arguments)
    {
        switch (arguments)
        {
            case [Serve, var name, var count]:
                torch.set_num_threads(int.Parse(count));
                torch.random.manual_seed(0);
                WorkloadServer.Serve(Make(name), EngineInfo.Current.Name);
                yield break;
            case [FirstTensor]:
                torch.zeros(1).Dispose();
                yield break;
        }
        var (wanted, rounds, threads, package) = Parse(arguments);
        var peer = PythonPeer.Find("torch");
        Console.Error.WriteLine($"{EngineInfo.Current.Name}; {threads} threads; {rounds} rounds in turn{(peer ? "" : "; no PyTorch here")}{(package is null ? "" : $"; {TorchSharpBeside(package)}")}");
        var chosen = Rows.Where(row => wanted.Count == 0 || wanted.Contains(row.Name)).ToArray();
        var best = new Dictionary<string, double>();
        foreach (var limit in Limits.Where(limit => wanted.Contains(limit.Name) || chosen.Any(row => row.Work is not null)))
            yield return new BenchmarkRow(limit.Name, best[limit.Name] = limit.Measure(threads), null, limit.Unit, null);
        foreach (var row in chosen)
        {
            double? ours = null;
            foreach (var measured in Measure(row, rounds, threads, peer, package))
            {
                ours ??= measured.Ours;
                yield return measured;
            }
            if (row.Work?.Seconds(1e9 * best["gemm_peak"], 1e9 * best["memory_bandwidth"]) is { } least)
                yield return new BenchmarkRow(row.Name + "_of_limit", 100 * least * row.PerSecond / ours!.Value, null, "%", null);
        }
        if (wanted.Count == 0 || wanted.Contains("start"))
            foreach (var start in Start(rounds, peer, package)) yield return start;
    }

    private static IEnumerable<BenchmarkRow> Measure(Row row, int rounds, int threads, bool peer, string? package)
    {
        using var ours = Ours(row.Name, threads);
        using var eager = peer ? Peer(row.Name, threads) : null;
        using var tuned = peer ? Peer(row.Name, threads, tuned: true) : null;
        using var tunedAlone = peer ? Peer(row.Name, threads, tuned: true, OneBlasThread) : null;
        using var torchSharp = package is null ? null : Ours(row.Name, threads, package, KeptPages);
        using var torchSharpAlone = package is null ? null : Ours(row.Name, threads, package, OneBlasThread);
        WorkloadServer?[] all = [ours, eager, tuned, tunedAlone, torchSharp, torchSharpAlone];
        foreach (var server in all) server?.Take(row.Steps);
        var times = all.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < rounds; round++)
            for (var i = 0; i < all.Length; i++)
                if (all[i] is { } server) times[i].Add(row.Scale * Processes.Median(server.Take(row.Steps)));
        double? Of(int i) => times[i].Count == 0 ? null : Processes.Median(times[i]);
        double? Better(int i, int j) => Of(i) < Of(j) ? Of(i) : Of(j);
        Console.Error.WriteLine($"  {row.Name}: {string.Join("; ", times.Where(t => t.Count > 0).Select(t => $"{t.Min():G4} .. {t.Max():G4}"))} {row.Unit} (ours{(peer ? ", eager, tuned, tuned with one thread of BLAS" : "")}{(package is null ? "" : ", TorchSharp, TorchSharp with one thread of BLAS")})");
        yield return new BenchmarkRow(row.Name, Of(0)!.Value, Of(1), row.Unit, new BenchmarkTarget(row.Target, OfRatio: true, AtMost: true));
        yield return new BenchmarkRow(row.Name + "_tuned", Of(0)!.Value, Better(2, 3), row.Unit, row.TunedTarget is { } bound ? new BenchmarkTarget(bound, OfRatio: true, AtMost: true) : null);
        if (torchSharp is not null) yield return new BenchmarkRow(row.Name + "_torchsharp", Of(0)!.Value, Better(4, 5), row.Unit, Faster);
        if (row.MemoryTarget is not { } memory) yield break;
        yield return new BenchmarkRow(row.Name + "_peak_memory", ours.PeakMemory, eager?.PeakMemory, "MiB", new BenchmarkTarget(memory, OfRatio: true, AtMost: true));
        if (torchSharp is not null) yield return new BenchmarkRow(row.Name + "_peak_memory_torchsharp", ours.PeakMemory, torchSharp.PeakMemory, "MiB", Faster);
    }

    private static IWorkload Make(string name) => Limits.FirstOrDefault(limit => limit.Name == name)?.Make() ?? Rows.Single(row => row.Name == name).Make();

    private static string TorchSharpBeside(string program)
    {
        var assembly = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(program))!, "TorchSharp.dll");
        if (!File.Exists(assembly)) throw new BadInputException($"--torchsharp takes this program, built over the TorchSharp package: there is no TorchSharp.dll beside '{program}'.");
        return $"TorchSharp {AssemblyName.GetAssemblyName(assembly).Version?.ToString(3)}";
    }

    private static string Self => typeof(TorchBenchmark).Assembly.Location;

    /// <param name="program">This one, or the same built over the TorchSharp package.</param>
    private static WorkloadServer Ours(string workload, int threads, string? program = null, IReadOnlyDictionary<string, string>? environment = null) =>
        new(Environment.ProcessPath!, [program ?? Self, "torch", Serve, workload, $"{threads}"], environment);

    private static WorkloadServer Peer(string workload, int threads, bool tuned = false, IReadOnlyDictionary<string, string>? environment = null) =>
        new(PythonPeer.Python, [PythonPeer.Script("torch_workloads.py"), workload, "--threads", $"{threads}", .. tuned ? ["--tuned"] : Array.Empty<string>()], environment ?? KeptPages);

    private static IEnumerable<BenchmarkRow> Start(int rounds, bool peer, string? package)
    {
        List<double> ours = [], theirs = [], torchSharp = [];
        for (var i = 0; i < rounds + 1; i++)
        {
            ours.Add(Processes.Milliseconds(Environment.ProcessPath!, Self, "torch", FirstTensor));
            if (peer) theirs.Add(Processes.Milliseconds(PythonPeer.Python, "-c", "import torch; torch.zeros(1)"));
            if (package is not null) torchSharp.Add(Processes.Milliseconds(Environment.ProcessPath!, package, "torch", FirstTensor));
        }
        double? Of(List<double> times) => times.Count == 0 ? null : Processes.Median(times.Skip(1));
        yield return new BenchmarkRow("start", Of(ours)!.Value, Of(theirs), "ms", new BenchmarkTarget(0.45, OfRatio: true, AtMost: true));
        if (package is not null) yield return new BenchmarkRow("start_torchsharp", Of(ours)!.Value, Of(torchSharp), "ms", Faster);
    }

    private static IEnumerable<string> Names => [.. Limits.Select(limit => limit.Name), .. Rows.Select(row => row.Name), "start"];

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

    /// <param name="Scale">From seconds of a step to <paramref name="Unit"/>.</param>
    /// <param name="Steps">Taken in a round.</param>
    /// <param name="Target">Of the ratio to default eager PyTorch.</param>
    /// <param name="Work">Of what the row's number is the time of; null where it is next to nothing.</param>
    private sealed record Row(
        string Name, string Unit, double Scale, int Steps, double Target, Func<IWorkload> Make, Work? Work = null, double? TunedTarget = null, double? MemoryTarget = null)
    {
        public double PerSecond => Unit == "us" ? 1e6 : 1e3;
    }

    /// <param name="Tries">Of which the best counts.</param>
    /// <param name="Work">Of one try, in operations or in bytes.</param>
    private sealed record Limit(string Name, string Unit, int Tries, Work Work, Func<IWorkload> Make)
    {
        /// <summary>In 1e9 operations or bytes a second.</summary>
        public double Measure(int threads)
        {
            using var server = Ours(Name, threads);
            server.Take(1);
            return Math.Max(Work.Flops, Work.Bytes) / server.Take(Tries).Min() / 1e9;
        }
    }
}
