using Repro.Studies;

namespace Repro.Benchmarks;

/// <summary>From pressing Enter to a program that works: the check in <c>./repro</c> and the program's own start. The engine's is the row start of <c>./bench torch</c>.</summary>
public sealed class StartupBenchmark : Benchmark
{
    private const int DefaultRounds = 20;

    public override string Name => "startup";

    public override string Title => "what ./repro costs before it works";

    public override string Takes => $"--rounds N (1 to 1000; default {DefaultRounds})";

    public override IEnumerable<BenchmarkRow> Run(IReadOnlyList<string> arguments)
    {
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
    }

    private int Rounds(IReadOnlyList<string> arguments) => arguments switch
    {
        [] => DefaultRounds,
        ["--rounds", var text] when int.TryParse(text, out var n) && n is >= 1 and <= 1000 => n,
        _ => throw Refusal(arguments),
    };
}
