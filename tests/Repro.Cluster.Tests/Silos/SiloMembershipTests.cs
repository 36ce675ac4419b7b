using System.Collections.Immutable;
using System.Net;
using Orleans.Runtime;
using Repro.Cluster.Silos;

namespace Repro.Cluster.Tests.Silos;

public class SiloMembershipTests
{
    private static readonly SiloAddress Lives = Address(1), Died = Address(2), Leaves = Address(3), Joins = Address(4), Unknown = Address(5);
    private static readonly SiloAddress Elsewhere = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11112), 6);

    private readonly FakeMembers _members = new((Lives, SiloStatus.Active), (Died, SiloStatus.Dead), (Leaves, SiloStatus.ShuttingDown), (Joins, SiloStatus.Joining));

    private readonly List<MembershipEntry> _rows = [];

    private SiloMembership Membership => new(_members, new Rows(_rows));

    [Fact]
    public async Task Gone_is_who_is_dead_who_is_not_known_and_who_is_no_silo()
    {
        var hosts = new HashSet<string>(((SiloAddress[])[Lives, Died, Leaves, Joins, Unknown]).Select(Host)) { "own-host", "own@host" };
        Assert.Equal(new HashSet<string> { Host(Died), Host(Unknown), "own-host", "own@host" }, await Membership.DeadAmong(hosts));
    }

    [Fact]
    public async Task Whoever_is_not_known_is_looked_for_once_more_for_it_may_have_just_joined()
    {
        _members.AfterRefresh = [(Lives, SiloStatus.Active), (Unknown, SiloStatus.Active)];
        Assert.Empty(await Membership.DeadAmong(new HashSet<string> { Host(Lives), Host(Unknown) }));
        Assert.Equal(1, _members.Refreshed);
    }

    [Fact]
    public async Task Where_all_are_members_nobody_is_asked()
    {
        Assert.Empty(await Membership.DeadAmong(new HashSet<string> { Host(Lives) }));
        Assert.Equal(0, _members.Refreshed);
    }

    [Fact]
    public async Task Of_those_that_are_gone_it_is_said_who_declared_them_dead_or_that_they_left_and_when()
    {
        var known = new HashSet<SiloAddress>();
        var (later, earlier) = (new DateTime(2026, 1, 2, 3, 4, 5), new DateTime(2026, 1, 2, 3, 0, 0));
        _rows.Add(Row(Died, SiloStatus.Dead, (Lives, earlier), (Elsewhere, later)));
        // Its own vote is how a silo that leaves writes its death.
        _rows.Add(Row(Leaves, SiloStatus.Dead, (Leaves, earlier.AddMinutes(1))));
        _rows.Add(Row(Unknown, SiloStatus.Dead, (Lives, earlier)));
        _rows.Add(Row(Lives, SiloStatus.Active, (Elsewhere, later)));
        Assert.Equal(
            [
                (Host(Unknown), "Another has started at its address.", new DateTimeOffset(earlier, TimeSpan.Zero)),
                (Host(Leaves), "It has left, as it was told.", new DateTimeOffset(earlier.AddMinutes(1), TimeSpan.Zero)),
                (Host(Died), $"It answered no more, and {Elsewhere.ToParsableString()} declared it dead.", new DateTimeOffset(later, TimeSpan.Zero)),
            ],
            await Membership.Gone(known));
        Assert.Empty(await Membership.Gone(known));
    }

    private static SiloAddress Address(int generation) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11111), generation);

    private static MembershipEntry Row(SiloAddress silo, SiloStatus status, params (SiloAddress By, DateTime At)[] suspects) =>
        new() { SiloAddress = silo, SiloName = "gpu7", Status = status, SuspectTimes = suspects.Select(suspect => Tuple.Create(suspect.By, suspect.At)).ToList() };

    private static string Host(SiloAddress address) => HostName.Of("gpu7", address);

    private sealed class FakeMembers(params (SiloAddress Address, SiloStatus Status)[] members) : IClusterMembershipService
    {
        private (SiloAddress Address, SiloStatus Status)[] _members = members;

        /// <summary>Null where there is nothing new.</summary>
        public (SiloAddress, SiloStatus)[]? AfterRefresh { get; set; }

        public int Refreshed { get; private set; }

        public ClusterMembershipSnapshot CurrentSnapshot => new(_members.ToImmutableDictionary(member => member.Address, member => new ClusterMember(member.Address, member.Status, "gpu7")), new MembershipVersion(1));

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException();

        public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default)
        {
            Refreshed++;
            _members = AfterRefresh ?? _members;
            return ValueTask.CompletedTask;
        }

        public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException();
    }

    private sealed class Rows(List<MembershipEntry> rows) : FakeTable
    {
        public override Task<MembershipTableData> ReadAll() => Task.FromResult(new MembershipTableData(rows.Select(row => Tuple.Create(row, "etag")).ToList(), new TableVersion(1, "etag")));
    }
}
