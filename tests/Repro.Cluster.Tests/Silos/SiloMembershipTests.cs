using System.Collections.Immutable;
using System.Net;
using Orleans.Runtime;
using Repro.Cluster.Silos;

namespace Repro.Cluster.Tests.Silos;

public class SiloMembershipTests
{
    private static readonly SiloAddress Lives = Address(1), Died = Address(2), Leaves = Address(3), Joins = Address(4), Unknown = Address(5);

    private readonly FakeMembers _members = new((Lives, SiloStatus.Active), (Died, SiloStatus.Dead), (Leaves, SiloStatus.ShuttingDown), (Joins, SiloStatus.Joining));

    private SiloMembership Membership => new(_members);

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
    public void The_dead_are_named_as_the_logs_name_them() => Assert.Equal([Host(Died)], Membership.Dead);

    [Fact]
    public void Why_a_silo_is_gone_depends_on_its_last_word_and_on_the_membership()
    {
        Assert.Equal("It has left, as it was told.", Membership.WhyGone(Host(Died), wasToLeave: true));
        Assert.Equal("It answered no more, and the others declared it dead.", Membership.WhyGone(Host(Died), wasToLeave: false));
        Assert.Equal("The membership does not know it any more.", Membership.WhyGone(Host(Unknown), wasToLeave: false));
    }

    private static SiloAddress Address(int generation) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11111), generation);

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
}
