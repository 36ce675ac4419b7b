using System.Runtime.InteropServices;
using Repro.Studies;

namespace Repro.Benchmarks;

/// <summary>From pressing Enter to a program that works: the check in <c>./repro</c>, the program's own start, and loading the engine.</summary>
public sealed class StartupBenchmark : Benchmark
{
    /// <summary>Hidden argument: loads the engine's library and ends, to be timed as a process.</summary>
    private const string LoadEngine = "load-engine";

    private const int DefaultRounds = 20;

    public override string Name => "startup";

    public override string Title => "what ./repro costs before it works; loading libtorch, against Python's import torch";

    public override IReadOnlyList<string> PeerPackages => ["python3-torch"];

    public override IEnumerable<BenchmarkRow> Run(IReadOnlyList<string> arguments)
    {
        if (arguments is [LoadEngine])
        {
            NativeLibrary.Load(Shim ?? throw new MissingComponentException("REPRO_TORCH_SHIM is not set; run ./bench."));
            yield break;
        }

        var rounds = Rounds(arguments);
        var root = Environment.GetEnvironmentVariable("REPRO_ROOT") ?? throw new MissingComponentException("REPRO_ROOT is not set; run ./bench.");
        var script = Path.Combine(root, "repro");
        var program = Path.Combine(root, "src", "Repro.Cli", "bin", "Release", "net10.0", "repro");

        // In pairs, so that a busy moment falls on both.
        var pairs = new List<(double Whole, double Program)>();
        for (var i = 0; i < rounds + 2; i++)
            pairs.Add((Processes.Milliseconds(script, "--version"), Processes.Milliseconds(program, "--version")));
        pairs.RemoveRange(0, 2);

        yield return new BenchmarkRow("setup_check", Processes.Median(pairs.Select(p => p.Whole - p.Program)), null, "ms", new BenchmarkTarget(50, OfRatio: false, AtMost: true));
        yield return new BenchmarkRow("repro_version", Processes.Median(pairs.Select(p => p.Whole)), null, "ms", null);

        // Where the TorchSharp package is the engine, there is no shim to load.
        if (!File.Exists(Shim)) yield break;
        yield return EngineRow(rounds);
    }

    private static string? Shim => Environment.GetEnvironmentVariable("REPRO_TORCH_SHIM");

    private static BenchmarkRow EngineRow(int rounds)
    {
        var torch = PythonPeer.Find("torch");
        List<double> ours = [], peer = [];
        for (var i = 0; i < rounds / 4 + 2; i++)
        {
            ours.Add(Processes.Milliseconds(Environment.ProcessPath!, [typeof(StartupBenchmark).Assembly.Location, "startup", LoadEngine]));
            if (torch) peer.Add(Processes.Milliseconds(PythonPeer.Python, "-c", "import torch"));
        }

        return new BenchmarkRow("process_with_libtorch", Processes.Median(ours.Skip(1)), torch ? Processes.Median(peer.Skip(1)) : null, "ms", new BenchmarkTarget(1, OfRatio: true, AtMost: true));
    }

    private static int Rounds(IReadOnlyList<string> arguments) => arguments switch
    {
        [] => DefaultRounds,
        ["--rounds", var text] when int.TryParse(text, out var n) && n is >= 1 and <= 1000 => n,
        _ => throw new BadInputException($"startup takes --rounds N (1 to 1000; default {DefaultRounds}), not '{string.Join(' ', arguments)}'."),
    };
}
