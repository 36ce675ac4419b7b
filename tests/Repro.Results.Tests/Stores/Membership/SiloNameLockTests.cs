using System.Net;
using Npgsql;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Shared;
using Repro.Studies;

namespace Repro.Results.Tests.Stores.Membership;

/// <summary>Who has a silo's name, on a real server; time passes as it is waited for.</summary>
public sealed class SiloNameLockTests(PostgresServer server) : IClassFixture<PostgresServer>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _patience = new(Patience);
    private string? _address;

    private string Address
    {
        get
        {
            Skip.IfNot(server.Available, PostgresServer.Missing);
            return _address ??= server.NewDatabase();
        }
    }

    public void Dispose() => _patience.Dispose();

    [SkippableFact]
    public async Task Of_many_that_begin_at_the_same_moment_one_has_the_name()
    {
        _ = Address;
        var begun = await Task.WhenAll(Enumerable.Range(0, 8).Select(async silo =>
        {
            try
            {
                return await Task.Run(() => Take(port: 11111 + silo));
            }
            catch (BadInputException)
            {
                return null;
            }
        }));
        Assert.Single(begun.OfType<SiloNameLock>()).Dispose();
    }

    [SkippableFact]
    public async Task Who_has_it_is_waited_for_and_named()
    {
        using var first = await Take();
        var (time, waited) = (new PassingTime(), new List<string>());
        var refused = await Assert.ThrowsAsync<BadInputException>(() => SiloNameLock.Take(Address, "lab", "gpu7", At(11112), waited.Add, time, default));
        Assert.Equal("A silo called gpu7 is in the cluster already, at 10.0.0.7:11111. Give this one a name of its own: --name NAME. To end that one: ./repro cluster drain gpu7", refused.Message);
        Assert.Equal(["10.0.0.7:11111"], waited);
        Assert.Equal(TimeSpan.FromSeconds(10), time.Passed);
    }

    [SkippableFact]
    public async Task Other_names_and_other_clusters_are_free()
    {
        using var first = await Take();
        using var other = await Take(name: "gpu8");
        using var another = await Take(cluster: "another");
        Assert.Equal(3, Holders().Count);
    }

    [SkippableFact]
    public async Task A_silo_that_has_left_has_it_no_more()
    {
        (await Take()).Dispose();
        using var next = await Take();
        Assert.Single(Holders());
    }

    [SkippableFact]
    public async Task One_that_loses_it_while_it_is_waited_for_gives_it_to_who_waits()
    {
        var first = await Take();
        using var next = await SiloNameLock.Take(Address, "lab", "gpu7", At(11112), _ => first.Dispose(), new PassingTime(), default);
        Assert.Single(Holders());
    }

    [SkippableFact]
    public async Task A_connection_that_breaks_is_made_anew()
    {
        using var held = await Take();
        var before = Assert.Single(Holders());
        Execute($"SELECT pg_terminate_backend({before})");
        Assert.NotEqual(before, await Holder(other: before));
    }

    [SkippableFact]
    public async Task A_server_that_restarts_finds_the_name_taken_again()
    {
        using var own = new PostgresServer();
        Skip.IfNot(own.Available, PostgresServer.Missing);
        _address = own.NewDatabase();
        using var held = await Take();
        own.Kill();
        own.Restart();
        NpgsqlConnection.ClearAllPools();
        await Holder(other: 0);
        await Assert.ThrowsAsync<BadInputException>(() => Take(port: 11112));
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_said_to()
    {
        _address = "postgres://repro@127.0.0.1:1/repro";
        var error = await Assert.ThrowsAsync<StorageException>(() => SiloNameLock.Take(_address, "lab", "gpu7", At(11111), _ => { }, new PassingTime(), default));
        Assert.StartsWith("Whether another silo is called gpu7 cannot be asked: ", error.Message, StringComparison.Ordinal);
    }

    private static IPEndPoint At(int port) => new(IPAddress.Parse("10.0.0.7"), port);

    private Task<SiloNameLock> Take(string name = "gpu7", string cluster = "lab", int port = 11111) => SiloNameLock.Take(Address, cluster, name, At(port), _ => { }, new PassingTime(), default);

    /// <returns>The process that has the name, once one has that is not <paramref name="other"/>.</returns>
    private async Task<int> Holder(int other)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            if (Holders() is [var holder] && holder != other) return holder;
            await pace.WaitForNextTickAsync(_patience.Token);
        }
    }

    private List<int> Holders()
    {
        using var source = NpgsqlDataSource.Create(MembershipSchema.ConnectionString(Address));
        using var command = source.CreateCommand("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        using var reader = command.ExecuteReader();
        var holders = new List<int>();
        while (reader.Read()) holders.Add(reader.GetInt32(0));
        return holders;
    }

    private void Execute(string sql)
    {
        using var source = NpgsqlDataSource.Create(MembershipSchema.ConnectionString(Address));
        using var command = source.CreateCommand(sql);
        command.ExecuteNonQuery();
    }

    /// <summary>A clock that is moved by whoever waits for it.</summary>
    private sealed class PassingTime : TimeProvider
    {
        public TimeSpan Passed { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Passed.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Passed += dueTime;
            return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
