using Repro.Cluster;
using Repro.Shared;
using Repro.Shared.Cluster;
using Repro.Studies;

namespace Repro.Benchmarks.Cluster;

/// <summary>A cluster of three silos that is struck in the middle of a sweep, again and again: what is lost, how soon what was hit trains again, and what its clients notice.</summary>
public sealed class ClusterChaosBenchmark : Benchmark
{
    private const int DefaultRounds = 3;

    private static readonly string[] Blows = ["kill", "freeze", "cut", "server", "all", "allelsewhere", "client"];

    public override string Name => "cluster-chaos";

    public override string Title => "a cluster whose silos are killed, frozen and cut off, and whose database is killed: what is lost, and how soon it trains again";

    public override string Takes => $"--rounds N (1 to 1000; default {DefaultRounds}), --seed N and --blow one of {string.Join(", ", Blows)} (default: all)";

    public override IReadOnlyList<string> PeerPackages => ["postgresql"];

    public override IEnumerable<BenchmarkRow> Run(IReadOnlyList<string> arguments)
    {
        var (rounds, seed, only) = Arguments(arguments);
        if (!ClusterPackages.CompiledIn)
        {
            Console.Error.WriteLine($"Nothing is measured. {ClusterPackages.Reason}");
            return [];
        }
#if ORLEANS
        return Rounds(rounds, seed, only);
#else
        throw new InvalidOperationException($"A cluster that is not compiled in is not struck: {rounds}, {seed}, {only}.");
#endif
    }

#if ORLEANS
    private static IEnumerable<BenchmarkRow> Rounds(int rounds, ulong seed, string? only)
    {
        foreach (var blow in Enum.GetValues<ClusterBlow>().Where(blow => only is null || blow.ToString().Equals(only, StringComparison.OrdinalIgnoreCase)))
        {
            if (blow == ClusterBlow.Cut && IsolatedNetwork.Missing is { } missing)
            {
                Console.Error.WriteLine($"cut is left out: {missing}");
                continue;
            }
            var outcomes = Enumerable.Range(0, rounds).Select(round => One(blow, seed + (ulong)round)).ToList();
            var name = blow.ToString().ToLowerInvariant();
            yield return new BenchmarkRow($"{name}_rounds_passed", outcomes.Count(outcome => outcome.Wrong.Count == 0), null, $"of {rounds}", new BenchmarkTarget(rounds, OfRatio: false, AtMost: false));
            yield return new BenchmarkRow($"{name}_calls_failed", outcomes.Sum(outcome => outcome.Failed), null, $"of {outcomes.Sum(outcome => outcome.Calls)}", new BenchmarkTarget(0, OfRatio: false, AtMost: true));
            yield return new BenchmarkRow($"{name}_longest_call", outcomes.Max(outcome => outcome.LongestCall), null, "s", null);
            var recoveries = outcomes.SelectMany(outcome => outcome.Resumed).Select(run => run.Seconds).Order().ToList();
            if (recoveries.Count == 0) continue;
            double? bound = blow switch { ClusterBlow.Kill => 8, ClusterBlow.Freeze or ClusterBlow.Cut => 15, _ => null };
            yield return new BenchmarkRow($"{name}_median_to_training", Processes.Median(recoveries), null, "s", null);
            yield return new BenchmarkRow($"{name}_95_percent_to_training", recoveries[(int)Math.Ceiling(0.95 * recoveries.Count) - 1], null, "s", bound is { } most ? new BenchmarkTarget(most, OfRatio: false, AtMost: true) : null);
        }
    }

    private static ClusterOutcome One(ClusterBlow blow, ulong seed)
    {
        var outcome = ClusterRound.OnNewCluster(blow, seed, out _) ?? throw new InvalidOperationException(PostgresServer.Missing);
        Console.Error.WriteLine($"{blow}, seed {seed}: {(outcome.Wrong.Count == 0 ? "passed" : "FAILED")}; {outcome.Attempts} attempts, {outcome.Continued} from a checkpoint; {string.Join(", ", outcome.Resumed.Select(run => $"{run.Seconds:0.0}"))} s to training; {outcome.Calls} calls, {outcome.Failed} failed, {outcome.AskedAgain} asked again");
        foreach (var wrong in outcome.Wrong) Console.Error.WriteLine($"  {wrong}");
        return outcome;
    }
#endif

    private (int Rounds, ulong Seed, string? Only) Arguments(IReadOnlyList<string> arguments)
    {
        var (rounds, seed, only) = (DefaultRounds, 1UL, (string?)null);
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            if (arguments[i] == "--rounds" && int.TryParse(value, out var n) && n is >= 1 and <= 1000) rounds = n;
            else if (arguments[i] == "--seed" && ulong.TryParse(value, out var s)) seed = s;
            else if (arguments[i] == "--blow" && Blows.Contains(value)) only = value;
            else throw Refusal(arguments);
        }
        return (rounds, seed, only);
    }
}
