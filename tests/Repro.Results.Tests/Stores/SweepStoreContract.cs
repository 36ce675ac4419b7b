using Repro.Results.Tests.Runs;
using Repro.Shared;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Results.Tests.Stores;

/// <summary>What every store of sweeps has to do. Derived once for each of them.</summary>
public abstract class SweepStoreContract : IDisposable
{
    private static readonly DateTimeOffset Day = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly RunKey First = new(0, 0);

    protected SettableTime Time { get; } = new(Day);

    /// <summary>Opens the place of this test; a second call opens the same place again, as another process would.</summary>
    protected abstract ISweepStore Open();

    public abstract void Dispose();

    /// <summary>Whether what was written is there after every connection to the place is gone.</summary>
    protected virtual bool Survives => true;

    [SkippableFact]
    public void Events_come_back_as_they_were_written_in_their_order()
    {
        using var store = Open();
        var all = EverySweepEvent.All;
        Write(store, 0, [.. all]);
        Assert.Equal(all, store.Read("net"), EverySweepEvent.ByMembers);
        Assert.Equal(all.Skip(3), store.Read("net", after: 3), EverySweepEvent.ByMembers);
        Assert.Empty(store.Read("net", after: all.Count));
        Assert.Empty(store.Read("another"));
    }

    [SkippableFact]
    public void A_decision_sees_what_it_has_not_seen_and_nothing_else()
    {
        using var store = Open();
        Write(store, 0, Created);
        Write(store, 1, Planned);
        IReadOnlyList<SweepEvent>? tail = null;
        store.Decide("net", 1, null, events =>
        {
            tail = events;
            return SweepWrite.Nothing;
        });
        Assert.Equal(Planned, Assert.Single(tail!), EverySweepEvent.ByMembers);
    }

    [SkippableFact]
    public void A_decision_that_fails_writes_nothing()
    {
        using var store = Open();
        Write(store, 0, Created);
        Assert.Throws<DivideByZeroException>(() => store.Decide("net", 1, null, _ => throw new DivideByZeroException()));
        Assert.Single(store.Read("net"));
        Write(store, 1, Planned);
        Assert.Equal(2, store.Read("net").Count);
    }

    [SkippableFact]
    public void What_was_written_outlives_the_connection()
    {
        Skip.IfNot(Survives, "Memory outlives nothing.");
        using (var store = Open()) Write(store, 0, [Created, Planned], (First, new MetricPoint("loss", 1, 2.5, 0.25)));
        using var again = Open();
        Assert.Equal(["net"], again.Sweeps());
        Assert.Equal(2, again.Read("net").Count);
        Assert.Equal([new MetricPoint("loss", 1, 2.5, 0.25)], again.Metrics("net", First));
    }

    [SkippableFact]
    public void Sweeps_do_not_mix()
    {
        using var store = Open();
        Write(store, 0, [Created, Planned], (First, new MetricPoint("loss", 1, 1, 0)));
        store.Decide("other", 0, null, _ => new SweepWrite([Created], [(First, new MetricPoint("loss", 1, 2, 0))], []));
        Assert.Equal(["net", "other"], store.Sweeps());
        Assert.Equal(1, Assert.Single(store.Metrics("net", First)).Value);
        Assert.Equal(2, Assert.Single(store.Metrics("other", First)).Value);
        Assert.Equal(1, Assert.Single(store.Curves("net", "loss")).Point.Value);
    }

    [SkippableTheory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.Epsilon)]
    [InlineData(double.MaxValue)]
    [InlineData(-0.1)]
    public void Every_number_comes_back_with_all_its_bits(double value)
    {
        using var store = Open();
        Write(store, 0, [Created, Planned], (First, new MetricPoint("loss", long.MaxValue, value, 1e9)));
        var point = Assert.Single(store.Metrics("net", First));
        Assert.Equal((BitConverter.DoubleToInt64Bits(value), long.MaxValue, 1e9), (BitConverter.DoubleToInt64Bits(point.Value), point.Step, point.Seconds));
    }

    [SkippableFact]
    public void A_metric_of_a_step_is_kept_once()
    {
        using var store = Open();
        Write(store, 0, [Created, Planned], (First, new MetricPoint("loss", 1, 1, 0)), (First, new MetricPoint("loss", 1, 9, 0)));
        Write(store, 2, [], (First, new MetricPoint("loss", 1, 8, 0)), (First, new MetricPoint("error", 1, 7, 0)));
        Assert.Equal([("error", 7.0), ("loss", 1.0)], store.Metrics("net", First).Select(p => (p.Name, p.Value)));
    }

    [SkippableFact]
    public void Metrics_after_the_step_where_an_attempt_begins_again_are_dropped_before_its_own_are_written()
    {
        using var store = Open();
        Write(store, 0, [Created, Planned], [.. Enumerable.Range(1, 5).Select(step => (First, new MetricPoint("loss", step, step, 0)))]);
        store.Decide("net", 2, null, _ => new SweepWrite([], [(First, new MetricPoint("loss", 4, 40, 0))], [(First, 3)]));
        Assert.Equal([(1L, 1.0), (2, 2), (3, 3), (4, 40)], store.Metrics("net", First).Select(p => (p.Step, p.Value)));
    }

    [SkippableFact]
    public void Curves_come_run_by_run_and_step_by_step()
    {
        using var store = Open();
        Write(
            store, 0, [Created],
            (new RunKey(10, 0), new MetricPoint("loss", 1, 5, 0)), (new RunKey(2, 1), new MetricPoint("loss", 1, 4, 0)), (new RunKey(2, 0), new MetricPoint("loss", 20, 3, 0)),
            (new RunKey(2, 0), new MetricPoint("loss", 3, 2, 0)), (new RunKey(2, 0), new MetricPoint("error", 3, 1, 0)));
        Assert.Equal([("2-0", 3L), ("2-0", 20), ("2-1", 1), ("10-0", 1)], store.Curves("net", "loss").Select(c => (c.Run.ToString(), c.Point.Step)));
    }

    [SkippableFact]
    public void A_host_writes_while_its_lease_holds_and_not_after()
    {
        using var store = Open();
        Write(store, 0, Created);
        Assert.Throws<LeaseEndedException>(() => store.Decide("net", 1, "a", _ => throw new InvalidOperationException("not to be called")));
        store.Renew("net", "a", TimeSpan.FromSeconds(10));
        Assert.Equal(["a"], store.Alive("net"));
        store.Decide("net", 1, "a", _ => new SweepWrite([Planned], [], []));
        Advance(TimeSpan.FromSeconds(11));
        Assert.Empty(store.Alive("net"));
        Assert.Throws<LeaseEndedException>(() => store.Decide("net", 2, "a", _ => new SweepWrite([Planned], [], [])));
        Assert.Equal(2, store.Read("net").Count);
        store.Renew("net", "a", TimeSpan.FromSeconds(10));
        store.Leave("net", "a");
        Assert.Empty(store.Alive("net"));
    }

    [SkippableFact]
    public void Decisions_of_several_hosts_at_once_come_one_after_another()
    {
        using var store = Open();
        Write(store, 0, Created);
        Parallel.For(0, 4, _ =>
        {
            using var own = Survives ? Open() : null;
            var known = 0L;
            var state = new SweepState();
            for (var i = 0; i < 25; i++)
            {
                (own ?? store).Decide("net", known, null, tail =>
                {
                    foreach (var happened in tail) state.Apply(happened);
                    known += tail.Count;
                    // Numbers have no gap: a fold of a stale tail would throw.
                    return new SweepWrite([Planned with { Trial = state.Trials.Count }], [], []);
                });
            }
        });
        Assert.Equal(Enumerable.Range(0, 100), store.Read("net").OfType<TrialPlanned>().Select(p => p.Trial));
    }

    /// <summary>Lets leases end: a store with a clock of its own shortens them by as much.</summary>
    protected virtual void Advance(TimeSpan time) => Time.Now += time;

    private static SweepCreated Created { get; } = new("experiment: net", ulong.MaxValue, 40) { At = Day };

    private static TrialPlanned Planned { get; } = new(0, Configuration.Parse("rate=0.1"), [ulong.MaxValue, 7], TrialOrigin.Sampler) { At = Day };

    private static void Write(ISweepStore store, long known, params SweepEvent[] events) => Write(store, known, events, []);

    private static void Write(ISweepStore store, long known, SweepEvent[] events, params (RunKey, MetricPoint)[] metrics) =>
        store.Decide("net", known, null, tail =>
        {
            Assert.Empty(tail);
            return new SweepWrite(events, metrics, []);
        });
}

/// <summary>A clock that stands until it is set.</summary>
public sealed class SettableTime(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}

public sealed class MemoryStoreTests : SweepStoreContract
{
    private readonly Repro.Results.Stores.MemoryStore _store;

    public MemoryStoreTests() => _store = new(Time);

    protected override bool Survives => false;

    protected override ISweepStore Open() => _store;

    public override void Dispose() => _store.Dispose();
}

public sealed class SqliteStoreTests : SweepStoreContract
{
    private readonly TemporaryFolder _folder = new();

    protected override ISweepStore Open() => new Repro.Results.Stores.SqliteStore(_folder.File("sweeps.db"), Time);

    public override void Dispose() => _folder.Dispose();
}
