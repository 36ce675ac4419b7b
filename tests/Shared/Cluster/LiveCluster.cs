#if ORLEANS
using System.Diagnostics;
using System.Net;
using Repro.Cluster.Clients;
using Repro.Cluster.FakeSilo;
using Repro.Results.Stores;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;

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
    private readonly PostgresStore _store;

    /// <param name="slots">Of each silo.</param>
    /// <param name="workers">Whether runs are trained by processes; otherwise each completes at once.</param>
    /// <param name="networks">One for each silo, by which it can be cut off; empty where they share this process's.</param>
    public LiveCluster(PostgresServer server, int silos, int slots, bool workers, IReadOnlyList<IsolatedNetwork>? networks = null)
    {
        (Server, _slots, _workers, _networks) = (server, slots, workers, networks ?? []);
        Address = server.NewDatabase();
        MembershipSchema.Apply(Address);
        _store = new PostgresStore(Address);
        for (var i = 0; i < silos; i++) Start($"silo-{i}");
        foreach (var silo in _silos.Values) silo.WaitForJoin(Patience);
        Client = FakeClient.Connect(Address, Patience).GetAwaiter().GetResult();
    }

    public PostgresServer Server { get; }

    public string Address { get; }

    public ClusterClient Client { get; }

    public IReadOnlyCollection<FakeSiloProcess> Silos => _silos.Values;

    /// <summary>Starts a silo of this name, in the place of one that has ended.</summary>
    /// <param name="elsewhere">At another address than that one had.</param>
    public FakeSiloProcess Start(string name, bool elsewhere = false)
    {
        if (_silos.Remove(name, out var before)) _gone.Add(before);
        var network = _networks.Count > 0 ? NetworkOf(name) : null;
        return _silos[name] = new FakeSiloProcess(name, Address, _folder, _slots, _workers, network is null ? null : IPAddress.Parse(network.Address), network?.Name, elsewhere ? null : before?.Ports);
    }

    public IsolatedNetwork NetworkOf(FakeSiloProcess silo) => NetworkOf(silo.Name);

    /// <summary>Creates a sweep and gives it to the cluster.</summary>
    public void Submit(string sweep, Study study) => FakeClient.Submit(_store, Client, sweep, study).GetAwaiter().GetResult();

    public IReadOnlyList<SweepEvent> Events(string sweep) => _store.Read(sweep);

    /// <summary>Follows a sweep until this many of its runs have completed.</summary>
    /// <exception cref="InvalidOperationException">That takes longer than the patience.</exception>
    public void WaitForCompleted(string sweep, int runs, TimeSpan patience)
    {
        var began = Stopwatch.GetTimestamp();
        var (known, done) = (0L, 0);
        using var pace = new ManualResetEvent(false);
        while (true)
        {
            try
            {
                foreach (var happened in _store.Read(sweep, known))
                {
                    known++;
                    if (happened is RunCompleted) done++;
                }
            }
            catch (Repro.Results.Runs.StorageException)
            {
                // The server is being killed.
            }
            if (done >= runs) return;
            if (Stopwatch.GetElapsedTime(began) > patience) throw new InvalidOperationException($"{done} of {runs} runs are completed after {patience.TotalSeconds:0} s.\n{Story()}");
            // Another process writes the log: there is nothing to wait on but time.
            pace.WaitOne(20);
        }
    }

    /// <summary>What the log and the metrics of a finished sweep say that they must not; empty where nothing.</summary>
    /// <param name="steps">Of each run, whose losses are known beforehand.</param>
    public IReadOnlyList<string> Wrong(string sweep, int trials, int steps)
    {
        var events = Events(sweep);
        var wrong = new List<string>();
        var planned = events.OfType<TrialPlanned>().ToList();
        if (!planned.Select(trial => trial.Trial).SequenceEqual(Enumerable.Range(0, trials))) wrong.Add($"The planned trials are not each of {trials} once; there are {planned.Count}.");
        foreach (var trial in planned)
        {
            var run = new RunKey(trial.Trial, 0);
            var completed = events.OfType<RunCompleted>().Count(happened => happened.Run == run);
            if (completed != 1) wrong.Add($"Run {run} was completed {completed} times.");
            var attempts = events.OfType<RunStarted>().Where(started => started.Run == run).Select(started => started.Attempt).ToList();
            if (!attempts.SequenceEqual(Enumerable.Range(1, attempts.Count))) wrong.Add($"Attempts of run {run} are {string.Join(", ", attempts)}.");
            wrong.AddRange(WrongLosses(sweep, run, trial, steps));
        }
        wrong.AddRange(events.OfType<RunFailed>().Where(failed => failed.Class is not (FailureClass.Lost or FailureClass.Crash)).Select(failed => $"Run {failed.Run} failed by itself: {failed.Class}: {failed.Message}"));
        return wrong;
    }

    /// <summary>What every silo logged.</summary>
    public string Story() => string.Join("\n", _gone.Concat(_silos.Values).Select(silo => $"--- {silo.Name}: {string.Join(" | ", silo.Lines)}\n{silo.Log}"));

    public void Dispose()
    {
        Client.DisposeAsync().AsTask().GetAwaiter().GetResult();
        foreach (var silo in _silos.Values.Concat(_gone)) silo.Dispose();
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private IsolatedNetwork NetworkOf(string silo) => _networks[int.Parse(silo.Split('-')[1])];

    private IEnumerable<string> WrongLosses(string sweep, RunKey run, TrialPlanned trial, int steps)
    {
        var losses = _store.Metrics(sweep, run).Where(point => point.Name == "loss").ToDictionary(point => point.Step, point => point.Value);
        if (losses.Count != steps) yield return $"Run {run} has {losses.Count} losses, not {steps}.";
        var offset = double.Parse(trial.Options["offset"], System.Globalization.CultureInfo.InvariantCulture);
        var training = FakeTraining.Begin(trial.Seeds[0]);
        while (training.Step < steps)
        {
            training.Advance();
            if (!losses.TryGetValue(training.Step, out var loss) || loss != training.Loss + offset) yield return $"Run {run} has {loss:R} at step {training.Step}, not {training.Loss + offset:R}.";
        }
    }
}
#endif
