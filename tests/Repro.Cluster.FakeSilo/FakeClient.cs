#if ORLEANS
using Repro.Cluster.Clients;
using Repro.Results.Stores;
using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;
using Repro.Workers.Silos;

namespace Repro.Cluster.FakeSilo;

/// <summary>Gives sweeps of fake runs to a cluster.</summary>
public static class FakeClient
{
    /// <param name="meeting">A database, or the ports of the silo that is asked.</param>
    public static Task<ClusterClient> Connect(FakeMeeting meeting, TimeSpan patience) =>
        ClusterClient.Connect(meeting.Address, meeting.GatewayPort, patience, TimeProvider.System, CancellationToken.None);

    /// <summary>Creates a sweep, and gives it to the cluster.</summary>
    public static Task Submit(ISweepStore store, ClusterClient client, string sweep, Study study, Demand? needs = null)
    {
        new Coordinator(store, sweep, study, host: null, TimeProvider.System).Decide([decision => decision.Create(7, null), new SweepTerms { Submitted = DateTimeOffset.UtcNow, Patience = TimeSpan.FromSeconds(60), Needs = needs ?? Demand.Any }.WriteTo]);
        return client.Submit(sweep, CancellationToken.None);
    }

    /// <summary>A client that submits a sweep, says so, and asks how the cluster stands for as long as it lives.</summary>
    public static async Task<int> SubmitAndFollow(string store, string sweep, string options, int trials)
    {
        using var opened = new PostgresStore(store);
        await using var client = await Connect(new FakeMeeting(store), TimeSpan.FromSeconds(60));
        await Submit(opened, client, sweep, FakeHost.Study(options, trials: trials));
        Console.Out.WriteLine("submitted");
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await pace.WaitForNextTickAsync()) await client.Status(CancellationToken.None);
        return 0;
    }
}
#endif
