using Orleans.Runtime;

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
        if (doubtful.Any(host => StatusOf(host) == SiloStatus.None)) await members.Refresh();
        return doubtful.Where(host => StatusOf(host) is SiloStatus.Dead or SiloStatus.None).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Those that others declared dead, the first to die first, for as long as the membership remembers them; who left is not among them.</summary>
    public async Task<IReadOnlyList<(string Host, string Why, DateTimeOffset At)>> DeclaredDead()
    {
        var dead = new List<(string Host, string Why, DateTimeOffset At)>();
        foreach (var (silo, _) in (await table.ReadAll()).Members.Where(member => member.Item1.Status == SiloStatus.Dead))
        {
            // Whoever writes the death writes itself as the last who suspected; who leaves writes its own.
            if (silo.SuspectTimes is not [.., var (by, at)] || by.Equals(silo.SiloAddress)) continue;
            dead.Add((HostName.Of(silo.SiloName, silo.SiloAddress),
                by.Endpoint.Equals(silo.SiloAddress.Endpoint) ? "Another has started at its address." : $"It answered no more, and {by.ToParsableString()} declared it dead.",
                new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc))));
        }
        return dead.OrderBy(silo => silo.At).ToList();
    }

    /// <param name="wasToLeave">By its last word.</param>
    public string WhyGone(string host, bool wasToLeave) =>
        wasToLeave ? "It has left, as it was told."
        : StatusOf(host) == SiloStatus.Dead ? "It answered no more, and the others declared it dead."
        : "The membership does not know it any more.";

    private bool IsActive(string host) => StatusOf(host) == SiloStatus.Active;

    // A host that is no silo at all was none of this cluster: a host of its own, which the submission has made sure is gone.
    private SiloStatus StatusOf(string host) => HostName.AddressOf(host) is { } address ? members.CurrentSnapshot.GetSiloStatus(address) : SiloStatus.Dead;
}
