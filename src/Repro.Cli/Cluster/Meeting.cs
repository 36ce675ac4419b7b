using Repro.Cli.Sweeping;
using Repro.Cli.Verbs.Cluster;
using Repro.Cluster;
using Repro.Results.Stores;

namespace Repro.Cli.Cluster;

/// <summary>Where the silos and clients of a command's cluster meet.</summary>
internal static class Meeting
{
    /// <summary>Of a silo on this machine, for a cluster without a database; REPRO_GATEWAY_PORT where it is not the usual one.</summary>
    public static int GatewayPort => int.TryParse(Environment.GetEnvironmentVariable("REPRO_GATEWAY_PORT"), out var port) ? port : ClusterAddress.DefaultGatewayPort;

    public static ClusterAddress Of(ClusterChoices choices) => new(
        SweepStores.IsPostgres(choices.Store) ? MembershipSchema.ConnectionString(choices.Store) : null, choices.Id,
        choices.Tls is var (certificate, key, authority) ? new TlsFiles(certificate, key, authority) : null);
}
