using System.Security.Cryptography;
using Repro.Shared;
using Repro.Studies;

namespace Repro.Benchmarks.Sweeps;

/// <summary>
/// Rounds of <see cref="ChaosRound"/>: how many end as an undisturbed sweep does, and how soon after a blow there is training again. On a sweep whose trials
/// take a second, so that many blows fall on starts and ends.
/// </summary>
public sealed class ChaosBenchmark : Benchmark
{
    private const int DefaultRounds = 50;

    public override string Name => "chaos";

    public override string Title => "sweeps whose workers, hosts and database are killed at random: what is lost, and how soon they train again";

    public override string Takes => $"--rounds N (1 to 10000; default {DefaultRounds}), --seed N and --store sqlite or postgres (default: both)";

    public override IReadOnlyList<string> PeerPackages => ["postgresql"];

    public override IEnumerable<BenchmarkRow> Run(IReadOnlyList<string> arguments)
    {
        var (rounds, seed, stores) = Arguments(arguments);
        Console.Error.WriteLine($"seed {seed}; again: ./bench chaos --rounds {rounds} --seed {seed}");
        var ground = Directory.CreateTempSubdirectory("repro-chaos-").FullName;
        var undisturbed = ChaosRound.Undisturbed(new LiveSweep([LiveSweepMeasures.Program], ground));
        Directory.Delete(ground, recursive: true);
        foreach (var store in stores)
        {
            using var server = store == "postgres" ? new PostgresServer() : null;
            if (server is { Available: false })
            {
                Console.Error.WriteLine($"The rounds on {store} are left out: {PostgresServer.Missing}");
                continue;
            }
            var outcomes = Enumerable.Range(1, rounds).Select(round => One(undisturbed, server, seed, round)).ToList();
            var recoveries = outcomes.SelectMany(outcome => outcome.Recoveries).ToList();
            yield return new BenchmarkRow($"{store}_rounds_passed", outcomes.Count(outcome => outcome.Wrong.Count == 0), null, $"of {rounds}", new BenchmarkTarget(rounds, OfRatio: false, AtMost: false));
            yield return new BenchmarkRow($"{store}_blows", outcomes.Sum(outcome => outcome.Blows.Count), null, "blows", null);
            if (recoveries.Count == 0) continue;
            yield return new BenchmarkRow($"{store}_median_to_training", Processes.Median(recoveries), null, "s", null);
            yield return new BenchmarkRow($"{store}_longest_to_training", recoveries.Max(), null, "s", null);
        }
    }

    private static ChaosOutcome One(ChaosRecord undisturbed, PostgresServer? server, ulong seed, int round)
    {
        var folder = Directory.CreateTempSubdirectory("repro-chaos-").FullName;
        ChaosOutcome outcome;
        try
        {
            outcome = ChaosRound.Run(new LiveSweep([LiveSweepMeasures.Program], folder, server?.NewDatabase()), undisturbed, server, seed, round);
        }
        catch (InvalidOperationException error)
        {
            outcome = new ChaosOutcome([], [], 0, 0, [error.Message]);
        }
        Console.Error.WriteLine($"round {round}: {(outcome.Wrong.Count == 0 ? "passed" : "FAILED")}: {string.Join("; ", outcome.Blows)}; {outcome.Attempts} attempts, {outcome.Continued} from a checkpoint");
        foreach (var wrong in outcome.Wrong) Console.Error.WriteLine($"  {wrong}");
        if (outcome.Wrong.Count == 0) Directory.Delete(folder, recursive: true);
        else Console.Error.WriteLine($"  what it left: {folder}");
        return outcome;
    }

    private (int Rounds, ulong Seed, IReadOnlyList<string> Stores) Arguments(IReadOnlyList<string> arguments)
    {
        var (rounds, seed, stores) = (DefaultRounds, (ulong)BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)), (IReadOnlyList<string>)["sqlite", "postgres"]);
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            if (arguments[i] == "--rounds" && int.TryParse(value, out var n) && n is >= 1 and <= 10_000) rounds = n;
            else if (arguments[i] == "--seed" && ulong.TryParse(value, out var s)) seed = s;
            else if (arguments[i] == "--store" && value is ("sqlite" or "postgres")) stores = [value];
            else throw Refusal(arguments);
        }
        return (rounds, seed, stores);
    }
}
