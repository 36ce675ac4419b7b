using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;
using static Repro.Workers.FakeWorker.FakeHost;

namespace Repro.Workers.Tests.Silos;

public sealed class SiloSlotsTests
{
    [Fact]
    public async Task Two_silos_complete_a_sweep_and_every_run_is_executed_once()
    {
        await using var cluster = new SiloFixture();
        cluster.Silo("a");
        cluster.Silo("b", slots: 2);
        await cluster.Submit("one", Study("steps=10", trials: 8));
        await cluster.Finished("one");
        Assert.All(cluster.State("one").Trials, trial => Assert.Equal((RunState.Completed, 1), (trial.State, trial.Runs[0].Attempt)));
        for (var trial = 0; trial < 8; trial++) Assert.Equal(cluster.Undisturbed("one", trial), cluster.Losses("one", trial));
        Assert.Equal(["a", "b"], cluster.Log("one").OfType<RunStarted>().Select(started => started.Host).Distinct().Order());
        Assert.Empty(cluster.Store.Alive("one"));
    }

    [Fact]
    public async Task Answers_that_are_lost_on_their_way_cost_nothing_and_double_nothing()
    {
        await using var cluster = new SiloFixture { LosesEvery = 3 };
        cluster.Silo("a");
        cluster.Silo("b");
        await cluster.Submit("one", Study("steps=10", trials: 6));
        await cluster.Finished("one");
        Assert.Equal(Enumerable.Range(0, 6), cluster.Log("one").OfType<RunStarted>().Select(started => started.Run.Trial).Order());
        Assert.Equal(Enumerable.Range(0, 6), cluster.Log("one").OfType<RunCompleted>().Select(completed => completed.Run.Trial).Order());
        for (var trial = 0; trial < 6; trial++) Assert.Equal(cluster.Undisturbed("one", trial), cluster.Losses("one", trial));
    }

    [Fact]
    public async Task A_silo_that_is_stopped_pauses_its_runs_and_another_goes_on_from_their_checkpoints()
    {
        await using var cluster = new SiloFixture();
        var leaves = cluster.Silo("a", slots: 2);
        await cluster.Submit("one", Study("steps=10,fault=hold,fault_at=3", trials: 2));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text == "holding");
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text == "holding");
        await leaves.Stop();
        Assert.All(cluster.State("one").Trials, trial => Assert.Equal((RunState.Paused, 3L), (trial.State, trial.Runs[0].Checkpoints[^1].Step)));
        cluster.Silo("b");
        await cluster.Finished("one");
        Assert.Equal([(null, "a"), (null, "a"), (3L, "b"), (3L, "b")], cluster.Log("one").OfType<RunStarted>().Select(started => (started.From, started.Host)));
        Assert.Empty(cluster.Log("one").OfType<RunFailed>());
        for (var trial = 0; trial < 2; trial++) Assert.Equal(cluster.Undisturbed("one", trial), cluster.Losses("one", trial));
    }

    [Fact]
    public async Task A_run_whose_silo_is_declared_dead_goes_on_elsewhere_and_the_dead_one_writes_nothing_more()
    {
        var time = new ManualTime();
        await using var cluster = new SiloFixture(time);
        var dead = cluster.Silo("dead");
        await cluster.Submit("one", Study("steps=10,fault=hold,fault_at=3", trials: 1));
        await cluster.WaitFor<RunSaved>((_, _, saved) => saved.Step == 2);
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text == "holding");
        await cluster.DeclareDead(dead);
        cluster.Silo("b");
        await cluster.WaitFor<RunEnded>((silo, _, _) => silo == "b");
        var log = cluster.Log("one");
        Assert.Equal([(1, "dead", null), (2, "b", 2L)], log.OfType<RunStarted>().Select(started => (started.Attempt, started.Host, started.From)));
        // It knows of nothing; its worker stops when it hears that the run is its no more, and what it then reports is late.
        var late = cluster.WaitFor<RunEnded>((silo, _, _) => silo == "dead");
        time.Advance(new SiloPace().LookEvery);
        Assert.Equal((1, RunState.Completed), ((await late).Attempt, (await late).State));
        Assert.Equal(log.Select(SweepLog.Write), cluster.Log("one").Select(SweepLog.Write));
        Assert.Equal(cluster.Undisturbed("one", 0), cluster.Losses("one", 0));
    }

    [Fact]
    public async Task Two_sweeps_share_a_slot_which_comes_back_after_each_quantum()
    {
        var time = new ManualTime();
        await using var cluster = new SiloFixture(time);
        await cluster.Submit("one", Study("steps=2", trials: 3));
        await cluster.Submit("two", Study("steps=2", trials: 3));
        // Each run takes longer than the quantum.
        cluster.Silo("a", pace: new SiloPace { Quantum = TimeSpan.FromSeconds(1) });
        for (var run = 0; run < 6; run++)
        {
            await cluster.WaitFor<RunTaken>();
            time.Advance(TimeSpan.FromSeconds(2));
            await cluster.WaitFor<RunEnded>();
        }
        await cluster.Finished("one");
        await cluster.Finished("two");
        Assert.Equal(["one", "two", "one", "two", "one", "two"], cluster.Seen.Where(seen => seen.Event is RunTaken).Select(seen => seen.Sweep));
    }

    [Fact]
    public async Task A_sweep_of_higher_priority_goes_first()
    {
        await using var cluster = new SiloFixture(new ManualTime());
        await cluster.Submit("low", Study("steps=2", trials: 2));
        await cluster.Submit("high", Study("steps=2", trials: 3), SiloFixture.Terms(priority: 1));
        cluster.Silo("a");
        await cluster.Finished("low");
        await cluster.Finished("high");
        Assert.Equal(["high", "high", "high", "low", "low"], cluster.Seen.Where(seen => seen.Event is RunTaken).Select(seen => seen.Sweep));
    }

    [Fact]
    public async Task A_cancelled_run_is_dropped_where_it_trains_within_a_look()
    {
        var time = new ManualTime();
        await using var cluster = new SiloFixture(time);
        cluster.Silo("a");
        await cluster.Submit("one", Study("steps=10,fault=hold,fault_at=3", trials: 1));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text == "holding");
        cluster.Person("one").Decide([decision => decision.CancelTrial(0)]);
        var ended = cluster.WaitFor<RunEnded>();
        time.Advance(new SiloPace().LookEvery);
        Assert.Equal(RunState.Cancelled, (await ended).State);
        await cluster.Finished("one");
        Assert.Empty(cluster.Log("one").OfType<RunFailed>());
    }

    [Fact]
    public async Task A_word_to_drop_a_run_meets_no_run_of_another_sweep()
    {
        var time = new ManualTime();
        await using var cluster = new SiloFixture(time);
        var silo = cluster.Silo("a");
        await cluster.Submit("one", Study("steps=10,fault=hold,fault_at=3", trials: 1));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text == "holding");
        var attempt = new RunAttempt(new RunKey(0, 0), 1);
        Assert.NotNull(silo.Slots.StandingOf("one", attempt));
        Assert.Null(silo.Slots.StandingOf("two", attempt));
        silo.Slots.Drop("two", attempt);
        silo.Slots.Drop("one", attempt with { Attempt = 2 });
        Assert.Equal(RunState.Running, cluster.State("one")[attempt.Run].State);
        silo.Slots.Drop("one", attempt);
        // It was dropped by mistake: what its worker says of its end counts all the same.
        Assert.Equal(RunState.Paused, (await cluster.WaitFor<RunEnded>()).State);
    }

    [Fact]
    public async Task Pruned_runs_stop_and_paused_ones_go_on_on_any_silo()
    {
        await using var cluster = new SiloFixture();
        cluster.Silo("a");
        cluster.Silo("b");
        // Time enough for a word to stop to come before the end.
        await cluster.Submit("one", Study("steps=60,step_ms=20", trials: 9, pruner: "asha_promotion", most: 60));
        await cluster.Finished("one");
        Assert.All(cluster.State("one").Trials, trial => Assert.True(trial.State is RunState.Pruned or RunState.Completed, $"trial {trial.Number} is {trial.State}"));
        Assert.NotEmpty(cluster.Log("one").OfType<TrialPromoted>());
        foreach (var trial in cluster.State("one").Trials)
        {
            var losses = cluster.Losses("one", trial.Number);
            Assert.Equal(cluster.Undisturbed("one", trial.Number).Where(pair => pair.Key <= losses.Count), losses);
        }
    }

    [Fact]
    public async Task A_worker_is_used_again_for_another_sweep_of_its_build_and_not_for_one_of_another()
    {
        await using var cluster = new SiloFixture(new ManualTime());
        // In the order of their names: all were submitted at once.
        foreach (var (sweep, build) in new[] { ("1", "x"), ("2", "x"), ("3", "y") }) await cluster.Submit(sweep, Study("steps=2", trials: 2), SiloFixture.Terms() with { Code = build });
        cluster.Silo("a", settings: settings => settings with { Build = settings.Folder.EndsWith('3') ? "y" : "x" });
        foreach (var sweep in (string[])["1", "2", "3"]) await cluster.Finished(sweep);
        var processes = cluster.Seen.Where(seen => seen.Event is RunBegan).GroupBy(seen => seen.Sweep!, seen => ((RunBegan)seen.Event).Process).ToDictionary(sweep => sweep.Key, sweep => Assert.Single(sweep.Distinct()));
        Assert.Equal(["1", "2", "3"], processes.Keys);
        Assert.Equal(processes["1"], processes["2"]);
        Assert.NotEqual(processes["2"], processes["3"]);
    }

    [Fact]
    public async Task A_silo_that_is_ended_leaves_its_runs_to_others()
    {
        await using var cluster = new SiloFixture();
        var ended = cluster.Silo("ended");
        await cluster.Submit("one", Study("steps=10,fault=deaf,fault_at=3", trials: 1));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text == "deaf");
        await ended.Slots.DisposeAsync();
        await ended.Working;
        await cluster.DeclareDead(ended);
        cluster.Silo("b");
        await cluster.Finished("one");
        Assert.Equal(["ended", "b"], cluster.Log("one").OfType<RunStarted>().Select(started => started.Host));
        Assert.Equal(cluster.Undisturbed("one", 0), cluster.Losses("one", 0));
    }
}
