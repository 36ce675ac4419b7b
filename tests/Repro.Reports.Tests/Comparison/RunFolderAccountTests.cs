using Repro.Reports.Comparison;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Tests.Comparison;

public sealed class RunFolderAccountTests
{
    [Fact]
    public void A_completed_run_says_what_it_was_asked_and_what_changed_on_the_way()
    {
        var account = Account(ExampleRuns.Run() with { Attempts = [ExampleRuns.Attempt(1, null, 2), ExampleRuns.Attempt(2, 1000, 4)] }, [Started(1), Checkpoint(1, 1000), Started(2, from: 1000), Ended(2, "completed", 64000)]);
        Assert.Equal("It took all of the 64,000 steps that it was asked for, and was evaluated.", account.Why);
        Assert.Equal(["created", "started", "checkpoint", "lost", "started", "completed"], account.History.Select(line => line.Event));
        Assert.Equal("Attempt 2 started, process 12 on ada, from the checkpoint of step 1,000", account.History[4].Words);
        Assert.Contains(account.Findings, finding => finding.Contains("(threads 2 -> 4): equal bits are not promised", StringComparison.Ordinal));
        Assert.Equal("./repro report resnet-20260901-7f3a --runs here", Assert.Single(account.Next).Command);
    }

    [Fact]
    public void A_run_that_was_killed_is_resumed_and_no_error_is_made_up()
    {
        var account = Account(ExampleRuns.Run(RunState.Failed) with { Interrupted = true, FailureClass = FailureClass.Lost }, [Started(1), Checkpoint(1, 500), Checkpoint(1, 1000)]);
        Assert.Equal("interrupted", account.Status);
        Assert.Contains("ended without a word", account.Why, StringComparison.Ordinal);
        Assert.Equal("2 checkpoints, the last of step 1,000", account.History[2].Words);
        Assert.Equal("The largest resident memory that was seen of it is 812 MiB.", Assert.Single(account.Findings, finding => finding.Contains("memory", StringComparison.Ordinal)));
        Assert.Equal(("to go on from its newest whole checkpoint", "./repro run resnet --resume resnet-20260901-7f3a --runs here"), (account.Next[0].When, account.Next[0].Command));
    }

    [Fact]
    public void A_run_whose_checkpoints_are_all_damaged_is_not_told_to_go_on_from_one()
    {
        var run = ExampleRuns.Run(RunState.Failed) with { Interrupted = true, FailureClass = FailureClass.Lost };
        var next = RunFolderAccount.Of(run, [Started(1), Checkpoint(1, 500)], run.Id, holder: null, " --runs here", wholeCheckpoint: false).Next[0];
        Assert.Equal(("to begin again in the same folder, since every checkpoint of it is damaged or gone", "./repro run resnet --resume resnet-20260901-7f3a --runs here"), (next.When, next.Command));
    }

    [Fact]
    public void A_run_that_diverged_names_the_first_value_that_was_no_number_and_is_not_resumed()
    {
        var run = ExampleRuns.Run(RunState.Failed) with
        {
            FailureClass = FailureClass.NotFinite, Command = "./repro run resnet --set learning_rate=0.9 --seed 1",
            Metrics = [new("train_loss", 1, 2.3, 1), new("learning_rate", 2, double.PositiveInfinity, 2), new("train_loss", 2, double.NaN, 2), new("train_loss", 3, double.NaN, 3)],
        };
        var account = Account(run, [Started(1), Ended(1, "failed", 3, "The loss became NaN.")]);
        Assert.Equal("Training diverged: The loss became NaN at step 1,204.", account.Why);
        Assert.Contains("The first value that is no finite number is train_loss at step 2: not a number (with learning_rate); before it was 2.3 at step 1.", account.Findings);
        Assert.Equal("./repro run resnet --seed 1 --set learning_rate=0.03", account.Next[0].Command);
        Assert.Equal("./repro run resnet --set learning_rate=0.9 --seed 1 --detect-anomaly", account.Next[1].Command);
        Assert.DoesNotContain(account.Next, next => next.Command.Contains("--resume", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB", "There was not enough memory: ", "./repro run resnet --profile paper --seed 1 --set batch_size=64")]
    [InlineData("Cannot append to metrics.jsonl: no space is left on the device.", "The machine lacked something: ", "./repro clean --runs here")]
    [InlineData("The data set cifar-10 is not here. Get it with: ./repro data fetch cifar-10", "The machine lacked something: ", "./repro data fetch cifar-10")]
    [InlineData("The training loss became NaN at step 3.", "Training diverged: ", "./repro run resnet --profile paper --seed 1 --set learning_rate=0.03")]
    [InlineData("Something nobody thought of.", "It failed, for a cause whose class was not recorded: ", "./repro run resnet --resume resnet-20260901-7f3a --runs here")]
    public void A_log_without_the_class_of_the_failure_is_understood_by_its_words(string failure, string why, string command)
    {
        var run = ExampleRuns.Run(RunState.Failed) with { Failure = failure };
        run = run with { Options = [.. run.Options, KeyValuePair.Create("batch_size", "128")] };
        var account = Account(run, [Started(1), Ended(1, "failed", 3, failure)]);
        Assert.Equal(why + failure, account.Why);
        Assert.Equal(command, account.Next[0].Command);
    }

    [Fact]
    public void What_is_recorded_goes_before_what_the_words_suggest() =>
        Assert.StartsWith("The program or the experiment failed: ", Account(ExampleRuns.Run(RunState.Failed) with { FailureClass = FailureClass.Bug }, [Started(1)]).Why, StringComparison.Ordinal);

    [Fact]
    public void Runs_that_have_not_ended_say_so()
    {
        Assert.Equal("It has not ended: process 12 on ada works on it.", Account(ExampleRuns.Run(RunState.Running), [Started(1)], holder: "process 12 on ada").Why);
        Assert.StartsWith("It never started", Account(ExampleRuns.Run(RunState.Planned) with { Attempts = [] }, []).Why, StringComparison.Ordinal);
        var paused = Account(ExampleRuns.Run(RunState.Paused), [Started(1), Ended(1, "paused", 1000)]);
        Assert.StartsWith("It was stopped on request (Ctrl-C, or a signal) at step 1,000", paused.Why, StringComparison.Ordinal);
        Assert.Contains("--resume", Assert.Single(paused.Next).Command, StringComparison.Ordinal);
    }

    private static Account Account(RunRecord run, IReadOnlyList<RunHappening> history, string? holder = null) => RunFolderAccount.Of(run, history, run.Id, holder, " --runs here");

    private static RunHappening Started(int attempt, long? from = null) => new(new DateTimeOffset(2026, 9, 1, 8 + attempt, 30, 0, TimeSpan.Zero), attempt, "started") { Step = from, Where = "process 12 on ada" };

    private static RunHappening Checkpoint(int attempt, long step) => Started(attempt) with { Event = "checkpoint", Step = step, Where = "" };

    private static RunHappening Ended(int attempt, string how, long step, string text = "") => Started(attempt) with { Event = how, Step = step, Where = "", Text = text };
}
