using System.Security.Cryptography;
using Repro.Shared;
using Xunit.Abstractions;

namespace Repro.Cli.Tests.Processes;

/// <summary>
/// The program as it is shipped, with real training, killed anywhere and at any time until its sweep is done. Every execution has new seeds; one that
/// failed comes again with REPRO_CHAOS_SEED, as far as chance decides and not the machine. <c>./bench chaos</c> does more of this.
/// </summary>
public sealed class ChaosTests(ChaosTests.Ground ground, ITestOutputHelper output) : IClassFixture<ChaosTests.Ground>
{
    private const string SeedVariable = "REPRO_CHAOS_SEED";

    private static readonly ulong Seed =
        Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } given ? ulong.Parse(given) : BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_sweep_on_one_machine_ends_as_if_nothing_had_been_killed(int round) => Hold(round, server: null);

    [SkippableTheory]
    [InlineData(4)]
    [InlineData(5)]
    public void A_sweep_on_two_hosts_ends_as_if_nothing_had_been_killed_or_frozen(int round)
    {
        Skip.IfNot(ground.Server.Available, PostgresServer.Missing);
        Hold(round, ground.Server);
    }

    private void Hold(int round, PostgresServer? server)
    {
        var folder = Directory.CreateTempSubdirectory("repro-chaos-").FullName;
        ChaosOutcome outcome;
        try
        {
            outcome = ChaosRound.Run(new LiveSweep(Ground.Program, folder, server?.NewDatabase()), ground.Undisturbed, server, Seed, round);
        }
        catch (InvalidOperationException error)
        {
            Assert.Fail($"{error.Message}\n{Again(folder)}");
            return;
        }
        output.WriteLine($"{SeedVariable}={Seed}, round {round}: {string.Join("; ", outcome.Blows)}; {outcome.Attempts} attempts, {outcome.Continued} of them from a checkpoint");
        Assert.True(outcome.Wrong.Count == 0, $"{string.Join('\n', outcome.Wrong)}\nBlows: {string.Join("; ", outcome.Blows)}.\n{Again(folder)}");
        Directory.Delete(folder, recursive: true);
    }

    private static string Again(string folder) => $"Again: {SeedVariable}={Seed} ./test ChaosTests. What it left: {folder}";

    /// <summary>What all rounds share: the sweep that nothing disturbs, and the database server.</summary>
    public sealed class Ground : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("repro-chaos-").FullName;
        private readonly Lazy<PostgresServer> _server = new();

        public Ground() => Undisturbed = ChaosRound.Undisturbed(new LiveSweep(Program, _folder));

        internal static IReadOnlyList<string> Program { get; } = [ReproProcess.Dotnet, typeof(ReproProgram).Assembly.Location];

        internal ChaosRecord Undisturbed { get; }

        internal PostgresServer Server => _server.Value;

        public void Dispose()
        {
            if (_server.IsValueCreated) Server.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
