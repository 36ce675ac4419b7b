using System.Collections.Concurrent;
using Repro.Results.Stores;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;
using Repro.Workers.Hosts;

namespace Repro.Workers.Tests;

/// <summary>A sweep in SQLite, in a folder of the test's own, and hosts with fake workers, which are real processes.</summary>
internal sealed class HostFixture : IDisposable
{
    public const string Sweep = "sweep";

    private readonly HashSet<HostEvent> _told = new(ReferenceEqualityComparer.Instance);
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();

    public HostFixture(Study study, TimeProvider? time = null)
    {
        (Study, Time) = (study, time ?? TimeProvider.System);
        Store = new ThrowingStore(new SqliteStore(Path.Combine(Folder, "sweeps.db"), Time));
        Person.Decide([decision => decision.Create(7, null)]);
        Settings = new HostSettings { Folder = Path.Combine(Folder, Sweep), Slots = [new Slot("a", "cpu", null, 1)], StartWorker = FakeHost.StartWorker, StoreLock = Path.Combine(Folder, "locks", Sweep) };
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("repro-test-").FullName;

    public Study Study { get; }

    public TimeProvider Time { get; }

    public ThrowingStore Store { get; }

    public HostSettings Settings { get; set; }

    public ConcurrentQueue<HostEvent> Seen { get; } = [];

    public Coordinator Person => new(Store, Sweep, Study, host: null, Time);

    public SweepState State => Person.Refresh();

    public IReadOnlyList<SweepEvent> Log => Store.Read(Sweep);

    public RunStatus Run(int trial, int index = 0) => State[new RunKey(trial, index)];

    /// <summary>The loss of a run by step, as the store has it; fails where a step is there twice.</summary>
    public IReadOnlyDictionary<long, double> Losses(int trial, int index = 0) =>
        Store.Metrics(Sweep, new RunKey(trial, index)).Where(point => point.Name == "loss").ToDictionary(point => point.Step, point => point.Value);

    public string RunLog(int trial) => File.ReadAllText(Path.Combine(Settings.Folder, $"{trial}-0", "log.txt"));

    public LocalHost NewHost() => new(Store, Sweep, Study, Settings, Saw, Time);

    public Task<HostOutcome> Work() => NewHost().Run(_stop.Token);

    public void Stop() => _stop.Cancel();

    /// <summary>The first event, from the beginning, that is as wanted and was not given before.</summary>
    public async Task<T> WaitFor<T>(Func<T, bool>? wanted = null)
        where T : HostEvent
    {
        while (true)
        {
            var more = Volatile.Read(ref _more).Task;
            if (Seen.OfType<T>().FirstOrDefault(happened => (wanted?.Invoke(happened) ?? true) && !_told.Contains(happened)) is { } found)
            {
                _told.Add(found);
                return found;
            }
            await more;
        }
    }

    public Task<HostSaid> WaitForSentence(string text) => WaitFor<HostSaid>(said => said.Text == text);

    public void Dispose()
    {
        Store.Dispose();
        _stop.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private void Saw(HostEvent happened)
    {
        Seen.Enqueue(happened);
        Interlocked.Exchange(ref _more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}
