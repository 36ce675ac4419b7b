using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;
using Repro.Cluster.Silos;
using Repro.Results.Runs;
using Repro.Workers.Tests;

namespace Repro.Cluster.Tests.Silos;

public sealed class ForsakenSilosTests : IAsyncDisposable
{
    // A look each second; one that has said nothing for 16 of them is dead.
    private const int LooksInTime = 16;

    private readonly ManualTime _time = new();
    private readonly AskedTable _table = new();
    private readonly CancellationTokenSource _joined = new();
    private readonly Task _burying;

    public ForsakenSilosTests()
    {
        // Not in the test's own context either.
        Task? burying = null;
        Task.Run(() =>
        {
            burying = new ForsakenSilos(_table, new Self(), _time, NullLogger<ForsakenSilos>.Instance).Bury(_joined.Token);
        }).GetAwaiter().GetResult();
        _burying = burying!;
    }

    public async ValueTask DisposeAsync()
    {
        await _joined.CancelAsync();
        await _burying;
        _joined.Dispose();
    }

    [Fact]
    public async Task A_member_that_says_nothing_for_16_seconds_while_another_joins_is_declared_dead()
    {
        await Look(LooksInTime, Member(1));
        Assert.Empty(_table.Written);
        await Look(1, Member(1));
        var (silo, etag, version) = Assert.Single(_table.Written);
        Assert.Equal((Address(1), SiloStatus.Dead, "etag of 1", 8), (silo.SiloAddress, silo.Status, etag, version.Version));
        // Who says so stands there, as for every silo that others declare dead.
        Assert.Equal([Address(9)], silo.SuspectTimes.Select(suspect => suspect.Item1));
    }

    [Fact]
    public async Task A_member_that_says_something_is_left_alone()
    {
        for (var said = 0; said < 5; said++) await Look(LooksInTime, Member(1, said: said));
        Assert.Empty(_table.Written);
    }

    [Theory]
    [InlineData(SiloStatus.Dead)]
    [InlineData(SiloStatus.Joining)]
    [InlineData(SiloStatus.ShuttingDown)]
    public async Task Only_members_keep_others_from_joining(SiloStatus status)
    {
        await Look(2 * LooksInTime, Member(1, status));
        Assert.Empty(_table.Written);
    }

    [Fact]
    public async Task A_time_in_which_the_database_was_away_is_no_silence()
    {
        await Look(LooksInTime, Member(1));
        await Fail();
        await Look(LooksInTime, Member(1));
        Assert.Empty(_table.Written);
        await Look(1, Member(1));
        Assert.Single(_table.Written);
    }

    [Fact]
    public async Task Where_somebody_else_has_changed_the_table_it_is_looked_at_again()
    {
        _table.Refuses = true;
        await Look(LooksInTime + 1, Member(1));
        Assert.Single(_table.Written);
        _table.Refuses = false;
        await Look(1, Member(1));
        Assert.Equal(2, _table.Written.Count);
    }

    [Fact]
    public async Task Several_are_declared_dead_one_a_look_for_each_changes_the_table()
    {
        await Look(LooksInTime + 1, Member(1), Member(2));
        Assert.Equal([Address(1)], _table.Written.Select(written => written.Silo.SiloAddress));
        await Look(1, Member(1, SiloStatus.Dead), Member(2));
        Assert.Equal([Address(1), Address(2)], _table.Written.Select(written => written.Silo.SiloAddress));
    }

    [Fact]
    public async Task It_ends_when_the_silo_has_joined()
    {
        await Look(1, Member(1));
        await _joined.CancelAsync();
        await _burying;
    }

    private async Task Look(int times, params MembershipEntry[] members)
    {
        for (var i = 0; i < times; i++)
        {
            await Answer(asked => asked.SetResult(new MembershipTableData(members.Select(member => Tuple.Create(member, $"etag of {member.SiloAddress.Generation}")).ToList(), new TableVersion(7, "of the table"))));
        }
    }

    private Task Fail() => Answer(asked => asked.SetException(new StorageException("The database is away.")));

    private async Task Answer(Action<TaskCompletionSource<MembershipTableData>> answer)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        var asked = await _table.Asked.ReadAsync();
        // Where no context is: what comes after the answer has then happened when this returns.
        await Task.Run(() => answer(asked));
    }

    private static SiloAddress Address(int generation) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11111), generation);

    private static MembershipEntry Member(int generation, SiloStatus status = SiloStatus.Active, int said = 0) =>
        new() { SiloAddress = Address(generation), SiloName = "gone", Status = status, IAmAliveTime = new DateTime(2026, 1, 2, 3, 4, said, DateTimeKind.Utc) };

    /// <summary>A table whose answers a test gives.</summary>
    private sealed class AskedTable : FakeTable
    {
        private readonly Channel<TaskCompletionSource<MembershipTableData>> _asked = Channel.CreateUnbounded<TaskCompletionSource<MembershipTableData>>();

        public ChannelReader<TaskCompletionSource<MembershipTableData>> Asked => _asked.Reader;

        public List<(MembershipEntry Silo, string Etag, TableVersion Version)> Written { get; } = [];

        /// <summary>Writes meet another's.</summary>
        public bool Refuses { get; set; }

        public override Task<MembershipTableData> ReadAll()
        {
            var asked = new TaskCompletionSource<MembershipTableData>();
            _asked.Writer.TryWrite(asked);
            return asked.Task;
        }

        public override Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion)
        {
            Written.Add((entry, etag, tableVersion));
            return Task.FromResult(!Refuses);
        }
    }

    private sealed class Self : ILocalSiloDetails
    {
        public string Name => "joins";

        public string ClusterId => "test";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => Address(9);

        public SiloAddress GatewayAddress => Address(9);
    }
}
