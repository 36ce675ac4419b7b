using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;
using static Repro.Workers.FakeWorker.FakeHost;
using static Repro.Workers.Tests.Hosts.LocalHostTests;

namespace Repro.Workers.Tests.Hosts;

/// <summary>Damaged files, a store that goes away, hosts that are taken for dead, pruners that change their mind.</summary>
public sealed class TroubledHostTests
{
    [Theory]
    [InlineData("damaged", 2L)]
    [InlineData("gone", 2L)]
    [InlineData("all gone", null)]
    public async Task A_recorded_checkpoint_that_cannot_be_used_sends_its_run_back_to_an_older_one(string what, long? from)
    {
        using var sweep = new HostFixture(Study("steps=10,fault=kill,fault_at=5", trials: 1));
        using var token = new CancellationTokenSource();
        // The first attempt, and then nothing: what it left is broken before the second one begins.
        sweep.Settings = sweep.Settings with { StartWorker = Once(sweep.Settings.StartWorker) };
        Assert.Equal(HostEnd.Failed, (await sweep.NewHost().Run(token.Token)).End);
        Assert.Equal([2L, 4], sweep.Run(0).Checkpoints.Select(c => c.Step));
        foreach (var checkpoint in sweep.Run(0).Checkpoints.Where(c => c.Step == 4 || what == "all gone"))
        {
            var file = Path.Combine(sweep.Settings.Folder, checkpoint.File);
            if (what == "damaged") File.AppendAllText(file, "x");
            else File.Delete(file);
        }
        sweep.Settings = sweep.Settings with { StartWorker = StartWorker };
        Assert.Equal(HostEnd.Finished, (await sweep.Work()).End);
        var back = Assert.Single(sweep.Log.OfType<WentBack>());
        Assert.Equal(from, back.From);
        Assert.Equal(Undisturbed(sweep, 0), sweep.Losses(0));
        Assert.Equal(from, sweep.Seen.OfType<RunBegan>().Last().From);
    }

    [Fact]
    public async Task While_the_store_is_away_runs_train_on_and_report_when_it_is_back()
    {
        var time = new ManualTime();
        using var sweep = new HostFixture(Study("steps=10,fault=hold,fault_at=3", trials: 2), time);
        var work = sweep.Work();
        await sweep.WaitForSentence("holding");
        // Everything before the third step is durable; what the worker says from here on is not.
        await sweep.WaitFor<RunSaved>(saved => saved.Step == 2);
        sweep.Store.IsAway = true;
        sweep.Stop();
        await sweep.WaitFor<StoreWentAway>();
        Assert.Equal(2, sweep.Run(0).Checkpoints[^1].Step);
        // Far longer than a worker may be silent: nobody listens, so nothing is taken for a hang.
        for (var i = 0; i < 10; i++) time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(work.IsCompleted);
        sweep.Store.IsAway = false;
        time.AdvanceUntil(work, TimeSpan.FromSeconds(5));
        Assert.Equal(HostEnd.Stopped, (await work).End);
        Assert.Single(sweep.Seen.OfType<StoreWentAway>());
        Assert.Single(sweep.Seen.OfType<StoreCameBack>());
        Assert.Equal((RunState.Paused, 3L), (sweep.Run(0).State, sweep.Run(0).Checkpoints[^1].Step));
        Assert.Empty(sweep.Log.OfType<RunFailed>());
        Assert.Equal([1L, 2, 3], sweep.Losses(0).Keys);
    }

    [Fact]
    public async Task An_answer_that_was_lost_on_its_way_costs_nothing_and_doubles_nothing()
    {
        using var sweep = new HostFixture(Study("steps=10", trials: 4));
        var decisions = 0;
        sweep.Store.BeforeDecision = () => sweep.Store.LosesAnswer = ++decisions % 3 == 0;
        Assert.Equal(HostEnd.Finished, (await sweep.Work()).End);
        sweep.Store.BeforeDecision = () => { };
        Assert.All(sweep.State.Trials, trial => Assert.Equal((RunState.Completed, 1), (trial.State, trial.Runs[0].Attempt)));
        for (var trial = 0; trial < 4; trial++) Assert.Equal(Undisturbed(sweep, trial), sweep.Losses(trial));
        Assert.NotEmpty(sweep.Seen.OfType<StoreWentAway>());
    }

    [Fact]
    public async Task A_host_that_was_taken_for_dead_ends_its_workers_and_begins_again_under_another_name()
    {
        var time = new ManualTime();
        using var sweep = new HostFixture(Study("steps=10,fault=hold,fault_at=3", trials: 1), time);
        sweep.Settings = sweep.Settings with { StoreLock = null };
        var work = sweep.Work();
        await sweep.WaitForSentence("holding");
        await sweep.WaitFor<RunSaved>(saved => saved.Step == 2);
        var first = Assert.Single(sweep.Store.Alive(HostFixture.Sweep));
        // It stands still for longer than its lease; meanwhile another host takes its run over.
        sweep.Store.Leave(HostFixture.Sweep, first);
        sweep.Person.Decide([d => d.TakeOver(new HashSet<string>())]);
        time.Advance(sweep.Settings.Lease * 2);
        var lost = sweep.WaitFor<LeaseLost>();
        Assert.Equal(HostEnd.Finished, (await work).End);
        Assert.Equal(first, (await lost).Host);
        Assert.Equal([first, (await lost).Next], sweep.Log.OfType<RunStarted>().Select(started => started.Host));
        Assert.Equal(FailureClass.Lost, Assert.Single(sweep.Log.OfType<RunFailed>()).Class);
        Assert.Equal(Undisturbed(sweep, 0), sweep.Losses(0));
    }

    [Fact]
    public async Task A_host_that_joins_while_another_looks_for_the_dead_is_not_taken_for_one()
    {
        using var sweep = new HostFixture(Study("steps=10", trials: 2));
        sweep.Settings = sweep.Settings with { StoreLock = null };
        var joined = false;
        sweep.Store.BeforeDecision = () =>
        {
            if (joined) return;
            joined = true;
            sweep.Store.Renew(HostFixture.Sweep, "joins", sweep.Settings.Lease);
            Assert.NotNull(new Coordinator(sweep.Store, HostFixture.Sweep, sweep.Study, "joins", sweep.Time).Decide(d => d.Claim("s")));
        };
        var work = sweep.Work();
        await sweep.WaitFor<RunEnded>();
        Assert.Equal(("joins", RunState.Running), (sweep.Run(0).Host, sweep.Run(0).State));
        Assert.Empty(sweep.Log.OfType<RunFailed>());
        sweep.Stop();
        await work;
    }

    [Fact]
    public async Task Runs_of_a_dead_host_are_taken_over_when_its_lease_has_ended_and_not_before()
    {
        var time = new ManualTime();
        using var sweep = new HostFixture(Study("steps=10", trials: 2), time);
        sweep.Settings = sweep.Settings with { StoreLock = null };
        sweep.Store.Renew(HostFixture.Sweep, "dead", sweep.Settings.Lease);
        new Coordinator(sweep.Store, HostFixture.Sweep, sweep.Study, "dead", time).Decide([d => d.Claim("s")]);
        var work = sweep.Work();
        await sweep.WaitFor<RunEnded>(ended => ended.Run.Trial == 1);
        Assert.Equal("dead", sweep.Run(0).Host);
        time.AdvanceUntil(work, TimeSpan.FromSeconds(1));
        Assert.Equal((RunState.Completed, 2), (sweep.Run(0).State, sweep.Run(0).Attempt));
        Assert.Equal(Undisturbed(sweep, 0), sweep.Losses(0));
    }

    [Fact]
    public async Task Pruned_runs_stop_at_once_and_their_worker_is_used_again()
    {
        using var sweep = new HostFixture(Study("steps=2000", trials: 12, pruner: "asha_stopping", most: 2000));
        sweep.Settings = sweep.Settings with { Slots = [new Slot("a", "cpu", null, 1), new Slot("b", "cpu", null, 1)] };
        Assert.Equal(HostEnd.Finished, (await sweep.Work()).End);
        Assert.Contains(sweep.State.Trials, trial => trial.State == RunState.Pruned);
        Assert.All(sweep.State.Trials, trial => Assert.True(trial.State is RunState.Pruned or RunState.Completed, $"trial {trial.Number} is {trial.State}"));
        Assert.Empty(sweep.Log.OfType<RunFailed>());
        Assert.Equal(2, sweep.Seen.OfType<RunBegan>().Select(began => began.Process).Distinct().Count());
    }

    [Fact]
    public async Task Paused_runs_go_on_where_they_were_when_they_are_promoted()
    {
        using var sweep = new HostFixture(Study("steps=200", trials: 9, pruner: "asha_promotion", most: 200));
        sweep.Settings = sweep.Settings with { Slots = [new Slot("a", "cpu", null, 1), new Slot("b", "cpu", null, 1)] };
        Assert.Equal(HostEnd.Finished, (await sweep.Work()).End);
        Assert.All(sweep.State.Trials, trial => Assert.True(trial.State is RunState.Pruned or RunState.Completed, $"trial {trial.Number} is {trial.State}"));
        Assert.NotEmpty(sweep.Log.OfType<TrialPromoted>());
        Assert.All(sweep.Log.OfType<RunStarted>().Where(started => started.Attempt > 1), started => Assert.NotNull(started.From));
        foreach (var trial in sweep.State.Trials)
        {
            var losses = sweep.Losses(trial.Number);
            Assert.Equal(Undisturbed(sweep, trial.Number).Where(pair => pair.Key <= losses.Count), losses);
        }
    }

    // A slot that starts one worker and no other: as where the program was taken away meanwhile.
    private static Func<Slot, Action<string>, IWorker> Once(Func<Slot, Action<string>, IWorker> start)
    {
        var started = 0;
        return (slot, log) => ++started == 1 ? start(slot, log) : throw new System.ComponentModel.Win32Exception(2);
    }
}
