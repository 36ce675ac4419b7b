using Repro.Reports.Comparison;
using Repro.Results;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Tests.Comparison;

public sealed class SweepAccountTests
{
    [Fact]
    public void A_crash_is_tried_again_and_the_last_one_says_that_its_retries_are_used_up()
    {
        var sweep = new DrivenSweep(DrivenSweep.Search);
        var first = sweep.Claim();
        sweep.Checkpoint(first, 2);
        sweep.Checkpoint(first, 4);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            sweep.Decide(d => d.Fail(first.Run, attempt, FailureClass.Crash, "The worker ended by signal 11."));
            if (attempt < 3) sweep.Claim();
        }
        var account = OfRun(sweep, first.Run);
        Assert.Equal("failed", account.Status);
        Assert.Equal("The worker's process crashed: The worker ended by signal 11. Not tried again: its 2 retries of crash are used up since it last got further.", account.Why);
        Assert.Equal(["planned", "started", "checkpoint", "failed", "started", "failed", "started", "failed"], account.History.Select(line => line.Event));
        Assert.Equal("2 checkpoints, the last of step 4", account.History[2].Words);
        Assert.EndsWith("it is tried again", account.History[3].Words, StringComparison.Ordinal);
        Assert.Equal("Attempt 2 started on ada, slot cpu-0, from the checkpoint of step 4", account.History[4].Words);
        Assert.Equal(["./repro status rates --trial 0", "./repro resume rates --trial 0"], account.Next.Select(next => next.Command));
    }

    [Fact]
    public void A_diverged_run_is_no_candidate_for_another_try()
    {
        var sweep = new DrivenSweep(DrivenSweep.Search);
        var run = sweep.Claim();
        sweep.Decide(d => d.Report(run.Run, 1, [new MetricPoint("train_loss", 1, 2, 1), new MetricPoint("train_loss", 2, double.PositiveInfinity, 2)], []), d => d.Fail(run.Run, 1, FailureClass.NotFinite, "The loss is infinite."));
        var account = OfRun(sweep, run.Run);
        Assert.Equal("Training diverged: The loss is infinite. Not tried again: the study allows no retry of not finite.", account.Why);
        Assert.Contains("The first value that is no finite number is train_loss at step 2: infinite; before it was 2 at step 1.", account.Findings);
        Assert.DoesNotContain(account.Next, next => next.Command.Contains("resume", StringComparison.Ordinal));
    }

    [Fact]
    public void Out_of_memory_says_how_much_was_seen_of_it()
    {
        var sweep = new DrivenSweep(DrivenSweep.Search);
        var run = sweep.Claim();
        sweep.Decide(d => d.Report(run.Run, 1, [new MetricPoint("worker_memory", 1, 3L << 30, 1), new MetricPoint("worker_memory", 2, 1L << 30, 2)], []), d => d.Fail(run.Run, 1, FailureClass.OutOfMemory, "can't allocate memory"));
        var account = OfRun(sweep, run.Run);
        Assert.StartsWith("There was not enough memory: can't allocate memory. It waits for a slot", account.Why, StringComparison.Ordinal);
        Assert.Contains("The largest resident memory that was seen of it is 3.00 GiB.", account.Findings);
    }

    [Fact]
    public void A_pruned_trial_stands_among_those_that_the_pruner_had_seen_at_that_step()
    {
        var sweep = new DrivenSweep(DrivenSweep.Search with { Trials = 12, Pruner = "asha_stopping", Eta = 2, Rungs = (4, 8) });
        for (var i = 0; i < 4; i++) sweep.Complete(sweep.Claim(), 10 + i);
        var worst = sweep.State.Trials.First(trial => trial.State == RunState.Pruned);
        var account = OfRun(sweep, worst.Runs[0].Key);
        var why = sweep.Events.OfType<TrialPruned>().First(pruned => pruned.Trial == worst.Number);
        Assert.StartsWith($"The pruner ended its trial at step 4. {why.Why}. Of {worst.Number + 1} trials that the pruner had seen at that step it was number {worst.Number + 1}; the best of them had 32.86, the median was ", account.Why, StringComparison.Ordinal);
        Assert.Equal($"./repro sweep rates --enqueue '{worst.Configuration}'", Assert.Single(account.Next).Command);
    }

    [Fact]
    public void Persons_are_told_apart_from_hosts_and_pruners()
    {
        var sweep = new DrivenSweep(DrivenSweep.Search);
        var (one, two) = (sweep.Claim(), sweep.Claim(slot: "cpu-1"));
        sweep.Decide(d => d.CancelTrial(one.Run.Trial));
        Assert.Equal("Its trial was cancelled by a person (./repro cancel rates --trial 0).", OfRun(sweep, one.Run).Why);
        Assert.Equal("./repro resume rates --trial 0", Assert.Single(OfRun(sweep, one.Run).Next).Command);
        sweep.Decide(d => d.Pause(two.Run, 1, 3));
        Assert.StartsWith("Its host was stopped, and it left a checkpoint", OfRun(sweep, two.Run).Why, StringComparison.Ordinal);
        sweep.Decide(d => d.Hold(cancel: true));
        Assert.StartsWith("The whole sweep was cancelled by a person", OfRun(sweep, two.Run).Why, StringComparison.Ordinal);
        Assert.Empty(OfRun(sweep, two.Run).Next);
        Assert.StartsWith("A person cancelled it at 2026-01-02 03:", Of(sweep, "cancelled").Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Failures_are_grouped_by_class_and_words_whatever_the_numbers_in_them()
    {
        var sweep = new DrivenSweep(DrivenSweep.Search);
        for (var i = 0; i < 4; i++)
        {
            var run = sweep.Claim(host: i < 3 ? "ada" : "bob");
            if (i == 3) sweep.Complete(run, 10);
            else sweep.Decide(d => d.Fail(run.Run, 1, i == 2 ? FailureClass.NotFinite : FailureClass.Bug, i == 2 ? "NaN" : $"Index {i + 10} is outside at step {i * 7}."));
        }
        var account = Of(sweep, "completed");
        Assert.Equal([(FailureClass.Bug, 2, 0), (FailureClass.NotFinite, 1, 0)], account.Failures.Select(cause => (cause.Class, cause.Attempts, cause.Again)));
        Assert.Equal([new RunKey(0, 0), new RunKey(1, 0)], account.Failures[0].Runs);
        Assert.Contains("All of these failures were on one host, ada.", account.Findings);
        Assert.Equal("./repro why rates/0-0", account.Next[0].Command);
        Assert.Contains(account.Next, next => next.Command == "./repro resume rates --trial 0");
        Assert.Contains(account.Next, next => next.Command == "./repro sweep rates --confirm 5");
    }

    [Fact]
    public void A_stopped_sweep_tells_a_host_that_was_asked_to_stop_from_one_that_died()
    {
        var sweep = new DrivenSweep(DrivenSweep.Search);
        var run = sweep.Claim();
        Assert.Equal("Its host ada ended without a word while it trained 0-0: it was killed, or the machine went down. Nobody works on it now, and 0 runs wait for a slot, 3 trials of the budget are still to be planned.", Of(sweep, "stopped").Why);
        sweep.Decide(d => d.Pause(run.Run, 1, 3));
        Assert.StartsWith("Its host was stopped at 2026-01-02 03:", Of(sweep, "stopped").Why, StringComparison.Ordinal);
        Assert.Equal("./repro resume rates", Of(sweep, "stopped").Next[0].Command);
        sweep.Decide(d => d.Hold(cancel: false));
        Assert.Contains("./repro cancel rates --pause", Of(sweep, "held").Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_completed_sweep_says_whether_its_choice_was_confirmed()
    {
        var sweep = new DrivenSweep(DrivenSweep.Search).CompleteAll(run => 10 + run.Run.Trial);
        Assert.Equal("All 4 trials of its budget are done. Its choice was not confirmed.", Of(sweep, "completed").Why);
        sweep.Confirm(2, _ => 10);
        sweep.Decide(d => d.ReadTest("repro report"));
        var account = Of(sweep, "completed");
        Assert.Equal("All 4 trials of its budget are done. Its choice, trial 0, was confirmed on 2 fresh seeds.", account.Why);
        Assert.Contains(account.History, line => line.Words == "Test scores were shown by repro report");
        Assert.DoesNotContain("test_error", string.Join(' ', OfRun(sweep, new RunKey(4, 0)).History.Select(line => line.Words)), StringComparison.Ordinal);
    }

    private static Account Of(DrivenSweep sweep, string status) => new SweepAccount("rates", status, sweep.Study, sweep.State, sweep.Events, "").Tell();

    private static Account OfRun(DrivenSweep sweep, RunKey key)
    {
        var status = sweep.State[key];
        var run = new RunRecord
        {
            Id = $"rates/{key}", Experiment = "net", Profile = "sweep", Options = [], Seed = status.Seed, Command = "./repro run net --profile sweep", Created = sweep.Events[0].At, State = status.State, Attempts = [],
            Metrics = sweep.Metrics(key), Scores = status.Scores, Failure = status.Message, Folder = "/runs/rates/0-0",
        };
        return new SweepRunAccount("rates", sweep.Study, sweep.State, key, run, sweep.Events, "worker_memory", "").Tell();
    }
}
