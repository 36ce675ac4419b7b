#if ORLEANS
using Npgsql;
using Repro.Cli.Tests.Fakes;
using Repro.Results.Stores;
using Repro.Shared;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using Repro.Workers.Silos;

namespace Repro.Cli.Tests.Cluster;

/// <summary>What is said of a cluster of which no silo answers: a real database, and time that passes as it is waited for.</summary>
public sealed class UnansweredClusterTests(PostgresServer server) : IClassFixture<PostgresServer>, IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [SkippableFact]
    public void What_the_database_knows_is_shown_and_that_nobody_answers()
    {
        var store = NewDatabase();
        MembershipSchema.Apply(store);
        Execute(store, """
            INSERT INTO OrleansMembershipVersionTable (DeploymentId) VALUES ('repro'), ('another');
            INSERT INTO OrleansMembershipTable (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
            VALUES ('repro', '127.0.0.1', 1, 7, 'gpu7', 'host', 6, 1, now(), '2026-01-02 03:04:05'), ('repro', '127.0.0.1', 1, 8, 'gpu8', 'host', 3, 1, now(), '2026-01-02 03:04:06'),
                ('another', '127.0.0.1', 1, 9, 'gpu9', 'host', 3, 1, now(), '2026-01-02 03:04:07')
            """);
        using (var sweeps = new PostgresStore(store))
        {
            foreach (var name in (string[])["lr", "own"])
            {
                var coordinator = new Coordinator(sweeps, name, FilledSweep.Search(2), host: null, TimeProvider.System);
                coordinator.Decide([decision => decision.Create(seed: 7, Configuration.Parse("learning_rate=0.1"))]);
            }
            sweeps.Renew("lr", ClusterSweep.LeaseOf("repro"), TimeSpan.FromDays(1));
        }
        var status = Run("cluster", "status", "--store", store, "--json");
        Assert.Equal(1, status.Code);
        Assert.Equal(["gpu8 active 2026-01-02T03:04:06.0000000+00:00", "gpu7 dead 2026-01-02T03:04:05.0000000+00:00"], status.Last["members"]!.AsArray().Select(member => $"{member!["name"]} {member["state"]} {member["last_beat"]}"));
        Assert.Equal(["lr"], status.Last["sweeps"]!.AsArray().Select(sweep => (string)sweep!));
        Assert.Contains("it is waited for until", status.Error, StringComparison.Ordinal);
        Assert.Contains("\nNo silo of the cluster answers. Start one: ./repro silo", status.Error, StringComparison.Ordinal);
        Assert.Contains("lr waits for a silo", status.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Orleans", status.Error, StringComparison.OrdinalIgnoreCase);
    }

    [SkippableTheory]
    [InlineData("status")]
    [InlineData("drain", "gpu7")]
    public void A_database_without_a_cluster_s_tables_is_named_at_once(params string[] question)
    {
        var asked = Run(["cluster", .. question, "--store", NewDatabase()]);
        Assert.Equal(2, asked.Code);
        Assert.Matches(@"^PostgreSQL, 127\.0\.0\.1:\d+/\w+: the database has no tables of a cluster yet: \./repro cluster init-db, or start a silo\.\n$", asked.Error);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("drain", "gpu7")]
    public void A_database_that_is_away_is_told_from_silos_that_are(params string[] question)
    {
        var asked = Run(["cluster", .. question, "--store", "postgres://repro@127.0.0.1:1/repro"]);
        Assert.Equal(1, asked.Code);
        Assert.StartsWith("The cluster's members cannot be read: PostgreSQL, 127.0.0.1:1/repro cannot be reached", asked.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("waited for", asked.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_that_was_cancelled_is_given_to_no_cluster_and_ends_as_cancelled()
    {
        using (var sweeps = new SqliteStore(Path.Combine(_cli.Runs, "sweeps.db")))
        {
            var coordinator = new Coordinator(sweeps, "lr", FilledSweep.Search(2), host: null, TimeProvider.System);
            coordinator.Decide([decision => decision.Create(seed: 7, Configuration.Parse("learning_rate=0.1"))]);
            coordinator.Decide([decision => decision.Hold(cancel: true)]);
        }
        var resumed = Run("resume", "lr", "--cluster", "--runs", _cli.Runs, "--json");
        Assert.Equal((130, "cancelled"), (resumed.Code, (string)resumed.Last["status"]!));
        Assert.Contains("lr is cancelled: the cluster has nothing to do for it.", resumed.Error, StringComparison.Ordinal);
    }

    private string NewDatabase()
    {
        Skip.IfNot(server.Available, PostgresServer.Missing);
        return server.NewDatabase();
    }

    private static void Execute(string store, string sql)
    {
        using var source = NpgsqlDataSource.Create(MembershipSchema.ConnectionString(store));
        using var command = source.CreateCommand(sql);
        command.ExecuteNonQuery();
    }

    private CommandResult Run(params string[] words)
    {
        _cli.Change = same => same with { Time = new PassingTime() };
        return _cli.Bare(words);
    }

    /// <summary>A clock that is moved by whoever waits for it.</summary>
    private sealed class PassingTime : TimeProvider
    {
        private long _passed;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _passed);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Add(ref _passed, dueTime.Ticks);
            return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
#endif
