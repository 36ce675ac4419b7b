using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;
using Repro.Workers.Hosts;
using static Repro.Workers.FakeWorker.FakeHost;

namespace Repro.Workers.Tests.Hosts;

public sealed class LocalHostTests
{
    [Fact]
    public async Task A_sweep_is_trained_to_its_end_by_one_reused_worker_with_every_value_in_the_store()
    {
        using var sweep = new HostFixture(Study("steps=10,points=3"));
        Assert.Equal(HostEnd.Finished, (await sweep.Work()).End);
        Assert.All(sweep.State.Trials, trial => Assert.Equal(RunState.Completed, trial.State));
        for (var trial = 0; trial < 4; trial++)
        {
            Assert.Equal(Undisturbed(sweep, trial), sweep.Losses(trial));
            Assert.Equal(sweep.Losses(trial)[10], sweep.Run(trial).Scores["loss"]);
            Assert.DoesNotContain("test_loss", sweep.Run(trial).Scores.Keys);
            Assert.Contains($"training {trial}-0 with 1 threads on cpu", sweep.RunLog(trial), StringComparison.Ordinal);
        }
        Assert.Equal(30, sweep.Store.Metrics(HostFixture.Sweep, new RunKey(0, 0)).Count(point => point.Name.StartsWith("loss", StringComparison.Ordinal)));
        Assert.Single(sweep.Seen.OfType<RunBegan>().Select(began => began.Process).Distinct());
        Assert.Empty(sweep.Seen.OfType<StoreWentAway>());
    }

    [Fact]
    public async Task A_completed_run_keeps_its_last_checkpoint_alone()
    {
        using var sweep = new HostFixture(Study("steps=10", trials: 1));
        await sweep.Work();
        Assert.Equal(["step-000000010.safetensors"], Directory.GetFiles(sweep.Settings.Folder, "step-*", SearchOption.AllDirectories).Select(Path.GetFileName));
        Assert.Equal([2L, 4, 6, 8, 10], sweep.Run(0).Checkpoints.Select(c => c.Step));
    }

    [Theory]
    [InlineData("abort", FailureClass.Crash, "signal 6")]
    [InlineData("kill", FailureClass.Crash, "signal 9")]
    [InlineData("exit", FailureClass.Crash, "exit code 3")]
    [InlineData("garbage", FailureClass.Crash, "broke the protocol")]
    [InlineData("oom", FailureClass.OutOfMemory, "CUDA out of memory")]
    public async Task An_attempt_that_ends_badly_is_told_by_its_class_and_its_run_goes_on_from_its_checkpoint(string fault, FailureClass failure, string message)
    {
        using var sweep = new HostFixture(Study($"steps=10,fault={fault},fault_at=5", trials: 2));
        Assert.Equal(HostEnd.Finished, (await sweep.Work()).End);
        for (var trial = 0; trial < 2; trial++)
        {
            var failed = Assert.Single(sweep.Log.OfType<RunFailed>(), happened => happened.Run.Trial == trial);
            Assert.Equal((failure, true), (failed.Class, failed.Again));
            Assert.Contains(message, failed.Message, StringComparison.Ordinal);
            Assert.Equal([null, 4L], sweep.Log.OfType<RunStarted>().Where(started => started.Run.Trial == trial).Select(started => started.From));
            Assert.Equal(RunState.Completed, sweep.Run(trial).State);
            Assert.Equal(Undisturbed(sweep, trial), sweep.Losses(trial));
        }
    }

    [Fact]
    public async Task A_crash_leaves_the_workers_last_words_in_the_run_and_in_its_log()
    {
        using var sweep = new HostFixture(Study("steps=10,fault=abort", trials: 1));
        await sweep.Work();
        Assert.Contains("terminate called", sweep.Log.OfType<RunFailed>().Single().Message, StringComparison.Ordinal);
        Assert.Contains("terminate called", sweep.RunLog(0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_diverges_fails_once_and_the_worker_trains_on()
    {
        using var sweep = new HostFixture(Study("steps=10,fault=nan,fault_at=1", trials: 5));
        Assert.Equal(HostEnd.Finished, (await sweep.Work()).End);
        Assert.All(sweep.State.Trials, trial => Assert.Equal((RunState.Failed, 1, FailureClass.NotFinite), (trial.State, trial.Runs[0].Attempt, trial.Runs[0].LastFailure)));
        Assert.Single(sweep.Seen.OfType<RunBegan>().Select(began => began.Process).Distinct());
    }

    [Fact]
    public async Task A_worker_that_says_nothing_for_too_long_is_ended_and_its_run_tried_again()
    {
        var time = new ManualTime();
        using var sweep = new HostFixture(Study("steps=10,fault=freeze", trials: 1), time);
        var work = sweep.Work();
        await sweep.WaitForSentence("freezing");
        time.Advance(sweep.Settings.Patience / 2);
        Assert.DoesNotContain(sweep.Log, happened => happened is RunFailed);
        var failed = sweep.WaitFor<RunEnded>();
        time.AdvanceUntil(failed, sweep.Settings.Patience / 2);
        Assert.Equal((FailureClass.Hang, RunState.Planned), ((await failed).Failure, (await failed).State));
        Assert.Equal(HostEnd.Finished, (await work).End);
        Assert.Contains("said nothing for 300 s (last: training, step 5 of 10", sweep.Log.OfType<RunFailed>().Single().Message, StringComparison.Ordinal);
        Assert.Equal(Undisturbed(sweep, 0), sweep.Losses(0));
    }

    [Fact]
    public async Task A_slot_that_fails_everything_is_given_up_before_it_eats_the_budget()
    {
        using var sweep = new HostFixture(Study("fault=abort,fault_at=0,faulty_attempts=99", trials: 40));
        var outcome = await sweep.Work();
        Assert.Equal(HostEnd.Failed, outcome.End);
        Assert.Contains("attempts in a row failed on it (crash)", Assert.Single(outcome.Reasons), StringComparison.Ordinal);
        // The first one's three attempts, and the first of the second trial, which shows that it is not the trial.
        Assert.Equal([RunState.Failed, RunState.Planned], sweep.State.Trials.Select(trial => trial.State));
        Assert.Single(sweep.Seen.OfType<SlotGivenUp>());
    }

    [Fact]
    public async Task A_machine_that_lacks_something_costs_no_trial()
    {
        using var sweep = new HostFixture(Study("fault=machine,fault_at=0,faulty_attempts=3", trials: 1));
        var outcome = await sweep.Work();
        Assert.Equal(HostEnd.Failed, outcome.End);
        Assert.Contains("No space is left", Assert.Single(outcome.Reasons), StringComparison.Ordinal);
        Assert.Equal(RunState.Planned, Assert.Single(sweep.State.Trials).State);
        // When there is room again.
        Assert.Equal(HostEnd.Finished, (await sweep.Work()).End);
        Assert.Equal(RunState.Completed, sweep.Run(0).State);
    }

    [Fact]
    public async Task One_trial_that_always_crashes_does_not_give_its_slot_up()
    {
        using var sweep = new HostFixture(Study("steps=4", trials: 1));
        sweep.Person.Decide([d => d.Enqueue(Studies.SearchSpaces.Configuration.Parse("fault=abort,fault_at=0,faulty_attempts=99"), TrialOrigin.Enqueued, 2)]);
        sweep.Person.Decide([d => d.Enqueue(Studies.SearchSpaces.Configuration.Parse("offset=0.5"), TrialOrigin.Enqueued, 1)]);
        Assert.Equal(HostEnd.Finished, (await sweep.Work()).End);
        Assert.Equal([RunState.Failed, RunState.Completed, RunState.Completed], sweep.State.Trials.Select(trial => trial.State));
        Assert.Equal(3, sweep.Run(0).Attempt);
    }

    [Fact]
    public async Task A_stopped_host_pauses_its_runs_at_checkpoints_and_the_next_one_goes_on()
    {
        using var sweep = new HostFixture(Study("steps=10,fault=hold,fault_at=3", trials: 2));
        var work = sweep.Work();
        await sweep.WaitForSentence("holding");
        sweep.Stop();
        Assert.Equal(HostEnd.Stopped, (await work).End);
        Assert.Equal((RunState.Paused, PauseReason.HostStops), (sweep.Run(0).State, sweep.Run(0).Pause));
        Assert.Equal(3, sweep.Run(0).Checkpoints[^1].Step);
        Assert.Empty(sweep.Store.Alive(HostFixture.Sweep));

        using var token = new CancellationTokenSource();
        var next = sweep.NewHost().Run(token.Token);
        // Trial 1 holds too, in its first attempt.
        await sweep.WaitForSentence("holding");
        await token.CancelAsync();
        Assert.Equal(HostEnd.Stopped, (await next).End);
        Assert.Equal(HostEnd.Finished, (await sweep.NewHost().Run()).End);
        Assert.Empty(sweep.Log.OfType<RunFailed>());
        for (var trial = 0; trial < 2; trial++) Assert.Equal(Undisturbed(sweep, trial), sweep.Losses(trial));
    }

    [Fact]
    public async Task The_time_of_a_host_is_limited()
    {
        var time = new ManualTime();
        using var sweep = new HostFixture(Study("steps=10,fault=hold,fault_at=3", trials: 2), time);
        sweep.Settings = sweep.Settings with { WallTime = TimeSpan.FromMinutes(1) };
        var work = sweep.Work();
        await sweep.WaitForSentence("holding");
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HostEnd.OutOfTime, (await work).End);
        Assert.Equal(RunState.Paused, sweep.Run(0).State);
    }

    [Fact]
    public async Task Two_exclusive_hosts_on_one_sweep_are_refused()
    {
        using var sweep = new HostFixture(Study("steps=10,fault=hold,fault_at=3", trials: 1));
        var work = sweep.Work();
        await sweep.WaitForSentence("holding");
        var refused = await Assert.ThrowsAsync<BadInputException>(() => sweep.NewHost().Run());
        Assert.Contains($"process {Environment.ProcessId} on", refused.Message, StringComparison.Ordinal);
        // With folders of its own too: what two hosts share is the store.
        var elsewhere = new LocalHost(sweep.Store, HostFixture.Sweep, sweep.Study, sweep.Settings with { Folder = sweep.Settings.Folder + "-elsewhere" });
        await Assert.ThrowsAsync<BadInputException>(() => elsewhere.Run());
        Assert.Single(sweep.Log.OfType<RunStarted>());
        sweep.Stop();
        await work;
    }

    [Fact]
    public async Task A_trial_that_a_person_cancels_stops_though_it_reports_nothing()
    {
        var time = new ManualTime();
        using var sweep = new HostFixture(Study("steps=10,fault=hold,fault_at=3", trials: 1), time);
        var work = sweep.Work();
        await sweep.WaitForSentence("holding");
        sweep.Person.Decide([d => d.CancelTrial(0)]);
        time.AdvanceUntil(work, sweep.Settings.LookEvery);
        Assert.Equal(HostEnd.Finished, (await work).End);
        Assert.Equal(RunState.Cancelled, sweep.Run(0).State);
        Assert.Empty(Directory.GetFiles(sweep.Settings.Folder, "step-000000003*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_cancelled_run_whose_worker_hears_nothing_is_ended_and_the_slot_works_on()
    {
        var time = new ManualTime();
        using var sweep = new HostFixture(Study("steps=10,fault=deaf,fault_at=3", trials: 1), time);
        var work = sweep.Work();
        await sweep.WaitForSentence("deaf");
        sweep.Person.Decide([d => d.CancelTrial(0)]);
        time.AdvanceUntil(work, sweep.Settings.LookEvery);
        Assert.Equal((HostEnd.Finished, RunState.Cancelled), ((await work).End, sweep.Run(0).State));
        Assert.Empty(sweep.Log.OfType<RunFailed>());
    }

    [Fact]
    public async Task A_cancelled_sweep_ends_its_host()
    {
        var time = new ManualTime();
        using var sweep = new HostFixture(Study("steps=10,fault=hold,fault_at=3", trials: 3), time);
        var work = sweep.Work();
        await sweep.WaitForSentence("holding");
        sweep.Person.Decide([d => d.Hold(cancel: true)]);
        time.AdvanceUntil(work, sweep.Settings.LookEvery);
        Assert.Equal(HostEnd.Cancelled, (await work).End);
    }

    [Fact]
    public async Task A_held_sweep_lets_its_runs_end_and_gives_out_no_more()
    {
        using var sweep = new HostFixture(Study("steps=10", trials: 3));
        sweep.Person.Decide([d => d.Claim("none")]);
        sweep.Person.Decide([d => d.Hold(cancel: false)]);
        Assert.Equal(HostEnd.Held, (await sweep.Work()).End);
        Assert.Single(sweep.State.Trials);
    }

    /// <summary>What a run's losses are where nothing disturbs it.</summary>
    internal static IReadOnlyDictionary<long, double> Undisturbed(HostFixture sweep, int trial, int index = 0) =>
        Undisturbed(sweep.Run(trial, index).Seed, FakeOptions.Of(sweep.Study.Fixed.Settings.Concat(sweep.State.Trials[trial].Configuration.Settings).GroupBy(s => s.Key).ToDictionary(g => g.Key, g => g.Last().Value)));

    internal static IReadOnlyDictionary<long, double> Undisturbed(ulong seed, FakeOptions options)
    {
        var training = FakeTraining.Begin(seed);
        var losses = new Dictionary<long, double>();
        while (training.Step < options.Steps)
        {
            training.Advance();
            losses.Add(training.Step, training.Loss + options.Offset);
        }
        return losses;
    }
}
