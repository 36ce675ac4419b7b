using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies.Runs;
using Repro.Studies.StudyFiles;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;

namespace Repro.Workers.Silos;

/// <summary>
/// Decides for one sweep of a cluster: the one writer of its log while all goes well, and one of several, whom the store's lock keeps apart, for a moment around a
/// silo's death. It holds nothing that the store cannot rebuild.
/// </summary>
public sealed class ClusterSweep : IDisposable
{
    private const string Prefix = "cluster:";

    // So few runs are told to as few slots; from more on every slot that waits may ask.
    private const int Few = 16;

    private static readonly TimeSpan ForEver = TimeSpan.FromDays(36_500);

    private readonly ISweepStore _store;
    private readonly string _sweep;
    private readonly string _lease;
    private readonly GroupCommit _decisions;
    private readonly Func<int, Task> _wake;
    private readonly TimeProvider _time;
    // A submission that came while the sweep was being left would find its lease gone.
    private readonly SemaphoreSlim _leasing = new(1);
    private long _happened;
    private int _submissions;
    private int _waking;
    private int _runsToGive = int.MaxValue;
    // At first nobody knows whether slots wait: the queue may have sent them away for one that decided before.
    private volatile bool _sentAway = true;

    /// <param name="cluster">Id of the cluster that works on it.</param>
    /// <param name="wake">Tells the queue that the sweep may have runs again, after a slot was sent away without, and how many slots are to ask at most.</param>
    /// <param name="storeIsAway">As <see cref="GroupCommit"/> has it.</param>
    /// <exception cref="BadInputException">The store has no such sweep.</exception>
    /// <exception cref="StorageException">The store cannot be read.</exception>
    public ClusterSweep(ISweepStore store, string sweep, string cluster, Func<int, Task> wake, Action<string?> storeIsAway, TimeProvider time)
    {
        (_store, _sweep, _lease, _wake, _time) = (store, sweep, LeaseOf(cluster), wake, time);
        var state = new SweepState();
        foreach (var happened in store.Read(sweep)) state.Apply(happened);
        var created = state.Created ?? throw new Studies.BadInputException($"There is no sweep '{sweep}' in {store.Description}.");
        Loan = new Loan(sweep, created.Study, new Dictionary<string, string>(state.Tags));
        Study = StudyFile.Read(created.Study, $"the study of the sweep {sweep}", subjects: null);
        // Whose slot it is that asks, each question says; attempts are the fence.
        _decisions = new GroupCommit(new Coordinator(store, sweep, Study, host: null, time), time, () => { }, storeIsAway);
    }

    public Study Study { get; }

    /// <summary>What a silo has to know of it.</summary>
    public Loan Loan { get; private set; }

    /// <summary>The host whose lease on a sweep says that a cluster works on it, for as long as it does.</summary>
    public static string LeaseOf(string cluster) => Prefix + cluster;

    /// <summary>The id of the cluster that works on a sweep; null where none does.</summary>
    public static string? ClusterOf(ISweepStore store, string sweep) => store.Alive(sweep).FirstOrDefault(IsCluster)?[Prefix.Length..];

    /// <summary>The sweeps of a store that a cluster works on.</summary>
    public static IEnumerable<string> Of(ISweepStore store, string cluster) => store.Sweeps().Where(sweep => ClusterOf(store, sweep) == cluster);

    /// <summary>Says that no cluster works on a sweep: for a host of its own, which would take the cluster's runs for lost.</summary>
    /// <exception cref="Studies.BadInputException">One does.</exception>
    public static void RequireNone(ISweepStore store, string sweep)
    {
        if (ClusterOf(store, sweep) is { } cluster) throw new Studies.BadInputException($"The sweep {sweep} was given to the cluster '{cluster}', which goes on with it; a host of its own would take its runs for lost.");
    }

    /// <summary>When the wall-time budget of a sweep ends that a cluster works on: so long after it was submitted.</summary>
    /// <param name="tags">The sweep's.</param>
    /// <returns>Null where it has no limit.</returns>
    public static DateTimeOffset? EndOf(Study study, IReadOnlyDictionary<string, string> tags) => study.WallTime is { } wall ? SweepTerms.Of(tags).Submitted + wall : null;

    /// <summary>Takes the sweep on, until it is finished or its wall time is used up.</summary>
    /// <exception cref="Studies.BadInputException">Hosts of their own work on it.</exception>
    public async Task Submit()
    {
        _submissions++;
        // A database that does not answer holds up this question, and not those of the slots.
        await Leasing(() =>
        {
            Take();
            return true;
        });
        Loan = Loan with { Tags = await _decisions.Decide(decision => new Dictionary<string, string>(decision.State.Tags)) };
        MayHaveWork();
    }

    private async Task<T> Leasing<T>(Func<T> action)
    {
        await _leasing.WaitAsync();
        try
        {
            return await Task.Run(action);
        }
        finally
        {
            _leasing.Release();
        }
    }

    private void Take()
    {
        var before = _store.Alive(_sweep);
        // Written before the others are read, as a host of its own writes before it reads: of two that begin at once, one at least sees the other.
        _store.Renew(_sweep, _lease, ForEver);
        if (OthersOn() is { Count: > 0 } others)
        {
            if (!before.Contains(_lease)) _store.Leave(_sweep, _lease);
            throw new Studies.BadInputException($"The sweep {_sweep} is being worked on by {string.Join(", ", others)}, outside of the cluster. Stop that host cleanly (Ctrl-C there), then submit it again.");
        }
    }

    /// <summary>What the slots of a silo ask.</summary>
    /// <param name="host">The silo.</param>
    public ISweepDecisions For(string host) => new Watched(this, new LocalDecisions(_decisions, host) { IsOutOfTime = IsOutOfTime, Decided = Count });

    /// <summary>Hosts that train runs of it, by the log.</summary>
    public Task<IReadOnlySet<string>> Hosts() =>
        _decisions.Decide<IReadOnlySet<string>>(decision => decision.State.Hosts.ToHashSet(StringComparer.Ordinal));

    /// <summary>Frees the runs of hosts that are gone; they go on from their checkpoints.</summary>
    /// <param name="dead">Known to be dead: they never come back under these names.</param>
    /// <returns>How many runs there were.</returns>
    public async Task<int> TakeOver(IReadOnlySet<string> dead)
    {
        var lost = await _decisions.Decide(decision =>
        {
            var freed = decision.TakeOverFrom(dead);
            Count(decision);
            return freed;
        });
        if (lost > 0) MayHaveWork();
        return lost;
    }

    /// <summary>Looks at what persons have written to the store meanwhile.</summary>
    /// <returns>True where nothing is left to do, or its wall time is used up, and the cluster is done with it.</returns>
    public async Task<bool> Look()
    {
        var submissions = _submissions;
        // A person has taken it back.
        if (!await Leasing(() => _store.Alive(_sweep).Contains(_lease)) && submissions == _submissions) return true;
        var over = await _decisions.Decide(decision =>
        {
            var state = decision.State;
            var ends = state.Running.Count == 0 && (state.Cancelled || IsOutOfTime(state) || decision.EndIfOver());
            Count(decision);
            return ends;
        });
        if (over && await Leasing(() => Leave(submissions))) return true;
        // Where a word was lost, or a person has written to the store.
        MayHaveWork();
        return false;
    }

    public void Dispose()
    {
        _decisions.Dispose();
        _leasing.Dispose();
    }

    private bool Leave(int submissions)
    {
        if (submissions != Volatile.Read(ref _submissions)) return false;
        _store.Leave(_sweep, _lease);
        return true;
    }

    private static bool IsCluster(string host) => host.StartsWith(Prefix, StringComparison.Ordinal);

    private bool IsOutOfTime(SweepState state) => EndOf(Study, state.Tags) <= _time.GetUtcNow();

    /// <summary>Hosts of their own that work on it. On a machine's own store one that was killed has no lock any more: it is none, and what it had is free.</summary>
    private List<string> OthersOn()
    {
        var others = _store.Alive(_sweep).Where(host => host != _lease).ToList();
        if (others.Count == 0 || others.Any(IsCluster) || _store is not SqliteStore sqlite || SweepLock.IsHeld(sqlite.LockFolderOf(_sweep))) return others;
        foreach (var dead in others) _store.Leave(_sweep, dead);
        return [];
    }

    private void Count(Decision decision) => Interlocked.Exchange(ref _runsToGive, decision.RunsToGive);

    private void MayHaveWork()
    {
        Interlocked.Increment(ref _happened);
        if (!_sentAway || Volatile.Read(ref _runsToGive) == 0) return;
        // What was decided is durable, and its answer does not wait for a queue that may be being found anew. One word at a time; what happens meanwhile is told after it.
        if (Interlocked.Increment(ref _waking) == 1) _ = TellQueue();
    }

    private async Task TellQueue()
    {
        int told;
        do
        {
            told = Volatile.Read(ref _waking);
            var runs = Volatile.Read(ref _runsToGive);
            // After a few loans the queue sends slots away by itself.
            _sentAway = runs <= Few;
            try
            {
                if (runs > 0) await _wake(runs <= Few ? runs : int.MaxValue);
            }
            catch (Exception)
            {
                // Nobody was told; whoever asks again, or looks next, tells.
                _sentAway = true;
            }
        }
        while (Interlocked.CompareExchange(ref _waking, 0, told) != told);
    }

    /// <param name="happened">What had happened when the question was asked: what came since may have made work.</param>
    private void HasNone(long happened)
    {
        _sentAway = true;
        Interlocked.MemoryBarrier();
        if (Interlocked.Read(ref _happened) != happened) MayHaveWork();
    }

    private sealed class Watched(ClusterSweep sweep, ISweepDecisions decisions) : ISweepDecisions
    {
        public async Task<NextRun> Claim(SlotClaim slot)
        {
            var happened = Interlocked.Read(ref sweep._happened);
            var next = await decisions.Claim(slot);
            if (next.Run is not null) return next;
            sweep.HasNone(happened);
            return NextRun.None;
        }

        public Task<bool> GoBack(RunKey run, int attempt, long? from) => decisions.GoBack(run, attempt, from);

        public async Task<ReportAnswer> Report(RunReport report)
        {
            var answer = await decisions.Report(report);
            // By what it says a pruner may promote another; without one it says nothing to the others.
            if (sweep.Study.Pruner != "none" && report.Points.Any(point => point.Name == sweep.Study.Objective.Metric)) sweep.MayHaveWork();
            return answer;
        }

        public async Task<EndAnswer> End(RunReport report, WorkerMessage ending, SlotClaim? next)
        {
            var happened = Interlocked.Read(ref sweep._happened) + 1;
            var answer = await decisions.End(report, ending, next);
            // For the others: what this slot may have it has in the answer.
            sweep.MayHaveWork();
            if (next is null || answer.Next.Run is not null) return answer;
            sweep.HasNone(happened);
            return answer with { Next = NextRun.None };
        }

        public Task<IReadOnlyList<RunAttempt>> Lost(IReadOnlyList<RunAttempt> runs) => decisions.Lost(runs);
    }
}
