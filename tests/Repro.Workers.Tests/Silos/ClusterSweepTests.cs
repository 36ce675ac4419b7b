using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;
using Repro.Workers.Silos;

namespace Repro.Workers.Tests.Silos;

public sealed class ClusterSweepTests : ClusterSweepFixture
{
    [Fact]
    public async Task A_claim_that_is_asked_again_gives_the_same_run()
    {
        var sweep = await Submitted();
        var first = (await sweep.For("a").Claim(Slot)).Run!;
        Assert.Equal((first.Run, first.Attempt), Key(await sweep.For("a").Claim(Slot)));
        Assert.NotEqual((first.Run, first.Attempt), Key(await sweep.For("b").Claim(Slot)));
        // By whoever decides after it, too.
        Assert.Equal((first.Run, first.Attempt), Key(await Decider().For("a").Claim(Slot)));
        Assert.Equal(2, Log<RunStarted>().Count);
    }

    [Fact]
    public async Task An_end_that_is_told_again_counts_once_and_gives_the_same_next_run()
    {
        var sweep = await Submitted();
        var run = (await sweep.For("a").Claim(Slot)).Run!;
        var report = new RunReport(run.Run, run.Attempt, [new MetricPoint("loss", 1, 0.25, 1)], []);
        var answer = await sweep.For("a").End(report, Completed, Slot);
        var again = await sweep.For("a").End(report, Completed, Slot);
        Assert.Equal(Key(answer.Next), Key(again.Next));
        Assert.Equal((RunState.Completed, RunState.Completed), (answer.State, again.State));
        Assert.Single(Log<RunCompleted>());
        Assert.Single(Store.Metrics("one", run.Run));
        // So too for one that failed, whose run the slot then has again.
        var failed = new FailedMessage(FailureClass.Machine, "No space is left.");
        var next = answer.Next.Run!;
        report = new RunReport(next.Run, next.Attempt, [], []);
        Assert.Equal(Key((await sweep.For("a").End(report, failed, Slot)).Next), Key((await sweep.For("a").End(report, failed, Slot)).Next));
        Assert.Single(Log<RunFailed>());
    }

    [Fact]
    public async Task A_silo_that_is_dead_writes_nothing_more()
    {
        var sweep = await Submitted();
        var run = (await sweep.For("dead").Claim(Slot)).Run!;
        Assert.Equal(["dead"], await sweep.Hosts());
        Assert.Equal(1, await sweep.TakeOver(new HashSet<string> { "dead" }));
        Assert.Equal((run.Run, 2), Key(await sweep.For("b").Claim(Slot)));
        var before = Store.Read("one").Count;
        var point = new MetricPoint("loss", 1, 9, 1);
        var checkpoint = new CheckpointRecorded(run.Run, 1, 4, "x", "00", 1) { At = default };
        Assert.Equal(Directive.End, (await sweep.For("dead").Report(new RunReport(run.Run, 1, [point], [checkpoint]))).Directive);
        Assert.False(await sweep.For("dead").GoBack(run.Run, 1, null));
        var answer = await sweep.For("dead").End(new RunReport(run.Run, 1, [point], [checkpoint]), Completed, next: null);
        Assert.Equal((RunState.Running, 0), (answer.State, answer.Recorded.Count));
        Assert.Equal([new RunAttempt(run.Run, 1)], await sweep.For("dead").Lost([new RunAttempt(run.Run, 1)]));
        Assert.Equal(before, Store.Read("one").Count);
        Assert.Empty(Store.Metrics("one", run.Run));
    }

    [Fact]
    public async Task A_sweep_leaves_when_its_last_run_has_ended_though_no_slot_asks_for_another()
    {
        var sweep = await Submitted(trials: 1);
        var run = (await sweep.For("a").Claim(Slot)).Run!;
        Assert.False(await sweep.Look());
        // The slot goes to another sweep.
        await sweep.For("a").End(new RunReport(run.Run, run.Attempt, [], []), Completed, next: null);
        Assert.True(await sweep.Look());
        Assert.Empty(Store.Alive("one"));
    }

    [Fact]
    public async Task A_sweep_to_which_a_person_adds_stays_until_that_is_done()
    {
        var sweep = await Submitted(trials: 1);
        Assert.False(await sweep.Look());
        var run = (await sweep.For("a").Claim(Slot)).Run!;
        Assert.Null((await sweep.For("b").Claim(Slot)).Run);
        Assert.False(await sweep.Look());
        await sweep.For("a").End(new RunReport(run.Run, run.Attempt, [], []), Completed, Slot);
        // A person gives it one more, and nobody has told the cluster.
        Person().Decide([decision => decision.Enqueue(Configuration.Parse("offset=0.5"), TrialOrigin.Enqueued, 1)]);
        Woken = 0;
        Assert.False(await sweep.Look());
        Assert.Equal(1, Woken);
        run = (await sweep.For("a").Claim(Slot)).Run!;
        await sweep.For("a").End(new RunReport(run.Run, run.Attempt, [], []), Completed, Slot);
        Person().Decide([decision => decision.Extend(2)]);
        Assert.False(await sweep.Look());
        run = (await sweep.For("a").Claim(Slot)).Run!;
        await sweep.For("a").End(new RunReport(run.Run, run.Attempt, [], []), Completed, Slot);
        Assert.True(await sweep.Look());
        Assert.Empty(Store.Alive("one"));
    }

    [Fact]
    public async Task A_sweep_that_nothing_happens_to_wakes_nobody()
    {
        var sweep = await Submitted(trials: 1);
        await sweep.For("a").Claim(Slot);
        await sweep.For("b").Claim(Slot);
        Woken = 0;
        for (var i = 0; i < 3; i++) Assert.False(await sweep.Look());
        Assert.Equal(0, Woken);
    }

    [Fact]
    public async Task A_submission_while_the_sweep_is_found_finished_is_not_lost()
    {
        var store = new ThrowingStore(Store);
        Person().Decide([decision => decision.Create(7, null), SiloFixture.Terms().WriteTo]);
        var sweep = Open(new ClusterSweep(store, "one", "repro", _ => Task.CompletedTask, _ => { }, Time));
        await sweep.Submit();
        Person().Decide([decision => decision.Hold(cancel: true)]);
        using var decides = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        store.BeforeDecision = () =>
        {
            decides.Set();
            goOn.Wait();
        };
        // One after another, as far as each gets without an answer.
        var inTurn = new TaskFactory(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
        var look = inTurn.StartNew(sweep.Look).Unwrap();
        decides.Wait();
        store.BeforeDecision = () => { };
        var submit = inTurn.StartNew(sweep.Submit).Unwrap();
        await inTurn.StartNew(() => { });
        goOn.Set();
        await submit;
        Assert.False(await look);
        Assert.Equal([ClusterSweep.LeaseOf("repro")], Store.Alive("one"));
        // It was cancelled for good all the same.
        Assert.True(await sweep.Look());
    }

    [Fact]
    public async Task A_word_to_the_queue_that_failed_is_told_by_the_next_look_and_no_answer_waits_for_it()
    {
        var sweep = await Submitted(trials: 2);
        var run = (await sweep.For("a").Claim(Slot)).Run!;
        await sweep.For("b").Claim(Slot);
        Assert.Null((await sweep.For("c").Claim(Slot)).Run);
        var word = new TaskCompletionSource();
        (Wake, Woken) = (() => word.Task, 0);
        var report = new RunReport(run.Run, run.Attempt, [], []);
        var failure = new FailedMessage(FailureClass.Machine, "No space is left.");
        Assert.Equal(RunState.Planned, (await sweep.For("a").End(report, failure, next: null)).State);
        Assert.Equal(1, Woken);
        // While a word is under way no other is sent.
        Assert.False(await sweep.Look());
        Assert.Equal(1, Woken);
        Wake = () => Task.CompletedTask;
        word.SetException(new TimeoutException("The queue is being found anew."));
        Assert.False(await sweep.Look());
        Assert.Equal(3, Woken);
    }

    [Fact]
    public async Task A_submission_while_the_cluster_leaves_the_sweep_keeps_its_lease()
    {
        var store = new ThrowingStore(Store);
        Person().Decide([decision => decision.Create(7, null), SiloFixture.Terms().WriteTo]);
        var sweep = Open(new ClusterSweep(store, "one", "repro", _ => Task.CompletedTask, _ => { }, Time));
        await sweep.Submit();
        Person().Decide([decision => decision.Hold(cancel: true)]);
        using var leaves = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        store.BeforeLeaving = () =>
        {
            leaves.Set();
            goOn.Wait();
        };
        var look = Task.Run(sweep.Look);
        leaves.Wait();
        var submit = sweep.Submit();
        goOn.Set();
        Assert.True(await look);
        await submit;
        Assert.Equal([ClusterSweep.LeaseOf("repro")], Store.Alive("one"));
    }

    [Fact]
    public async Task Whoever_decides_anew_tells_the_queue_of_the_runs_that_it_has_freed()
    {
        var before = await Submitted(trials: 1);
        Assert.NotNull((await before.For("dead").Claim(Slot)).Run);
        Assert.Null((await before.For("b").Claim(Slot)).Run);
        Woken = 0;
        Assert.Equal(1, await Decider().TakeOver(new HashSet<string> { "dead" }));
        Assert.Equal(1, Woken);
    }

    [Fact]
    public async Task After_its_wall_time_a_sweep_pauses_its_runs_gives_out_none_and_leaves_and_a_new_submission_has_as_long_again()
    {
        var sweep = await Submitted(trials: 3, wall: TimeSpan.FromHours(1));
        var run = (await sweep.For("a").Claim(Slot)).Run!;
        var report = new RunReport(run.Run, run.Attempt, [new MetricPoint("loss", 1, 0.25, 1)], []);
        Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(Directive.Continue, (await sweep.For("a").Report(report)).Directive);
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null((await sweep.For("b").Claim(Slot)).Run);
        // A slot that never learned of its run has it all the same.
        Assert.Equal((run.Run, 1), Key(await sweep.For("a").Claim(Slot)));
        Assert.Equal(Directive.Pause, (await sweep.For("a").Report(report)).Directive);
        Assert.False(await sweep.Look());
        Assert.Null((await sweep.For("a").End(report, new PausedMessage(1), Slot)).Next.Run);
        Assert.True(await sweep.Look());
        Assert.Empty(Store.Alive("one"));
        Assert.Equal(RunState.Paused, Person().Refresh()[run.Run].State);
        Assert.False(Person().Refresh().Held);

        Person().Decide([(SiloFixture.Terms() with { Submitted = Time.GetUtcNow() }).WriteTo]);
        sweep = Decider();
        await sweep.Submit();
        Assert.Equal((run.Run, 2), Key(await sweep.For("a").Claim(Slot)));
        Time.Advance(TimeSpan.FromMinutes(60));
        Assert.Null((await sweep.For("b").Claim(Slot)).Run);
    }

    [Fact]
    public async Task A_sweep_whose_GPU_hours_are_used_up_leaves_though_runs_are_left()
    {
        var study = FakeHost.Study(trials: 3) with { GpuHours = 1 };
        Person(study).Decide([decision => decision.Create(7, null), SiloFixture.Terms().WriteTo]);
        var sweep = Decider();
        await sweep.Submit();
        var run = (await sweep.For("a").Claim(new SlotClaim("gpu-0", 1))).Run!;
        Time.Advance(TimeSpan.FromHours(2));
        Assert.Null((await sweep.For("a").End(new RunReport(run.Run, run.Attempt, [], []), new FailedMessage(FailureClass.Machine, "x"), new SlotClaim("gpu-0", 1))).Next.Run);
        Assert.NotEmpty(Person(study).Refresh().Ready);
        Assert.True(await sweep.Look());
    }

    [Fact]
    public async Task A_held_sweep_stays_and_is_woken_when_it_is_released()
    {
        var sweep = await Submitted();
        Person().Decide([decision => decision.Hold(cancel: false)]);
        Assert.Null((await sweep.For("a").Claim(Slot)).Run);
        Assert.False(await sweep.Look());
        Person().Decide([decision => decision.Release()]);
        Woken = 0;
        Assert.False(await sweep.Look());
        Assert.Equal(1, Woken);
        Assert.NotNull((await sweep.For("a").Claim(Slot)).Run);
    }
}
