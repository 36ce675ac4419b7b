using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using static Repro.Studies.Tests.Sweeps.SweepFixture;

namespace Repro.Studies.Tests.Sweeps;

/// <summary>What whoever asks for test is told while it is sealed: the command that helps, which is another one for a search and for a comparison.</summary>
public sealed class TestSealTests
{
    private static readonly Study Comparison = Search(trials: 0) with { Space = new SearchSpace([]), Arms = [new AblationArm("wide", "Twice the width.", Configuration.Parse("width=2"))], ReadsTest = true };

    [Fact]
    public void Of_a_search_a_choice_has_to_be_confirmed()
    {
        var sweep = new SweepFixture(Search(trials: 1));
        Complete(sweep.Host("a"), "loss");
        Assert.Equal("Test is sealed: no choice of rates was confirmed, so test has not been computed. Choose: ./repro sweep rates --confirm 5", Complaint(sweep));
    }

    [Fact]
    public void Of_a_comparison_nothing_is_confirmed_and_its_runs_have_to_go_on()
    {
        var sweep = new SweepFixture(Comparison);
        Assert.Equal("Test is sealed: no run of the comparison rates has completed, so test has not been computed. To go on: ./repro resume rates", Complaint(sweep));
        Complete(sweep.Host("a"), "loss", "test_loss");
        Assert.Null(Complaint(sweep));
    }

    [Fact]
    public void Of_a_comparison_whose_runs_have_all_failed_one_has_to_be_tried_again()
    {
        var sweep = new SweepFixture(Comparison);
        var host = sweep.Host("a");
        for (var i = 0; i < 2; i++)
        {
            Assert.EndsWith("To go on: ./repro resume rates", Complaint(sweep), StringComparison.Ordinal);
            var run = host.Decide(d => d.Claim("s"))!;
            host.Decide(d => d.Fail(run.Run, run.Attempt, FailureClass.NotFinite, "NaN"));
        }
        Assert.EndsWith("no run of the comparison rates has completed, so test has not been computed. To go on: ./repro resume rates --trial 0", Complaint(sweep), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_comparison_that_computes_no_test_score_there_is_nothing_to_show()
    {
        var sweep = new SweepFixture(Comparison);
        Complete(sweep.Host("a"), "loss");
        Assert.Equal("There is nothing to show: the runs of the comparison rates that have completed computed no test score. Their other scores: ./repro status rates", Complaint(sweep));
    }

    [Fact]
    public void What_is_tried_again_once_a_comparison_is_over_counts_as_a_reading()
    {
        var sweep = new SweepFixture(Comparison);
        Complete(sweep.Host("a"), "loss", "test_loss");
        sweep.Host("a").Decide(d => d.CancelTrial(1));
        Assert.True(TestSeal.ComparisonIsOver(sweep.State));
        sweep.Host("a").Decide(d => d.RetryTrial(1));
        Assert.Equal((false, 1), (TestSeal.ComparisonIsOver(sweep.State), sweep.State.TestReadings));
    }

    private static string? Complaint(SweepFixture sweep) => TestSeal.Complaint(sweep.State, sweep.Study, "rates");

    private static void Complete(Coordinator host, params string[] metrics)
    {
        var run = host.Decide(d => d.Claim("s"))!;
        host.Decide(d => d.Complete(run.Run, run.Attempt, 64, metrics.ToDictionary(metric => metric, _ => 0.5)));
    }
}
