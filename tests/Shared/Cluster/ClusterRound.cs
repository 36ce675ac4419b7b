#if ORLEANS
using System.Diagnostics;
using Repro.Cluster.Clients;
using Repro.Cluster.FakeSilo;
using Repro.Results.Runs;
using Repro.Studies.Randomness;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;

namespace Repro.Shared.Cluster;

/// <summary>What is done to a cluster in the middle of a sweep.</summary>
internal enum ClusterBlow
{
    /// <summary>Kill -9 of one silo; another one is started in its place later.</summary>
    Kill,

    /// <summary>One silo stands still for longer than it takes to be declared dead, and then goes on.</summary>
    Freeze,

    /// <summary>One silo reaches neither the database nor its peers for a while, and nobody is told.</summary>
    Cut,

    /// <summary>Kill -9 of the database server, which is started again.</summary>
    Server,

    /// <summary>Kill -9 of all silos at once, which are started again.</summary>
    All,

    /// <summary>Kill -9 of all silos at once; one machine is gone for good, and the others come back at other addresses.</summary>
    AllElsewhere,

    /// <summary>Kill -9 of the client that submitted the sweep and follows it.</summary>
    Client,
}

/// <param name="Resumed">Each run that was trained by what the blow hit, and was begun again.</param>
/// <param name="Calls">Calls of a client during the round.</param>
/// <param name="Failed">Those that failed at the client.</param>
/// <param name="LongestCall">Seconds.</param>
/// <param name="Wrong">What was lost, doubled or changed; empty where nothing.</param>
internal sealed record ClusterOutcome(IReadOnlyList<Resumption> Resumed, int Attempts, int Calls, int Failed, int AskedAgain, double LongestCall, IReadOnlyList<string> Wrong)
{
    /// <summary>Those that had a recorded checkpoint, and did not begin anew.</summary>
    public int Continued => Resumed.Count(run => run.From is > 0);
}

/// <param name="Before">The host that was hit.</param>
/// <param name="After">The host of the next attempt.</param>
/// <param name="Seconds">From the blow to that.</param>
/// <param name="Recorded">Step of the newest checkpoint in the log by then; null where there was none.</param>
/// <param name="From">Where the next attempt began; null is the beginning.</param>
internal sealed record Resumption(RunKey Run, string Before, string After, double Seconds, long? Recorded, long? From);

/// <summary>A sweep on a cluster that is struck once in the middle of it.</summary>
internal static class ClusterRound
{
    public const int Trials = 200, Steps = 20;

    private const string Sweep = "live";

    private static readonly string Options = $"steps={Steps},step_ms=40,checkpoint_every=5,marks=1";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4), StandsStill = TimeSpan.FromSeconds(20);

    /// <summary>Three silos of four slots each, made for this round.</summary>
    /// <param name="story">What the silos logged.</param>
    /// <returns>Null where there is no PostgreSQL.</returns>
    public static ClusterOutcome? OnNewCluster(ClusterBlow blow, ulong seed, out string story)
    {
        story = "";
        using var bridge = blow == ClusterBlow.Cut ? new Bridge() : null;
        using var server = bridge is null ? new PostgresServer() : PostgresServer.At(Bridge.Address);
        if (!server.Available) return null;
        var networks = bridge is null ? [] : Enumerable.Range(1, 3).Select(number => new IsolatedNetwork(number, bridge.Name)).ToList();
        try
        {
            using var cluster = new LiveCluster(server, silos: 3, slots: 4, workers: true, networks);
            var outcome = Run(cluster, blow, seed);
            story = cluster.Story();
            return outcome;
        }
        finally
        {
            foreach (var network in networks) network.Dispose();
        }
    }

    private static ClusterOutcome Run(LiveCluster cluster, ClusterBlow blow, ulong seed)
    {
        var chance = new Philox(seed, RandomPurpose.Checks, (int)blow);
        using var client = blow == ClusterBlow.Client ? SubmittedByAnother(cluster) : null;
        if (client is null) cluster.Submit(Sweep, FakeHost.Study(Options, trials: Trials));
        cluster.WaitForCompleted(Sweep, 30 + chance.NextInt32(30), Patience);
        var (silo, began) = (cluster.Silos.ElementAt(chance.NextInt32(cluster.Silos.Count)), Stopwatch.GetTimestamp());
        var struck = blow is ClusterBlow.All or ClusterBlow.AllElsewhere or ClusterBlow.Server ? cluster.Silos.Select(one => one.Host!).ToHashSet() : [silo.Host!];
        DateTimeOffset at;
        using (var prober = new Prober(cluster))
        {
            // In the middle of a run, so that something is there to go on from.
            cluster.WaitForCheckpoint(Sweep, silo.Host!, latest: Steps / 2, Patience);
            at = DateTimeOffset.UtcNow;
            if (client is null) Strike(cluster, silo, blow);
            else client.Kill();
            cluster.WaitForCompleted(Sweep, Trials, Patience);
            prober.Stop();
            var events = cluster.Events(Sweep);
            return new ClusterOutcome(
                blow is ClusterBlow.Server or ClusterBlow.Client ? [] : Resumed(events, struck, at), events.OfType<RunStarted>().Count(), prober.Calls, prober.Failed, cluster.Client.AskedAgain, prober.Longest,
                cluster.Wrong(Sweep, Trials, Steps));
        }
    }

    private static Process SubmittedByAnother(LiveCluster cluster)
    {
        var command = FakeSiloProgram.Command.Concat(["submit", cluster.Address, Sweep, Options, $"{Trials}"]).ToList();
        var client = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true })!;
        return client.StandardOutput.ReadLine() == "submitted" ? client : throw new InvalidOperationException("The client has not submitted its sweep.");
    }

    private static void Strike(LiveCluster cluster, FakeSiloProcess silo, ClusterBlow blow)
    {
        switch (blow)
        {
            case ClusterBlow.Kill:
                silo.Kill();
                silo.WaitForEnd(Patience);
                break;
            case ClusterBlow.Freeze:
                silo.Freeze();
                silo.WaitForEnd(StandsStill);
                silo.Thaw();
                silo.WaitForJoin(Patience, times: 2);
                break;
            case ClusterBlow.Cut:
                cluster.NetworkOf(silo).Cut();
                silo.WaitForEnd(StandsStill);
                cluster.NetworkOf(silo).Mend();
                silo.WaitForJoin(Patience, times: 2);
                break;
            case ClusterBlow.Server:
                cluster.Server.Kill();
                cluster.Server.Restart();
                break;
            case ClusterBlow.All or ClusterBlow.AllElsewhere:
                foreach (var one in cluster.Silos) one.Kill();
                foreach (var one in cluster.Silos) one.WaitForEnd(Patience);
                var back = cluster.Silos.Skip(blow == ClusterBlow.All ? 0 : 1).Select(one => one.Name).ToList();
                foreach (var one in back.ConvertAll(name => cluster.Start(name, elsewhere: blow == ClusterBlow.AllElsewhere))) one.WaitForJoin(Patience);
                break;
        }
    }

    private static List<Resumption> Resumed(IReadOnlyList<SweepEvent> events, HashSet<string> struck, DateTimeOffset at)
    {
        var resumed = new List<Resumption>();
        foreach (var (start, place) in events.Select((happened, place) => (happened as RunStarted, place)).Where(pair => pair.Item1 is { } start && start.At <= at && struck.Contains(start.Host)))
        {
            var over = events.Skip(place + 1).FirstOrDefault(happened => happened is RunCompleted completed && completed.Run == start!.Run || happened is RunStarted again && again.Run == start!.Run);
            if (over is not RunStarted next) continue;
            var recorded = events.TakeWhile(happened => happened != next).OfType<CheckpointRecorded>().LastOrDefault(saved => saved.Run == next.Run);
            resumed.Add(new Resumption(next.Run, start!.Host, next.Host, (next.At - at).TotalSeconds, recorded?.Step, next.From));
        }
        return resumed;
    }

    /// <summary>A client that asks how the cluster stands, again and again, on a thread of its own.</summary>
    private sealed class Prober : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _asking;

        public Prober(LiveCluster cluster) => _asking = Task.Run(() => Ask(cluster.Client));

        public int Calls { get; private set; }

        public int Failed { get; private set; }

        public double Longest { get; private set; }

        public void Stop()
        {
            _stop.Cancel();
            _asking.Wait();
        }

        public void Dispose()
        {
            Stop();
            _stop.Dispose();
        }

        private async Task Ask(ClusterClient client)
        {
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while (!_stop.IsCancellationRequested)
            {
                var began = Stopwatch.GetTimestamp();
                Calls++;
                try
                {
                    await client.Status(_stop.Token);
                    Longest = Math.Max(Longest, Stopwatch.GetElapsedTime(began).TotalSeconds);
                    await pace.WaitForNextTickAsync(_stop.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
                catch (StorageException)
                {
                    Failed++;
                }
            }
        }
    }
}
#endif
