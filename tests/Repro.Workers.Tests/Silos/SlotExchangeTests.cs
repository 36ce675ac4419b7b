using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Scheduling;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;
using Repro.Workers.Silos;

namespace Repro.Workers.Tests.Silos;

public sealed class SlotExchangeTests
{
    private static readonly CompletedMessage Completed = new(1, new Dictionary<string, double> { ["loss"] = 0.5 });

    private readonly ManualTime _time = new();

    [Fact]
    public async Task A_slot_whose_silo_has_not_beaten_waits_for_the_beat()
    {
        var exchange = new SlotExchange(_time);
        exchange.Submit(Loan("one"));
        var next = exchange.Next("a", "cpu-0", null, 0);
        Assert.False(next.IsCompleted);
        Beat(exchange, "a", 1);
        Assert.Equal("one", (await next)!.Sweep);
    }

    [Fact]
    public async Task A_slot_for_which_nothing_comes_is_told_to_ask_again()
    {
        var exchange = new SlotExchange(_time);
        Beat(exchange, "a", 1);
        var next = exchange.Next("a", "cpu-0", null, 0);
        _time.AdvanceUntil(next, SlotExchange.LongestWait);
        Assert.Null(await next);
    }

    [Fact]
    public async Task A_sweep_that_is_submitted_while_it_is_found_finished_stays()
    {
        var exchange = new SlotExchange(_time);
        exchange.Submit(Loan("one"));
        await exchange.LookAt("one", () =>
        {
            exchange.Submit(Loan("one"));
            return Task.FromResult(true);
        });
        Assert.Equal(["one"], exchange.Sweeps);
        await exchange.LookAt("one", () => Task.FromResult(true));
        Assert.Empty(exchange.Sweeps);
    }

    [Fact]
    public void A_sweep_whose_terms_cannot_be_read_is_refused_with_the_reason() =>
        Assert.Contains("not submitted", new SlotExchange(_time).Submit(Loan("one") with { Tags = new Dictionary<string, string>() }), StringComparison.Ordinal);

    /// <summary>
    /// Time stands still, so that nothing but a word to the queue wakes a slot. Were one lost, runs would be left over with every slot waiting, and the test would say so.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void No_slot_waits_while_a_run_is_ready_in_whatever_order_words_arrive(int seed)
    {
        var scheduler = new RandomOrder(seed);
        var random = new Random(seed);
        using var store = new MemoryStore(_time);
        var exchange = new SlotExchange(_time);
        var study = FakeHost.Study(trials: 1);
        var (names, deciders, planned, ended) = (new[] { "one", "two" }, new Dictionary<string, ClusterSweep>(), 0, 0);
        foreach (var name in names)
        {
            new Coordinator(store, name, study, host: null, _time).Decide([decision => decision.Create(7, null), SiloFixture.Terms().WriteTo]);
            deciders[name] = new ClusterSweep(store, name, "repro", loans => scheduler.Run(() =>
            {
                exchange.Wake(name, loans);
                return Task.CompletedTask;
            }), _ => { }, _time);
            planned++;
        }
        Beat(exchange, "a", 3);
        Beat(exchange, "b", 2);
        var failed = new List<Task>();
        foreach (var (host, slot) in new[] { ("a", "cpu-0"), ("a", "cpu-1"), ("a", "cpu-2"), ("b", "cpu-0"), ("b", "cpu-1") }) failed.Add(scheduler.Run(() => Work(host, slot)));
        foreach (var name in names) failed.Add(scheduler.Run(() => Submit(name)));
        for (var round = 0; round < 60; round++)
        {
            scheduler.PumpUntil(() => ended == planned || failed.Any(task => task.IsFaulted), () => $"seed {seed}, round {round}: {ended} of {planned} runs were executed, and every slot waits");
            Assert.DoesNotContain(failed, task => task.IsFaulted);
            var name = names[random.Next(names.Length)];
            var more = random.Next(1, 5);
            // Looks that come while slots are sent away, and a person who adds to what may be found finished at this moment.
            foreach (var looked in names) failed.Add(scheduler.Run(() => exchange.LookAt(looked, deciders[looked].Look)));
            planned += more;
            new Coordinator(store, name, study, host: null, _time).Decide(Enumerable.Range(0, more).Select(i => (Action<Decision>)(decision => decision.Enqueue(Configuration.Parse("offset=0.5"), TrialOrigin.Enqueued, 1))).ToList());
            failed.Add(scheduler.Run(() => Submit(name)));
        }
        foreach (var decider in deciders.Values) decider.Dispose();

        async Task Submit(string name)
        {
            await deciders[name].Submit();
            Assert.Null(exchange.Submit(deciders[name].Loan));
        }

        async Task Work(string host, string slot)
        {
            Loan? exhausted = null;
            while (true)
            {
                if (await exchange.Next(host, slot, exhausted?.Sweep, exhausted?.AsOf ?? 0) is not { } loan) continue;
                exhausted = null;
                var (decisions, quantum) = (deciders[loan.Sweep].For(host), random.Next(1, 4));
                var claim = new SlotClaim(slot, 0);
                var next = await decisions.Claim(claim);
                while (next.Run is { } run)
                {
                    for (var i = random.Next(3); i > 0; i--) await Task.Yield();
                    ended++;
                    next = (await decisions.End(new RunReport(run.Run, run.Attempt, [], []), Completed, --quantum > 0 ? claim : null)).Next;
                }
                if (quantum > 0) exhausted = loan;
            }
        }
    }

    [Fact]
    public async Task A_drain_is_over_when_the_silo_has_said_that_it_knows()
    {
        var exchange = new SlotExchange(_time);
        Beat(exchange, "a", 1);
        var drained = exchange.Drain("a");
        Assert.False(drained.IsCompleted);
        Beat(exchange, "a", 1);
        Assert.False(drained.IsCompleted);
        Assert.True(exchange.Beat(Report("a", 1) with { Drained = true }).Drained);
        await drained;
    }

    [Fact]
    public async Task A_drain_of_a_silo_that_says_nothing_is_to_be_asked_again()
    {
        var exchange = new SlotExchange(_time);
        var report = Report("a", 1);
        exchange.Beat(report);
        var drained = exchange.Drain("a");
        _time.Advance(SlotExchange.LongestWait);
        await Assert.ThrowsAsync<TimeoutException>(() => drained);
        Assert.True(exchange.Beat(report).Drained);
    }

    [Fact]
    public async Task A_drain_of_a_silo_that_a_new_queue_has_not_heard_of_yet_waits_for_its_beat_and_is_refused_where_none_comes()
    {
        var exchange = new SlotExchange(_time);
        var (known, unknown) = (exchange.Drain("a"), exchange.Drain("b"));
        Assert.True(exchange.Beat(Report("a", 1) with { Leaves = true }).Accepted);
        await known;
        Assert.False(unknown.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Contains("nearest first: a", (await Assert.ThrowsAsync<BadInputException>(() => unknown)).Message, StringComparison.Ordinal);
    }

    private static Loan Loan(string sweep) => new(sweep, "", new Dictionary<string, string> { [SweepTags.Cluster + "submitted"] = "2026-01-02T03:04:05Z" });

    private void Beat(SlotExchange exchange, string silo, int slots) => exchange.Beat(Report(silo, slots));

    private SiloReport Report(string silo, int slots) =>
        new(silo, _time.GetUtcNow(), Labels.None, Enumerable.Range(0, slots).Select(i => new SiloSlot($"cpu-{i}", 0, 1 << 30, Labels.None, null)).ToList());

    /// <summary>Executes what is ready in a random order, one thing at a time, on the thread that pumps.</summary>
    private sealed class RandomOrder(int seed) : TaskScheduler
    {
        private static readonly TimeSpan Enough = TimeSpan.FromSeconds(30);

        private readonly Random _random = new(seed);
        private readonly List<Task> _ready = [];

        public Task Run(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

        /// <param name="stuck">Says what did not happen where nothing is ready for so long that nothing will be.</param>
        public void PumpUntil(Func<bool> over, Func<string> stuck)
        {
            // The tests' own would take what is to be executed here.
            SynchronizationContext.SetSynchronizationContext(null);
            while (!over())
            {
                Task next;
                lock (_ready)
                {
                    while (_ready.Count == 0)
                    {
                        if (!Monitor.Wait(_ready, Enough)) Assert.Fail(stuck());
                    }
                    var place = _random.Next(_ready.Count);
                    next = _ready[place];
                    _ready.RemoveAt(place);
                }
                TryExecuteTask(next);
            }
        }

        protected override void QueueTask(Task task)
        {
            lock (_ready)
            {
                _ready.Add(task);
                Monitor.Pulse(_ready);
            }
        }

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks()
        {
            lock (_ready) return [.. _ready];
        }
    }
}
