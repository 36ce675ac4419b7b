using System.Data.Common;
using Orleans.Runtime;
using Repro.Results.Runs;

namespace Repro.Cluster.Silos;

/// <summary>Who of the silos that logs and beats name is gone, by Orleans' membership.</summary>
internal sealed class SiloMembership(IClusterMembershipService members, IMembershipTable table)
{
    /// <summary>Those that are dead, or that the membership does not know any more. None of them comes back under its name.</summary>
    /// <param name="hosts">Known before this is asked: each has joined by now.</param>
    public async Task<IReadOnlySet<string>> DeadAmong(IReadOnlySet<string> hosts)
    {
        var doubtful = hosts.Where(host => !IsActive(host)).ToList();
        if (doubtful.Count == 0) return new HashSet<string>();
        // An old view may not know a silo that has just joined.
        if (doubtful.Any(host => StatusOf(host) == SiloStatus.None)) await Read(async () =>
        {
            await members.Refresh();
            return true;
        });
        return doubtful.Where(host => StatusOf(host) is SiloStatus.Dead or SiloStatus.None).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Those that were members and are gone, the first to go first.</summary>
    /// <param name="known">Those that were told before, which are not told again; becomes all that are told.</param>
    public async Task<IReadOnlyList<(string Host, string Why, DateTimeOffset At)>> Gone(HashSet<SiloAddress> known)
    {
        // The table is read when there is news: at every silo's every look that would be what ends first.
        if (members.CurrentSnapshot.Members.Values.All(member => member.Status != SiloStatus.Dead || known.Contains(member.SiloAddress))) return [];
        var dead = new List<(string Host, string Why, DateTimeOffset At)>();
        foreach (var (silo, _) in (await Read(table.ReadAll)).Members.Where(member => member.Item1.Status == SiloStatus.Dead && known.Add(member.Item1.SiloAddress)))
        {
            // Whoever writes a death writes itself as the last who suspected; who leaves writes its own.
            var (by, at) = silo.SuspectTimes is [.., var last] ? last : Tuple.Create(silo.SiloAddress, silo.IAmAliveTime);
            var why = by.Equals(silo.SiloAddress) ? "It has left, as it was told."
                : by.Endpoint.Equals(silo.SiloAddress.Endpoint) ? "Another has started at its address."
                : $"It answered no more, and {by.ToParsableString()} declared it dead.";
            dead.Add((HostName.Of(silo.SiloName, silo.SiloAddress), why, new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc))));
        }
        return dead.OrderBy(silo => silo.At).ToList();
    }

    // As an error that says what it is to whoever asked, on another silo too: what databases throw is theirs.
    private static async Task<T> Read<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (DbException away)
        {
            throw new StorageException($"The cluster's membership cannot be read: {away.Message}", away);
        }
    }

    private bool IsActive(string host) => StatusOf(host) == SiloStatus.Active;

    // A host that is no silo at all was none of this cluster: a host of its own, which the submission has made sure is gone.
    private SiloStatus StatusOf(string host) => HostName.AddressOf(host) is { } address ? members.CurrentSnapshot.GetSiloStatus(address) : SiloStatus.Dead;
}
