using System.Collections.Concurrent;
using Repro.Results.Stores;
using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;

namespace Repro.Workers.Tests.Silos;

/// <summary>A cluster in this process: the queue and the sweeps' deciders, one call at a time as grains have it, and silos whose workers are fake but real processes.</summary>
internal sealed class SiloFixture : IAsyncDisposable
{
    private readonly TaskScheduler _grains = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
    private readonly Dictionary<string, ClusterSweep> _deciders = [];
    private readonly List<FixtureSilo> _silos = [];
    private readonly HashSet<HostEvent> _told = new(ReferenceEqualityComparer.Instance);
    private readonly Signal _happened = new();
    private int _asked;

    public SiloFixture(TimeProvider? time = null)
    {
        Time = time ?? TimeProvider.System;
        Store = new ThrowingStore(new SqliteStore(Path.Combine(Folder, "sweeps.db"), Time));
        Exchange = new SlotExchange(Time);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("repro-test-").FullName;

    public TimeProvider Time { get; }

    public ThrowingStore Store { get; }

    public SlotExchange Exchange { get; }

    public ConcurrentQueue<(string Silo, string? Sweep, HostEvent Event)> Seen { get; } = [];

    /// <summary>Every so many answers of deciders are lost on their way, and asked for again; 0 loses none.</summary>
    public int LosesEvery { get; set; }

    public static SweepTerms Terms(int priority = 0) => new() { Submitted = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), Priority = priority };

    public Coordinator Person(string sweep) => new(Store, sweep, StudyOf(sweep), host: null, Time);

    public SweepState State(string sweep) => Person(sweep).Refresh();

    public IReadOnlyList<SweepEvent> Log(string sweep) => Store.Read(sweep);

    public IReadOnlyDictionary<long, double> Losses(string sweep, int trial) =>
        Store.Metrics(sweep, new RunKey(trial, 0)).Where(point => point.Name == "loss").ToDictionary(point => point.Step, point => point.Value);

    public IReadOnlyDictionary<long, double> Undisturbed(string sweep, int trial)
    {
        var state = State(sweep);
        var options = StudyOf(sweep).Fixed.Settings.Concat(state.Trials[trial].Configuration.Settings).GroupBy(setting => setting.Key).ToDictionary(same => same.Key, same => same.Last().Value);
        return Hosts.LocalHostTests.Undisturbed(state[new RunKey(trial, 0)].Seed, FakeOptions.Of(options));
    }

    public async Task Submit(string sweep, Study study, SweepTerms? terms = null)
    {
        new Coordinator(Store, sweep, study, host: null, Time).Decide([decision => decision.Create(7, null), (terms ?? Terms()).WriteTo]);
        await Submit(sweep);
    }

    public Task Submit(string sweep) => On(async () =>
    {
        await Decider(sweep).Submit();
        Assert.Null(Exchange.Submit(Decider(sweep).Loan));
        return true;
    });

    /// <summary>What the queue does every few seconds.</summary>
    public Task Look() => On(async () =>
    {
        foreach (var sweep in Exchange.Sweeps)
        {
            await Exchange.LookAt(sweep, async () =>
            {
                if (!await Decider(sweep).Look()) return false;
                if (_deciders.Remove(sweep, out var finished)) finished.Dispose();
                return true;
            });
        }
        return true;
    });

    /// <summary>Until the cluster is done with a sweep.</summary>
    public async Task Finished(string sweep)
    {
        while (true)
        {
            var happened = _happened.Next;
            await Look();
            if (!await On(() => Task.FromResult(Exchange.Sweeps.Contains(sweep)))) return;
            await happened;
        }
    }

    /// <summary>The membership declares a silo dead; it is none of its business whether the silo is.</summary>
    public Task DeclareDead(FixtureSilo silo) => On(async () =>
    {
        Exchange.Gone(silo.Host, "It was declared dead.");
        foreach (var sweep in Exchange.Sweeps) await Decider(sweep).TakeOver(new HashSet<string> { silo.Host });
        return true;
    });

    public FixtureSilo Silo(string name, int slots = 1, Func<HostSettings, HostSettings>? settings = null, Func<Loan, Task>? prepare = null, SiloPace? pace = null)
    {
        var silo = new FixtureSilo(this, name, slots, settings ?? (as_ => as_), prepare ?? (_ => Task.CompletedTask), pace ?? new SiloPace());
        _silos.Add(silo);
        return silo;
    }

    /// <summary>The first event, from the beginning, that is as wanted and was not given before.</summary>
    public async Task<T> WaitFor<T>(Func<string, string?, T, bool>? wanted = null)
        where T : HostEvent
    {
        while (true)
        {
            var more = _happened.Next;
            foreach (var (silo, sweep, happened) in Seen)
            {
                if (happened is T found && (wanted?.Invoke(silo, sweep, found) ?? true) && _told.Add(happened)) return found;
            }
            await more;
        }
    }

    public void Saw(string silo, string? sweep, HostEvent happened)
    {
        Seen.Enqueue((silo, sweep, happened));
        _happened.Raise();
    }

    /// <summary>What nobody tells of: a slot came back without a run.</summary>
    public void Happened() => _happened.Raise();

    /// <summary>One call at a time; while one waits, others go on.</summary>
    public Task<T> On<T>(Func<Task<T>> call) => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _grains).Unwrap();

    public ClusterSweep Decider(string sweep)
    {
        if (!_deciders.TryGetValue(sweep, out var decider))
        {
            _deciders.Add(sweep, decider = new ClusterSweep(Store, sweep, "repro", loans => On(() =>
            {
                Exchange.Wake(sweep, loans);
                return Task.FromResult(true);
            }), _ => { }, Time));
        }
        return decider;
    }

    /// <summary>A question to a sweep's decider; where its answer is lost it is asked again, as it is.</summary>
    public async Task<T> Ask<T>(string sweep, string host, Func<ISweepDecisions, Task<T>> question, CancellationToken ending)
    {
        while (true)
        {
            ending.ThrowIfCancellationRequested();
            var answer = await On(() => question(Decider(sweep).For(host))).WaitAsync(ending);
            if (LosesEvery == 0 || Interlocked.Increment(ref _asked) % LosesEvery != 0) return answer;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos) await silo.DisposeAsync();
        foreach (var decider in _deciders.Values) decider.Dispose();
        Store.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private Study StudyOf(string sweep) => Studies.StudyFiles.StudyFile.Read(((SweepCreated)Store.Read(sweep)[0]).Study, sweep, subjects: null);
}

/// <summary>A silo of the fixture, at work from its beginning.</summary>
internal sealed class FixtureSilo : IAsyncDisposable
{
    private readonly SiloFixture _cluster;
    private readonly IReadOnlyList<Slot> _slots;
    private readonly CancellationTokenSource _stop = new();
    private readonly DateTimeOffset _started;

    public FixtureSilo(SiloFixture cluster, string name, int slots, Func<HostSettings, HostSettings> settings, Func<Loan, Task> prepare, SiloPace pace)
    {
        (_cluster, Host, _started) = (cluster, name, cluster.Time.GetUtcNow());
        _slots = Enumerable.Range(0, slots).Select(i => new Slot($"cpu-{i}", "cpu", null, 1)).ToList();
        Slots = new SiloSlots(_slots, new InTurn(cluster, name), Prepare, (sweep, happened) => cluster.Saw(name, sweep, happened), pace, cluster.Time);
        Beat();
        Working = Slots.Run(_stop.Token);

        async Task<HostSettings> Prepare(Loan loan, CancellationToken stop)
        {
            await prepare(loan).WaitAsync(stop);
            return settings(new HostSettings { Folder = Path.Combine(cluster.Folder, loan.Sweep), Slots = _slots, StartWorker = FakeHost.StartWorker });
        }
    }

    public string Host { get; }

    public SiloSlots Slots { get; }

    public Task Working { get; }

    public void Beat(bool leaves = false) => _cluster.On(() =>
    {
        _cluster.Exchange.Beat(new SiloReport(Host, _started, Labels.None, _slots.Select((slot, i) => new SiloSlot(slot.Name, 0, 1 << 30, Labels.None, Slots.Slots[i].Sweep)).ToList()) { Leaves = leaves });
        return Task.FromResult(true);
    });

    /// <summary>Cleanly: until its runs have paused.</summary>
    public async Task Stop()
    {
        Beat(leaves: true);
        await _stop.CancelAsync();
        await Working;
    }

    public async ValueTask DisposeAsync()
    {
        await Slots.DisposeAsync();
        _stop.Dispose();
    }

    // As the grains are asked: again where nothing came, and nothing more once nobody waits for it.
    private sealed class InTurn(SiloFixture cluster, string host) : IWorkSource
    {
        public async Task<Loan> Next(string slot, Loan? exhausted, CancellationToken stop)
        {
            if (exhausted is not null) cluster.Happened();
            while (true)
            {
                if (await cluster.On(() => cluster.Exchange.Next(host, slot, exhausted?.Sweep, exhausted?.AsOf ?? 0)).WaitAsync(stop) is { } loan) return loan;
                exhausted = null;
            }
        }

        public ISweepDecisions DecisionsOf(string sweep, CancellationToken ending) => new Asked(cluster, sweep, host, ending);

        public Task PassOver(string sweep, string why, TimeSpan? again, CancellationToken stop, string? slot) => cluster.On(() => Task.FromResult(cluster.Exchange.PassOver(host, sweep, why, again, slot)));
    }

    private sealed class Asked(SiloFixture cluster, string sweep, string host, CancellationToken ending) : ISweepDecisions
    {
        public Task<NextRun> Claim(SlotClaim slot) => cluster.Ask(sweep, host, decisions => decisions.Claim(slot), ending);

        public Task<bool> GoBack(RunKey run, int attempt, long? from) => cluster.Ask(sweep, host, decisions => decisions.GoBack(run, attempt, from), ending);

        public Task<ReportAnswer> Report(RunReport report) => cluster.Ask(sweep, host, decisions => decisions.Report(report), ending);

        public Task<EndAnswer> End(RunReport report, Repro.Workers.Protocol.WorkerMessage how, SlotClaim? next) => cluster.Ask(sweep, host, decisions => decisions.End(report, how, next), ending);

        public Task<IReadOnlyList<RunAttempt>> Lost(IReadOnlyList<RunAttempt> runs) => cluster.Ask(sweep, host, decisions => decisions.Lost(runs), ending);
    }
}
