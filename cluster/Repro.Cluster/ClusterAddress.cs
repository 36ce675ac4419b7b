using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization;
using Repro.Cluster.Silos;

namespace Repro.Cluster;

/// <summary>Where silos and clients of a cluster meet.</summary>
/// <param name="ConnectionString">Of the database with the membership; null is a cluster of this machine alone.</param>
/// <param name="ClusterId">Clusters that share a database differ in it.</param>
/// <param name="Tls">What they show each other; null speaks in the clear.</param>
public sealed record ClusterAddress(string? ConnectionString, string ClusterId, TlsFiles? Tls)
{
    /// <summary>Of the first silo, in a cluster of this machine alone: it has the membership.</summary>
    public int FirstPort { get; init; } = DefaultPort;

    /// <summary>Of the first silo of a machine, for other silos.</summary>
    public const int DefaultPort = 11111;

    /// <summary>Of the first silo of a machine, for clients.</summary>
    public const int DefaultGatewayPort = 30000;

    /// <summary>How long a call may take before it counts as lost.</summary>
    public static TimeSpan CallPatience { get; } = TimeSpan.FromSeconds(8);

    private const string Invariant = "Npgsql", ServiceId = "repro";

    // A dead silo is noticed after two missed probes of a second each, by two others where there are as many. Attempts fence what a silo that was only slow
    // still writes: a wrong verdict costs a run the time since its checkpoint, and a late one costs every run of the silo as much. Indirect probes are off: the
    // silo that is asked to probe gives up at the same moment as the one that asks, whose own patience then mostly ends first; that counts as no answer, and
    // with a silo that stands still, whose connections stay open, verdicts came only after 7 to 16 seconds here, and after more than 45 with the defaults.
    internal void Configure(ISiloBuilder silo, SiloSettings own)
    {
        Configure(silo.Services);
        if (ConnectionString is { } database)
        {
            silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, database));
            silo.ConfigureEndpoints(own.Address, own.Port, own.GatewayPort, listenOnAnyHostAddress: !IPAddress.IsLoopback(own.Address));
        }
        else
        {
            silo.UseLocalhostClustering(own.Port, own.GatewayPort, own.Port == FirstPort ? null : new IPEndPoint(IPAddress.Loopback, FirstPort), ServiceId, ClusterId);
        }
        if (Tls is { } tls) silo.UseTls(tls.Certificate(), tls.Configure);
        silo.Configure<SiloOptions>(options => options.SiloName = own.Name);
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = TimeSpan.FromSeconds(1);
            options.NumMissedProbesLimit = 2;
            options.NumVotesForDeathDeclaration = 2;
            options.EnableIndirectProbes = false;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(2);
            options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
            options.DefunctSiloExpiration = TimeSpan.FromDays(1);
        });
        silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = CallPatience);
    }

    internal void Configure(IClientBuilder client, int gatewayPort)
    {
        Configure(client.Services);
        if (ConnectionString is { } database) client.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, database));
        else client.UseLocalhostClustering(gatewayPort, ServiceId, ClusterId);
        if (Tls is { } tls) client.UseTls(tls.Certificate(), tls.Configure);
        client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
        client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = CallPatience);
    }

    private void Configure(IServiceCollection services)
    {
        services.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (ClusterId, ServiceId));
        AllowOwnTypes(services);
    }

    /// <summary>What silos and clients say to each other may be of our own types; a refusal or a failure arrives as what it is, also from another silo.</summary>
    internal static void AllowOwnTypes(IServiceCollection services)
    {
        services.AddSingleton<ITypeNameFilter, OwnTypes>();
        // A failure of the store has the database's own inside.
        foreach (var prefix in (string[])["Repro", "Npgsql"]) services.Configure<ExceptionSerializationOptions>(options => options.SupportedNamespacePrefixes.Add(prefix));
    }

    /// <summary>Messages are <see cref="Wire{T}"/> of our own types, and carry nothing but their JSON.</summary>
    private sealed class OwnTypes : ITypeNameFilter
    {
        public bool? IsTypeNameAllowed(string typeName, string assemblyName) => assemblyName.StartsWith("Repro.", StringComparison.Ordinal) ? true : null;
    }
}
