#if ORLEANS
using System.Diagnostics;
using System.Net;
using Repro.Cluster.Clients;
using Repro.Cluster.FakeSilo;
using Repro.Results.Stores;
using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;

namespace Repro.Shared.Cluster;

/// <summary>Silos in processes of their own, real PostgreSQL and real Orleans; only the training is none.</summary>
internal sealed class LiveCluster : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("repro-cluster-").FullName;
    private readonly Dictionary<string, FakeSiloProcess> _silos = [];
    private readonly List<FakeSiloProcess> _gone = [];
    private readonly int _slots;
    private readonly bool _workers;
    private readonly IReadOnlyList<IsolatedNetwork> _networks;
    private readonly PostgresServer? _server;
    private readonly ISweepStore _store;
    private FakeMeeting _meeting;

    /// <param name="server">Null is a cluster of this machine alone, with SQLite.</param>
    /// <param name="slots">Of each silo.</param>
    /// <param name="workers">Whether runs are trained by processes; otherwise each completes at once.</param>
    /// <param name="networks">One for each silo, by which it can be cut off; empty where they share this process's.</param>
    public LiveCluster(PostgresServer? server, int silos, int slots, bool workers, IReadOnlyList<IsolatedNetwork>? networks = null)
    {
        (_server, _slots, _workers, _networks) = (server, slots, workers, networks ?? []);
        _meeting = new FakeMeeting(server?.NewDatabase() ?? Path.Combine(_folder, "sweeps.db"));
        if (_meeting.HasDatabase) MembershipSchema.Apply(_meeting.Store);
        _store = _meeting.Open();
        for (var i = 0; i < silos; i++)
        {
            var silo = Start($"silo-{i}");
            if (i == 0 && !_meeting.HasDatabase) Meet(silo);
        }
        foreach (var silo in _silos.Values) silo.WaitForJoin(Patience);
        Client = FakeClient.Connect(_meeting, Patience).GetAwaiter().GetResult();
    }

    /// <exception cref="InvalidOperationException">It has none.</exception>
    public PostgresServer Server => _server ?? throw new InvalidOperationException("This cluster has no database.");

    /// <summary>Of the store, and of the database where silos meet.</summary>
    public string Address => _meeting.Store;

    /// <summary>Of the first silo, for clients; where there is a database nobody has to know it.</summary>
    public int GatewayPort => _meeting.GatewayPort;

    /// <summary>Of the first silo, for others; likewise.</summary>
    public int FirstPort => _meeting.FirstPort;

    public ClusterClient Client { get; }

    public IReadOnlyCollection<FakeSiloProcess> Silos => _silos.Values;

    /// <summary>Starts a silo of this name, in the place of one that has ended.</summary>
    /// <param name="elsewhere">At another address than that one had.</param>
    public FakeSiloProcess Start(string name, bool elsewhere = false)
    {
        if (_silos.Remove(name, out var before)) _gone.Add(before);
        var network = _networks.Count > 0 ? NetworkOf(name) : null;
        return _silos[name] = new FakeSiloProcess(name, Address, _folder, _slots, _workers, network is null ? null : IPAddress.Parse(network.Address), network?.Name, elsewhere ? null : before?.Ports, _meeting.HasDatabase || _meeting.FirstPort == 0 ? null : _meeting.FirstPort);
    }

    public IsolatedNetwork NetworkOf(FakeSiloProcess silo) => NetworkOf(silo.Name);

    /// <summary>Creates a sweep and gives it to the cluster.</summary>
    public void Submit(string sweep, Study study, Demand? needs = null) => FakeClient.Submit(_store, Client, sweep, study, needs).GetAwaiter().GetResult();

    /// <summary>Asks something for a sweep as a person does, and tells the cluster.</summary>
    public void Ask(string sweep, Study study, Action<Decision> request)
    {
        new Coordinator(_store, sweep, study, host: null, TimeProvider.System).Decide([request]);
        Client.Submit(sweep, CancellationToken.None).GetAwaiter().GetResult();
    }

    public IReadOnlyList<SweepEvent> Events(string sweep) => _store.Read(sweep);

    /// <summary>Follows a sweep until this many of its runs have completed.</summary>
    /// <exception cref="InvalidOperationException">That takes longer than the patience.</exception>
    public void WaitForCompleted(string sweep, int runs, TimeSpan patience)
    {
        var done = 0;
        WaitFor(sweep, happened => happened is RunCompleted && ++done >= runs, patience, () => $"{done} of {runs} runs are completed");
    }

    /// <summary>Follows a sweep until a checkpoint of a run on a silo is recorded from now on.</summary>
    /// <param name="latest">Step of the checkpoint, beyond which the run may be over before anything can be done to it.</param>
    /// <exception cref="InvalidOperationException">That takes longer than the patience.</exception>
    public void WaitForCheckpoint(string sweep, string host, long latest, TimeSpan patience)
    {
        var (since, hosts) = (DateTimeOffset.UtcNow, new Dictionary<RunKey, string>());
        WaitFor(sweep, happened =>
        {
            if (happened is RunStarted started) hosts[started.Run] = started.Host;
            return happened is CheckpointRecorded saved && saved.Step <= latest && saved.At >= since && hosts[saved.Run] == host;
        }, patience, () => $"No run on {host} has recorded a checkpoint");
    }

    /// <summary>Asks how the cluster stands until it is as wanted.</summary>
    /// <exception cref="InvalidOperationException">That takes longer than a minute.</exception>
    public QueueSnapshot WaitForStatus(Func<QueueSnapshot, bool> wanted)
    {
        var began = Stopwatch.GetTimestamp();
        using var pace = new ManualResetEvent(false);
        while (true)
        {
            var status = Client.Status(CancellationToken.None).GetAwaiter().GetResult();
            if (wanted(status)) return status;
            if (Stopwatch.GetElapsedTime(began) > Patience) throw new InvalidOperationException($"The cluster does not come to stand as wanted: {string.Join("; ", status.Silos)} | {string.Join("; ", status.Dead)} | {string.Join("; ", status.Sweeps)}.\n{Story()}");
            pace.WaitOne(100);
        }
    }

    private void WaitFor(string sweep, Func<SweepEvent, bool> wanted, TimeSpan patience, Func<string> standing)
    {
        var (began, known) = (Stopwatch.GetTimestamp(), 0L);
        using var pace = new ManualResetEvent(false);
        while (true)
        {
            try
            {
                foreach (var happened in _store.Read(sweep, known))
                {
                    known++;
                    if (wanted(happened)) return;
                }
            }
            catch (Repro.Results.Runs.StorageException)
            {
                // The server is being killed.
            }
            if (Stopwatch.GetElapsedTime(began) > patience) throw new InvalidOperationException($"{standing()} after {patience.TotalSeconds:0} s.\n{Story()}");
            // Another process writes the log: there is nothing to wait on but time.
            pace.WaitOne(20);
        }
    }

    /// <summary>What is wrong with a finished sweep of marked fake runs; empty where nothing is.</summary>
    /// <param name="steps">Of each run.</param>
    public IReadOnlyList<string> Wrong(string sweep, int trials, int steps) => SweepAudit.Of(Events(sweep), run => _store.Metrics(sweep, run), trials, steps);

    /// <summary>What every silo logged.</summary>
    public string Story() => string.Join("\n", _gone.Concat(_silos.Values).Select(silo => $"--- {silo.Name}: {string.Join(" | ", silo.Lines)}\n{silo.Log}"));

    public void Dispose()
    {
        Client.DisposeAsync().AsTask().GetAwaiter().GetResult();
        foreach (var silo in _silos.Values.Concat(_gone)) silo.Dispose();
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // The membership of a cluster without a database is its first silo's.
    private void Meet(FakeSiloProcess first)
    {
        first.WaitForJoin(Patience);
        _meeting = _meeting with { FirstPort = first.Ports.Item1, GatewayPort = first.Ports.Item2 };
    }

    private IsolatedNetwork NetworkOf(string silo) => _networks[int.Parse(silo.Split('-')[1])];
}
#endif
