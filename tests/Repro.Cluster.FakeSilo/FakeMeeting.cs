#if ORLEANS
using Repro.Cluster;
using Repro.Results.Stores;
using Repro.Studies.Sweeps;

namespace Repro.Cluster.FakeSilo;

/// <summary>Where the silos and clients of a test's cluster meet, and its store.</summary>
/// <param name="Store">Address of a PostgreSQL database; or a SQLite file, and the cluster is this machine's alone.</param>
/// <param name="FirstPort">For silos, of the first one of a machine; not used where there is a database.</param>
/// <param name="GatewayPort">For clients, of the same.</param>
public sealed record FakeMeeting(string Store, int FirstPort = 0, int GatewayPort = 0)
{
    public bool HasDatabase => Store.StartsWith("postgres://", StringComparison.Ordinal);

    public ClusterAddress Address => HasDatabase ? new ClusterAddress(MembershipSchema.ConnectionString(Store), "test", null) : new ClusterAddress(null, "test", null) { FirstPort = FirstPort };

    public ISweepStore Open() => HasDatabase ? new PostgresStore(Store) : new SqliteStore(Store);
}
#endif
