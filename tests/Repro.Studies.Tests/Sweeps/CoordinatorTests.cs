using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using static Repro.Studies.Tests.Sweeps.SweepFixture;

namespace Repro.Studies.Tests.Sweeps;

public sealed class CoordinatorTests
{
    [Fact]
    public void The_papers_configuration_is_trial_0_and_the_budget_counts_it()
    {
        var sweep = new SweepFixture(Search(trials: 3), paper: true);
        var host = sweep.Host("a");
        var claims = Enumerable.Range(0, 4).Select(i => host.Decide(d => d.Claim($"cpu {i}"))).ToList();
        Assert.Equal("rate=0.1", claims[0]!.Configuration.ToString());
        Assert.Equal([0, 1, 2], claims.Take(3).Select(c => c!.Run.Trial));
        Assert.Null(claims[3]);
        Assert.Equal([TrialOrigin.Paper, TrialOrigin.Sampler, TrialOrigin.Sampler], sweep.State.Trials.Select(t => t.Origin));
    }

    [Fact]
    public void Configurations_depend_on_the_seed_and_not_on_who_asks_when()
    {
        var one = new SweepFixture();
        var host = one.Host("a");
        var alone = Enumerable.Range(0, 4).Select(_ => host.Decide(d => d.Claim("s"))!.Configuration).ToList();
        var two = new SweepFixture();
        var hosts = new[] { two.Host("a"), two.Host("b") };
        var shared = new List<Configuration>();
        for (var i = 0; i < 4; i++)
        {
            var claim = hosts[i % 2].Decide(d => d.Claim("s"))!;
            hosts[i % 2].Decide(d => d.Complete(claim.Run, claim.Attempt, 64, Loss(i)));
            shared.Add(claim.Configuration);
        }
        Assert.Equal(alone, shared);
    }

    [Fact]
    public void Runs_of_a_trial_have_seeds_of_their_own_and_the_same_ones_in_every_trial()
    {
        var sweep = new SweepFixture(Search(trials: 2, seeds: 3));
        var host = sweep.Host("a");
        var claims = Enumerable.Range(0, 6).Select(_ => host.Decide(d => d.Claim("s"))!).ToList();
        Assert.Equal(["0-0", "0-1", "0-2", "1-0", "1-1", "1-2"], claims.Select(c => c.Run.ToString()));
        Assert.Equal(claims.Take(3).Select(c => c.Seed), claims.Skip(3).Select(c => c.Seed));
        Assert.Equal(3, claims.Select(c => c.Seed).Distinct().Count());
    }

    [Fact]
    public void Only_a_confirmation_reads_test_and_its_seeds_are_fresh()
    {
        var sweep = new SweepFixture(Search(trials: 1));
        var host = sweep.Host("a");
        var searched = host.Decide(d => d.Claim("s"))!;
        sweep.Person.Decide(d => d.Enqueue(searched.Configuration, TrialOrigin.Confirmation, seeds: 2));
        var confirmed = Enumerable.Range(0, 2).Select(_ => host.Decide(d => d.Claim("s"))!).ToList();
        Assert.False(searched.ReadsTest);
        Assert.All(confirmed, claim => Assert.True(claim.ReadsTest));
        Assert.Equal(3, confirmed.Append(searched).Select(c => c.Seed).Distinct().Count());
    }

    [Theory]
    [InlineData(FailureClass.Bug, 1)]
    [InlineData(FailureClass.NotFinite, 1)]
    [InlineData(FailureClass.OutOfMemory, 2)]
    [InlineData(FailureClass.Crash, 3)]
    [InlineData(FailureClass.Hang, 3)]
    public void A_failed_run_is_tried_again_as_often_as_its_class_allows(FailureClass failure, int attempts)
    {
        var sweep = new SweepFixture(Search(trials: 1));
        var host = sweep.Host("a");
        for (var attempt = 1; attempt <= attempts; attempt++)
        {
            var claim = host.Decide(d => d.Claim("s"))!;
            Assert.Equal(attempt, claim.Attempt);
            Assert.Equal(attempt < attempts, host.Decide(d => d.Fail(claim.Run, claim.Attempt, failure, "why")));
        }
        Assert.Null(host.Decide(d => d.Claim("s")));
        Assert.Equal((RunState.Failed, "why"), (sweep.State.Trials[0].State, sweep.State.Trials[0].Runs[0].Message));
        sweep.Person.Decide(d =>
        {
            d.RetryTrial(0);
            return 0;
        });
        Assert.Equal(attempts + 1, host.Decide(d => d.Claim("s"))!.Attempt);
    }

    [Fact]
    public void A_lost_host_never_counts_against_a_run_which_goes_on_from_its_recorded_checkpoint()
    {
        var sweep = new SweepFixture(Search(trials: 1));
        for (var i = 1; i <= 10; i++)
        {
            var host = sweep.Host($"host {i}");
            Assert.Equal(i > 1 ? 1 : 0, host.Decide(d => d.TakeOver(sweep.Store.Alive("sweep"))));
            var claim = host.Decide(d => d.Claim("s"))!;
            Assert.Equal((i, i > 1 ? i - 1 : (long?)null), (claim.Attempt, claim.Checkpoints.Count > 0 ? claim.Checkpoints[0].Step : null));
            host.Decide(d => d.Report(claim.Run, claim.Attempt, [], [Checkpoint(i)]));
            sweep.Time.Now += TimeSpan.FromSeconds(11);
        }
    }

    [Fact]
    public void A_late_writer_is_refused_and_its_checkpoint_is_never_taken_up()
    {
        var sweep = new SweepFixture(Search(trials: 1));
        var late = sweep.Host("late");
        var first = late.Decide(d => d.Claim("s"))!;
        late.Decide(d => d.Report(first.Run, 1, [new MetricPoint("train_loss", 5, 1, 0)], [Checkpoint(5)]));
        sweep.Time.Now += TimeSpan.FromSeconds(11);
        var next = sweep.Host("next");
        next.Decide(d => d.TakeOver(sweep.Store.Alive("sweep")));
        var second = next.Decide(d => d.Claim("s"))!;

        Assert.Throws<LeaseEndedException>(() => late.Decide(d => d.Report(first.Run, 1, [], [Checkpoint(6)])));
        sweep.Store.Renew("sweep", "late", TimeSpan.FromSeconds(10));
        Assert.Equal(Directive.End, late.Decide(d => d.Report(first.Run, 1, [new MetricPoint("train_loss", 6, 2, 0)], [Checkpoint(6)])));
        Assert.False(late.Decide(d => d.Complete(first.Run, 1, 64, Loss(1))));
        Assert.False(late.Decide(d => d.Pause(first.Run, 1, 6)));
        Assert.False(late.Decide(d => d.Fail(first.Run, 1, FailureClass.Bug, "late")));

        Assert.Equal([5L], sweep.State.Trials[0].Runs[0].Checkpoints.Select(c => c.Step));
        Assert.Equal((second.Attempt, RunState.Running), (sweep.State.Trials[0].Runs[0].Attempt, sweep.State.Trials[0].State));
        Assert.Equal([5L], sweep.Store.Metrics("sweep", first.Run).Select(p => p.Step));
    }

    [Fact]
    public void What_was_reported_after_the_checkpoint_is_dropped_when_the_run_goes_on_from_it()
    {
        var sweep = new SweepFixture(Search(trials: 1) with { Pruner = "median" });
        var host = sweep.Host("a");
        var claim = host.Decide(d => d.Claim("s"))!;
        host.Decide(d => d.Report(claim.Run, 1, [Value(10, 1), Value(20, 2)], [Checkpoint(10)]));
        host.Decide(d => d.Fail(claim.Run, 1, FailureClass.Crash, "died"));
        host.Decide(d => d.Claim("s"));
        Assert.Equal([10L], sweep.Store.Metrics("sweep", claim.Run).Select(p => p.Step));
        Assert.Equal([10L], sweep.State.Trials[0].Runs[0].Rungs.Keys);
        host.Decide(d => d.Report(claim.Run, 2, [Value(20, 3)], []));
        Assert.Equal([(10L, 1.0), (20, 3.0)], sweep.Store.Metrics("sweep", claim.Run).Select(p => (p.Step, p.Value)));
    }

    [Fact]
    public void What_was_reported_after_a_checkpoint_that_turned_out_damaged_is_dropped_too()
    {
        var sweep = new SweepFixture(Search(trials: 1) with { Pruner = "median" });
        var host = sweep.Host("a");
        var claim = host.Decide(d => d.Claim("s"))!;
        host.Decide(d => d.Report(claim.Run, 1, [Value(10, 1), Value(20, 2)], [Checkpoint(10), Checkpoint(20)]));
        host.Decide(d => d.Fail(claim.Run, 1, FailureClass.Crash, "died"));
        var again = host.Decide(d => d.Claim("s"))!;
        Assert.Equal([20L, 10], again.Checkpoints.Select(c => c.Step));
        Assert.True(host.Decide(d => d.GoBack(again.Run, 2, 20)));
        Assert.Empty(sweep.Store.Read("sweep").OfType<WentBack>());
        Assert.True(host.Decide(d => d.GoBack(again.Run, 2, 10)));
        Assert.Equal([10L], sweep.Store.Metrics("sweep", claim.Run).Select(p => p.Step));
        Assert.Equal([10L], sweep.State.Trials[0].Runs[0].Rungs.Keys);
        Assert.Equal([10L], sweep.State.Trials[0].Runs[0].Checkpoints.Select(c => c.Step));
        Assert.True(host.Decide(d => d.GoBack(again.Run, 2, null)));
        Assert.Empty(sweep.Store.Metrics("sweep", claim.Run));
        Assert.Empty(sweep.State.Trials[0].Runs[0].Checkpoints);
        Assert.False(host.Decide(d => d.GoBack(again.Run, 1, null)));
    }

    [Fact]
    public void What_one_decision_reports_and_then_drops_is_not_kept()
    {
        var sweep = new SweepFixture(Search(trials: 1));
        var host = sweep.Host("a");
        var claim = host.Decide(d => d.Claim("s"))!;
        host.Decide(
        [
            d => d.Report(claim.Run, 1, [Value(10, 1)], [Checkpoint(10)]),
            d => d.Report(claim.Run, 1, [Value(20, 2)], []),
            d => d.Fail(claim.Run, 1, FailureClass.Crash, "died"),
            d => d.Claim("s"),
        ]);
        Assert.Equal([10L], sweep.Store.Metrics("sweep", claim.Run).Select(p => p.Step));
    }

    [Fact]
    public void A_slot_that_never_learned_of_its_run_finds_it_again()
    {
        var sweep = new SweepFixture(Search(trials: 3));
        var host = sweep.Host("a");
        var claims = new[] { "s", "t" }.Select(slot => host.Decide(d => d.Claim(slot))!).ToList();
        Assert.Equal((claims[1].Run, 1, claims[1].Seed), host.Decide(d => d.Taken("t")) is { } found ? (found.Run, found.Attempt, found.Seed) : default);
        Assert.Null(host.Decide(d => d.Taken("u")));
        Assert.Null(sweep.Host("b").Decide(d => d.Taken("t")));
        host.Decide(d => d.Complete(claims[1].Run, 1, 64, Loss(1)));
        Assert.Null(host.Decide(d => d.Taken("t")));
    }

    [Fact]
    public void A_run_that_gets_further_after_each_crash_is_not_given_up()
    {
        var sweep = new SweepFixture(Search(trials: 1));
        var host = sweep.Host("a");
        for (var step = 1; step <= 5; step++)
        {
            var claim = host.Decide(d => d.Claim("s"))!;
            host.Decide(d => d.Report(claim.Run, claim.Attempt, [], [Checkpoint(step)]));
            Assert.True(host.Decide(d => d.Fail(claim.Run, claim.Attempt, FailureClass.Crash, "killed")));
        }
        // From here on it only comes to where it was.
        var givenUp = Enumerable.Range(0, 2).Select(_ => host.Decide(d => d.Claim("s"))!).Count(claim => !host.Decide(d => d.Fail(claim.Run, claim.Attempt, FailureClass.Crash, "killed")));
        Assert.Equal(1, givenUp);
    }

    [Fact]
    public void What_a_machine_lacks_never_counts_against_a_run()
    {
        var sweep = new SweepFixture(Search(trials: 1));
        var host = sweep.Host("a");
        for (var i = 0; i < 10; i++)
        {
            var claim = host.Decide(d => d.Claim("s"))!;
            Assert.True(host.Decide(d => d.Fail(claim.Run, claim.Attempt, FailureClass.Machine, "The disk is full.")));
        }
    }

    [Fact]
    public void A_held_sweep_gives_nothing_out_until_it_is_released()
    {
        var sweep = new SweepFixture();
        var host = sweep.Host("a");
        var running = host.Decide(d => d.Claim("s"))!;
        sweep.Person.Decide(Do(d => d.Hold(cancel: false)));
        Assert.Null(host.Decide(d => d.Claim("s")));
        Assert.Equal(Directive.Continue, host.Decide(d => d.Report(running.Run, 1, [Value(1, 1)], [])));
        sweep.Person.Decide(Do(d => d.Release()));
        Assert.NotNull(host.Decide(d => d.Claim("s")));
    }

    [Fact]
    public void A_cancelled_sweep_ends_its_runs_and_is_not_released()
    {
        var sweep = new SweepFixture();
        var host = sweep.Host("a");
        var running = host.Decide(d => d.Claim("s"))!;
        sweep.Person.Decide(Do(d => d.Hold(cancel: true)));
        Assert.Equal(Directive.End, host.Decide(d => d.Report(running.Run, 1, [Value(1, 1)], [])));
        Assert.Equal(RunState.Cancelled, sweep.State.Trials[0].State);
        Assert.Throws<BadInputException>(() => sweep.Person.Decide(Do(d => d.Release())));
    }

    [Fact]
    public void A_sweep_is_extended_to_more_trials_and_never_to_fewer()
    {
        var sweep = new SweepFixture(Search(trials: 1));
        var host = sweep.Host("a");
        Assert.NotNull(host.Decide(d => d.Claim("s")));
        Assert.Null(host.Decide(d => d.Claim("s")));
        sweep.Person.Decide(Do(d => d.Extend(2)));
        Assert.NotNull(host.Decide(d => d.Claim("s")));
        Assert.Contains("has a budget of 2 trials", Assert.Throws<BadInputException>(() => sweep.Person.Decide(Do(d => d.Extend(2)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_asked_again_after_a_connection_broke_happens_once()
    {
        var sweep = new SweepFixture(Search(trials: 1));
        var host = sweep.Host("a");
        var claim = host.Decide(d => d.Claim("s"))!;
        for (var i = 0; i < 2; i++) Assert.True(host.Decide(d => d.Complete(claim.Run, 1, 64, Loss(0.5))));
        Assert.Single(sweep.Store.Read("sweep").OfType<RunCompleted>());
    }

    [Fact]
    public void A_request_that_throws_writes_nothing_and_the_next_decision_begins_from_the_store()
    {
        var sweep = new SweepFixture();
        var host = sweep.Host("a");
        Assert.Throws<BadInputException>(() => host.Decide([d => d.Claim("s"), d => d.CancelTrial(99)]));
        Assert.Empty(sweep.State.Trials);
        Assert.Equal(0, host.Decide(d => d.Claim("s"))!.Run.Trial);
        Assert.Single(sweep.State.Trials);
    }

    [Fact]
    public void Asha_pauses_at_rungs_promotes_the_best_and_ends_the_others()
    {
        var sweep = new SweepFixture(Search(trials: 16, pruner: "asha_promotion"));
        var host = sweep.Host("a");
        var trained = new Dictionary<int, long>();
        while (host.Decide(d => d.Claim("s")) is { } claim)
        {
            var trial = claim.Run.Trial;
            for (var step = trained.GetValueOrDefault(trial) + 1; ; step++)
            {
                trained[trial] = step;
                // Trial 5 is the best at every step.
                var directive = host.Decide(d => d.Report(claim.Run, claim.Attempt, [Value(step, Math.Abs(trial - 5) + (1.0 / step))], [Checkpoint(step)]));
                if (step == 64)
                {
                    host.Decide(d => d.Complete(claim.Run, claim.Attempt, step, Loss(Math.Abs(trial - 5))));
                    break;
                }
                if (directive == Directive.Continue) continue;
                Assert.Equal(Directive.Pause, directive);
                host.Decide(d => d.Pause(claim.Run, claim.Attempt, step));
                break;
            }
        }
        Assert.Equal(16, trained.Count);
        Assert.All(sweep.State.Trials, trial => Assert.True(trial.State is RunState.Completed or RunState.Pruned, $"trial {trial.Number} is {trial.State}"));
        Assert.True(trained[5] >= 16, $"trial 5 trained {trained[5]} steps");
        Assert.True(trained.Values.Count(steps => steps == 1) >= 10);
        Assert.All(sweep.Store.Read("sweep").OfType<RunStarted>().Where(s => s.Attempt > 1), started => Assert.NotNull(started.From));
    }

    [Fact]
    public void A_trial_of_several_seeds_is_judged_by_the_mean_when_all_have_reached_the_rung()
    {
        var sweep = new SweepFixture(Search(trials: 8, pruner: "asha_stopping", seeds: 2));
        var host = sweep.Host("a");
        var good = Enumerable.Range(0, 8).Select(_ => host.Decide(d => d.Claim("s"))!).ToList();
        foreach (var claim in good) Assert.Equal(Directive.Continue, host.Decide(d => d.Report(claim.Run, 1, [Value(1, 1)], [])));
        var bad = Enumerable.Range(0, 2).Select(_ => host.Decide(d => d.Claim("s"))!).ToList();
        Assert.Equal(Directive.Continue, host.Decide(d => d.Report(bad[0].Run, 1, [Value(1, 100)], [])));
        Assert.Equal(Directive.End, host.Decide(d => d.Report(bad[1].Run, 1, [Value(1, 0.5)], [])));
        Assert.Equal(RunState.Pruned, sweep.State.Trials[4].State);
        Assert.Equal(Directive.End, host.Decide(d => d.Report(bad[0].Run, 1, [Value(2, 1)], [])));
    }

    private static MetricPoint Value(long step, double value) => new("loss", step, value, 0);

    private static CheckpointRecorded Checkpoint(long step) => new(default, 0, step, $"step-{step}", "", 1) { At = default };

    private static Func<Decision, int> Do(Action<Decision> action) => decision =>
    {
        action(decision);
        return 0;
    };

    [Fact]
    public void No_run_starts_once_the_budgets_GPU_hours_are_used_up_and_a_dead_host_uses_none()
    {
        var sweep = new SweepFixture(Search(trials: 10) with { GpuHours = 3 });
        var host = sweep.Host("a");
        var half = host.Decide(d => d.Claim("gpu-0", 0.5))!;
        sweep.Time.Now += TimeSpan.FromHours(2);
        var dead = sweep.Host("b");
        Assert.NotNull(dead.Decide(d => d.Claim("gpu-1", 1)));
        sweep.Time.Now += TimeSpan.FromHours(100);
        var second = sweep.Host("c");
        second.Decide(d => d.TakeOver(new HashSet<string> { "c" }));
        // Of the half GPU nothing was heard since it began, and of the other neither.
        Assert.Equal(0, sweep.State.GpuHours(sweep.Time.Now));
        var run = second.Decide(d => d.Claim("gpu-2", 1))!;
        sweep.Time.Now += TimeSpan.FromHours(2.5);
        sweep.Store.Renew("sweep", "c", TimeSpan.FromHours(1));
        Assert.Equal(2.5, sweep.State.GpuHours(sweep.Time.Now), 1e-9);
        Assert.NotNull(second.Decide(d => d.Claim("gpu-3", 1)));
        sweep.Time.Now += TimeSpan.FromMinutes(15);
        Assert.Null(second.Decide(d => d.Claim("gpu-4", 1)));
        Assert.True(second.Decide(d => d.Complete(run.Run, run.Attempt, 64, Loss(1))));
        Assert.Equal(3, sweep.State.GpuHours(sweep.Time.Now), 1e-9);
        Assert.Equal(0, half.Run.Trial);
    }
}
