using Repro.Reports.Comparison;
using Repro.Results;
using Repro.Studies.Runs;

namespace Repro.Reports.Tests.Comparison;

public sealed class RunComparisonTests
{
    [Fact]
    public void A_run_and_its_repetition_end_with_the_same_bits()
    {
        var comparison = RunComparison.Of(Side(), Side(run => run with { Id = "again", Created = run.Created.AddDays(1), Trained = TimeSpan.FromHours(1), Attempts = [run.Attempts[0]] }));
        Assert.False(comparison.OutcomesDiffer);
        Assert.False(comparison.Options.Differ || comparison.Code.Differ || comparison.Data.Differ || comparison.Environment.Differ);
        Assert.Equal(["attempts", "training time"], comparison.Ends.Differences.Select(difference => difference.Fact));
        Assert.Equal("They end with the same bits: 2 final metrics and 2150 measured values are equal.", Assert.Single(comparison.Conclusions));
    }

    [Fact]
    public void One_run_each_decides_nothing_whatever_the_difference()
    {
        var other = Side(run => run with { Seed = 2, Scores = new Dictionary<string, double> { ["test_error"] = 80, ["test_loss"] = double.NaN }, Metrics = [.. run.Metrics.Select(point => point.Step < 320 ? point : point with { Value = point.Value + 1 })] });
        var comparison = RunComparison.Of(Side(), other);
        Assert.True(comparison.OutcomesDiffer);
        Assert.Equal([new Difference("seed", "1", "2")], comparison.Options.Differences);
        Assert.Equal([new ComparedScore("test_error", 8.93, 80), new ComparedScore("test_loss", 0.412, double.NaN)], comparison.Scores);
        Assert.Equal([71.07, null], comparison.Scores.Select(score => score.Difference is { } difference ? Math.Round(difference, 6) : (double?)null));
        Assert.StartsWith("Their curves part at step 320, the first at which both measured and differ: train_loss ", comparison.Conclusions[0], StringComparison.Ordinal);
        Assert.StartsWith("One run each decides nothing about a difference (n = 1)", comparison.Conclusions[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(comparison.Conclusions, sentence => sentence.Contains("asked for the same", StringComparison.Ordinal));
    }

    [Fact]
    public void Other_bits_of_one_configuration_and_seed_are_explained_by_the_conditions_or_called_a_fault()
    {
        static RunRecord Parted(RunRecord run) => run with { Scores = new Dictionary<string, double>(run.Scores) { ["test_error"] = 8.94 } };
        Assert.Contains(RunComparison.Of(Side(), Side(Parted)).Conclusions, sentence => sentence.Contains("worth reporting", StringComparison.Ordinal));
        var elsewhere = Side(Parted, environment => environment with { Threads = 4 });
        Assert.Contains(RunComparison.Of(Side(), elsewhere).Conclusions, sentence => sentence.EndsWith("because they ran under other conditions: threads 2 -> 4.", StringComparison.Ordinal));
    }

    [Fact]
    public void Values_that_part_in_their_last_digits_are_written_so_that_one_sees_it()
    {
        var comparison = RunComparison.Of(Side(run => run with { Metrics = [new("train_loss", 1, 0.3, 1)] }), Side(run => run with { Metrics = [new("train_loss", 1, 0.1 + 0.2, 1)] }));
        Assert.Contains("train_loss 0.3 and 0.30000000000000004.", comparison.Conclusions[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_compared_by_value_and_one_that_a_side_lacks_differs()
    {
        static RunRecord With(RunRecord run, params (string, string)[] options) => run with { Options = [.. options.Select(option => KeyValuePair.Create(option.Item1, option.Item2))] };
        var comparison = RunComparison.Of(Side(run => With(run, ("rate", "0.1"), ("depth", "20"))), Side(run => With(run, ("rate", "1e-1"), ("width", "16"))));
        Assert.Equal([new Difference("depth", "20", "-"), new Difference("width", "-", "16")], comparison.Options.Differences);
    }

    [Fact]
    public void A_run_that_failed_beside_one_that_did_not_says_what_it_said()
    {
        var failed = Side(run => run with { State = RunState.Failed, Failure = "The loss became NaN.", Scores = new Dictionary<string, double>() });
        var comparison = RunComparison.Of(Side(), failed);
        Assert.True(comparison.OutcomesDiffer);
        Assert.Contains(new Difference("state", "completed", "failed"), comparison.Ends.Differences);
        Assert.Contains(new Difference("failure", "-", "The loss became NaN."), comparison.Ends.Differences);
        Assert.Contains("Their curves do not part: 2150 measured values are equal.", comparison.Conclusions);
    }

    [Fact]
    public void Runs_that_measured_nothing_in_common_are_not_compared() =>
        Assert.StartsWith("They have measured nothing in common", Assert.Single(RunComparison.Of(Side(Bare), Side(Bare)).Conclusions), StringComparison.Ordinal);

    private static RunRecord Bare(RunRecord run) => run with { Metrics = [], Scores = new Dictionary<string, double>() };

    private static ComparedRun Side(Func<RunRecord, RunRecord>? change = null, Func<RunEnvironment, RunEnvironment>? conditions = null) =>
        new((change ?? (same => same))(ExampleRuns.Run()), [new AttemptConditions((conditions ?? (same => same))(ExampleRuns.Attempt(1, null, 2, dirty: false).Environment), "")]);
}
