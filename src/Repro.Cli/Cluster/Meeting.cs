using Repro.Cli.Sweeping;
using Repro.Cli.Verbs.Cluster;
using Repro.Cluster;
using Repro.Cluster.Clients;
using Repro.Results.Stores;
using Repro.Studies;

namespace Repro.Cli.Cluster;

/// <summary>Where the silos and clients of a command's cluster meet.</summary>
internal static class Meeting
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);

    /// <param name="firstPort">Of the first silo, where the cluster is this machine alone.</param>
    public static ClusterAddress Of(ClusterChoices choices, int firstPort = ClusterAddress.DefaultPort) => new(
        SweepStores.IsPostgres(choices.Store) ? MembershipSchema.ConnectionString(choices.Store) : null, choices.Id,
        choices.Tls is var (certificate, key, authority) ? new TlsFiles(certificate, key, authority) : null) { FirstPort = firstPort };

    /// <summary>Of this machine's silos; null where the cluster meets in a database.</summary>
    public static string? Folder(ClusterChoices choices) => SweepStores.IsPostgres(choices.Store) ? null : MachineMeeting.FolderOf(SweepStores.PathOf(choices.Store));

    /// <summary>Goes into a cluster as a client, and says where that takes long.</summary>
    /// <inheritdoc cref="Enter(ClusterChoices, TimeSpan, bool, TimeProvider, CancellationToken)"/>
    public static Task<ClusterClient> Enter(ClusterChoices choices, TimeSpan patience, bool waits, Waiting waiting, TimeProvider time, CancellationToken stop) =>
        waiting.For(Enter(choices, patience, waits, time, stop), patience, stop);

    /// <summary>Goes into a cluster as a client.</summary>
    /// <param name="patience">See <see cref="ClusterClient.Connect"/>.</param>
    /// <param name="waits">Whether a first silo of this machine, where there is none, is waited for as long.</param>
    /// <exception cref="BadInputException">No silo answers.</exception>
    public static async Task<ClusterClient> Enter(ClusterChoices choices, TimeSpan patience, bool waits, TimeProvider time, CancellationToken stop)
    {
        var since = time.GetTimestamp();
        MeetingPorts? ports = null;
        if (Folder(choices) is { } folder)
        {
            while ((ports = MachineMeeting.Find(folder)) is null)
            {
                if (!waits || time.GetElapsedTime(since) > patience)
                    throw new BadInputException($"No silo of this machine works on {SweepStores.PathOf(choices.Store)}. Start one: ./repro silo, with the same --store or REPRO_RUNS. A cluster of several machines has a database: --store postgres://user@host/database.");
                await Task.Delay(Every, time, stop);
            }
        }
        return await ClusterClient.Connect(Of(choices), ports?.Clients ?? ClusterAddress.DefaultGatewayPort, patience, time, stop);
    }
}
