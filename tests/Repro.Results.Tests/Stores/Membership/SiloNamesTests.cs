using System.Net;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Shared;

namespace Repro.Results.Tests.Stores.Membership;

/// <summary>Who may join under a name, by a table of members such as Orleans writes it; time passes as the question waits.</summary>
public sealed class SiloNamesTests(PostgresServer server) : IClassFixture<PostgresServer>, IDisposable
{
    private static readonly IPEndPoint Own = new(IPAddress.Parse("10.0.0.7"), 11111);

    private readonly PassingTime _time = new();
    private readonly List<string> _waited = [];
    private MembershipDatabase? _database;

    private MembershipDatabase Database
    {
        get
        {
            Skip.IfNot(server.Available, PostgresServer.Missing);
            return _database ??= new MembershipDatabase(server);
        }
    }

    public void Dispose() => _database?.Dispose();

    [SkippableFact]
    public async Task A_name_that_no_member_has_is_free_at_once()
    {
        Insert("gpu8", "10.0.0.8", 11111, status: 3);
        Insert("gpu7", "10.0.0.9", 11111, status: 6);
        Insert("gpu7", "10.0.0.9", 11112, status: 4);
        Insert("gpu7", "10.0.0.9", 11113, status: 3, cluster: "another");
        Assert.Null(await Ask());
        Assert.Equal((0, TimeSpan.Zero), (_waited.Count, _time.Passed));
    }

    [SkippableFact]
    public async Task A_member_at_the_own_address_was_the_silo_s_predecessor()
    {
        Insert("gpu7", "10.0.0.7", 11111, status: 3);
        Assert.Null(await Ask());
        Assert.Empty(_waited);
    }

    [SkippableFact]
    public async Task One_that_says_again_that_it_lives_has_the_name()
    {
        Insert("gpu7", "10.0.0.7", 11112, status: 3);
        _time.Passes = passed =>
        {
            if (passed == TimeSpan.FromSeconds(5)) Database.Execute("UPDATE OrleansMembershipTable SET IAmAliveTime = IAmAliveTime + interval '5 s'");
        };
        Assert.Equal("10.0.0.7:11112", await Ask());
        Assert.Equal(["10.0.0.7:11112"], _waited);
        Assert.Equal(TimeSpan.FromSeconds(5), _time.Passed);
    }

    [SkippableFact]
    public async Task One_that_was_killed_has_it_no_more()
    {
        Insert("gpu7", "10.0.0.9", 11111, status: 3);
        Assert.Null(await Ask());
        Assert.Equal(TimeSpan.FromSeconds(16), _time.Passed);
    }

    [SkippableFact]
    public async Task One_that_the_others_declare_dead_is_not_waited_for_any_longer()
    {
        Insert("gpu7", "10.0.0.9", 11111, status: 3);
        _time.Passes = passed =>
        {
            if (passed == TimeSpan.FromSeconds(2)) Database.Execute("UPDATE OrleansMembershipTable SET Status = 6");
        };
        Assert.Null(await Ask());
        Assert.Equal(TimeSpan.FromSeconds(2), _time.Passed);
    }

    [SkippableFact]
    public async Task One_that_has_joined_meanwhile_has_it()
    {
        Insert("gpu7", "10.0.0.9", 11111, status: 3);
        _time.Passes = passed =>
        {
            if (passed == TimeSpan.FromSeconds(3)) Insert("gpu7", "10.0.0.10", 11111, status: 3);
        };
        Assert.Equal("10.0.0.10:11111", await Ask());
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_said_to()
    {
        var error = await Assert.ThrowsAsync<StorageException>(() => new SiloNames("postgres://repro@127.0.0.1:1/repro", MembershipDatabase.Cluster, _time).LivingUnder("gpu7", Own, _waited.Add, default));
        Assert.StartsWith("The cluster's members cannot be read:", error.Message, StringComparison.Ordinal);
    }

    private Task<string?> Ask() => new SiloNames(Database.Address, MembershipDatabase.Cluster, _time).LivingUnder("gpu7", Own, _waited.Add, default);

    private void Insert(string name, string address, int port, int status, string cluster = MembershipDatabase.Cluster) => Database.Execute($"""
        INSERT INTO OrleansMembershipVersionTable (DeploymentId) VALUES ('{cluster}') ON CONFLICT DO NOTHING;
        INSERT INTO OrleansMembershipTable (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
        VALUES ('{cluster}', '{address}', {port}, 7, '{name}', 'host', {status}, 30000, now(), now())
        """);

    /// <summary>A clock that is moved by whoever waits for it.</summary>
    private sealed class PassingTime : TimeProvider
    {
        public TimeSpan Passed { get; private set; }

        public Action<TimeSpan> Passes { get; set; } = _ => { };

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Passed.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Passed += dueTime;
            Passes(Passed);
            return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
