using Repro.Results.Stores;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;
using Repro.Workers.Silos;

namespace Repro.Workers.Tests.Silos;

/// <summary>A sweep called <c>one</c> in a store of its own, whoever decides for it in a cluster, and a clock that the test moves.</summary>
public abstract class ClusterSweepFixture : IDisposable
{
    private readonly List<IDisposable> _open = [];

    protected ClusterSweepFixture() => Store = new SqliteStore(Path.Combine(Folder, "sweeps.db"), Time);

    internal static SlotClaim Slot { get; } = new("cpu-0", 0);

    internal static CompletedMessage Completed { get; } = new(10, new Dictionary<string, double> { ["loss"] = 0.5 });

    protected ManualTime Time { get; } = new();

    protected string Folder { get; } = Directory.CreateTempSubdirectory("repro-test-").FullName;

    protected SqliteStore Store { get; }

    /// <summary>What telling the queue does.</summary>
    protected Func<Task> Wake { get; set; } = () => Task.CompletedTask;

    /// <summary>How often the queue was told.</summary>
    protected int Woken { get; set; }

    public void Dispose()
    {
        foreach (var open in _open) open.Dispose();
        Store.Dispose();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected static (RunKey, int) Key(NextRun next) => (next.Run!.Run, next.Run.Attempt);

    protected List<T> Log<T>() => Store.Read("one").OfType<T>().ToList();

    protected Coordinator Person(Study? study = null) => new(Store, "one", study ?? FakeHost.Study(), host: null, Time);

    protected async Task<ClusterSweep> Submitted(int trials = 4, TimeSpan? wall = null)
    {
        var study = FakeHost.Study(trials: trials) with { WallTime = wall };
        Person(study).Decide([decision => decision.Create(7, null), SiloFixture.Terms().WriteTo]);
        Person(study).Decide([(SiloFixture.Terms() with { Submitted = Time.GetUtcNow() }).WriteTo]);
        var sweep = Decider();
        await sweep.Submit();
        return sweep;
    }

    protected ClusterSweep Decider() => Open(new ClusterSweep(Store, "one", "repro", _ =>
    {
        Woken++;
        return Wake();
    }, _ => { }, Time));

    protected ClusterSweep Open(ClusterSweep sweep)
    {
        _open.Add(sweep);
        return sweep;
    }
}
