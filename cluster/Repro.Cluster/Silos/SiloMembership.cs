using Orleans.Runtime;

namespace Repro.Cluster.Silos;

/// <summary>Who of the silos that logs and beats name is gone, by Orleans' membership.</summary>
internal sealed class SiloMembership(IClusterMembershipService members)
{
    /// <summary>Those that are dead, or that the membership does not know any more. None of them comes back under its name.</summary>
    /// <param name="hosts">Known before this is asked: each has joined by now.</param>
    public async Task<IReadOnlySet<string>> DeadAmong(IReadOnlySet<string> hosts)
    {
        var doubtful = hosts.Where(host => !IsActive(host)).ToList();
        if (doubtful.Count == 0) return new HashSet<string>();
        // An old view may not know a silo that has just joined.
        if (doubtful.Any(host => StatusOf(host) == SiloStatus.None)) await members.Refresh();
        return doubtful.Where(host => StatusOf(host) is SiloStatus.Dead or SiloStatus.None).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Those that were members and are dead, for as long as the membership remembers them.</summary>
    public IEnumerable<string> Dead => members.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Dead).Select(member => HostName.Of(member.Name, member.SiloAddress));

    /// <param name="wasToLeave">By its last word.</param>
    public string WhyGone(string host, bool wasToLeave) =>
        wasToLeave ? "It has left, as it was told."
        : StatusOf(host) == SiloStatus.Dead ? "It answered no more, and the others declared it dead."
        : "The membership does not know it any more.";

    private bool IsActive(string host) => StatusOf(host) == SiloStatus.Active;

    // A host that is no silo at all was none of this cluster: a host of its own, which the submission has made sure is gone.
    private SiloStatus StatusOf(string host) => HostName.AddressOf(host) is { } address ? members.CurrentSnapshot.GetSiloStatus(address) : SiloStatus.Dead;
}
