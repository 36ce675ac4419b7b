using Repro.Cli.Running;
using Repro.Reports.Claims;
using Repro.Reports.Runs;
using Repro.Results;
using Repro.Studies.Papers;
using Repro.Studies.Runs;

namespace Repro.Cli.Tests.Running;

public sealed class RunSummaryTests
{
    [Fact]
    public void The_judged_metric_comes_first_and_every_number_has_its_unit() => Assert.Equal(
        [
            "Completed 1,200 steps in 1:00, 20.0 steps/s, 1.2 % of it waiting for data.",
            "  test_error        7.4 %",
            "  test_loss         0.2201",
            "  validation_error  8.9 %",
            "  validation_loss   0.267",
            "  train_error       4.0313 %",
            "  train_loss        0.127",
            "  best_step         900",
        ],
        RunSummary.Lines(Run, "test_error", [], Nothing, ""));

    [Fact]
    public void Losses_have_the_unit_that_their_experiment_declares_and_other_scores_their_own()
    {
        var lines = RunSummary.Lines(Run, "test_error", [], new Dictionary<string, double> { ["test_loss"] = 0.2 }, "nats").ToList();
        Assert.Equal("  test_loss         0.2201 nats  expected of a perfect model: 0.2 nats", lines[2]);
        Assert.Equal(["  validation_loss   0.267 nats", "  train_loss        0.127 nats"], lines.Where(line => line.EndsWith(" nats", StringComparison.Ordinal)).Skip(1));
        Assert.Equal(("  test_error        7.4 %", "  best_step         900"), (lines[1], lines[^1]));
    }

    [Fact]
    public void The_papers_number_stands_beside_the_score_that_it_is_about()
    {
        var lines = RunSummary.Lines(Run, "test_error", [Reading(8.75, concerns: true, Verdict.NotComparable), Reading(7.51, concerns: false, null)], Nothing, "").ToList();
        Assert.Equal("  test_error        7.4 %     published: 8.75 % (Table 6; not comparable at this scale)", lines[1]);
        Assert.DoesNotContain(lines, line => line.Contains("7.51", StringComparison.Ordinal));
        Assert.Contains("inconclusive at n = 1", RunSummary.Lines(Run, "test_error", [Reading(8.75, concerns: true, Verdict.Inconclusive)], Nothing, "").ElementAt(1), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_perfect_model_is_expected_to_have_stands_beside_the_score()
    {
        var lines = RunSummary.Lines(Run, "test_error", [], new Dictionary<string, double> { ["test_error"] = 5, ["test_loss"] = 0.2, ["no_score"] = 1 }, "").ToList();
        Assert.EndsWith("7.4 %     expected of a perfect model: 5 %", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("0.2201    expected of a perfect model: 0.2", lines[2], StringComparison.Ordinal);
        Assert.Equal(2, lines.Count(line => line.Contains("perfect", StringComparison.Ordinal)));
    }

    private static IReadOnlyDictionary<string, double> Nothing => new Dictionary<string, double>();

    private static RunRecord Run => new()
    {
        Id = "net-1", Experiment = "net", Profile = "quick", Options = [], Seed = 0, Command = "./repro run net", Created = DateTimeOffset.UnixEpoch, Folder = "/runs/net-1",
        State = RunState.Completed, Attempts = [], Metrics = [new MetricPoint("train_loss", 1200, 0.127, 60)], Trained = TimeSpan.FromSeconds(60), WaitingShare = 0.012,
        Scores = new Dictionary<string, double>
        {
            ["train_loss"] = 0.127, ["train_error"] = 4.0313, ["validation_loss"] = 0.267, ["best_step"] = 900, ["validation_error"] = 8.9, ["test_loss"] = 0.2201, ["test_error"] = 7.4,
        },
    };

    private static ClaimReading Reading(double value, bool concerns, Verdict? verdict) => new(
        new Claim("c", "It has an error.", "Table 6", ClaimKind.Value, "test_error", "test", value, null, "%", new Dictionary<string, string>(), null, null, null, "", false),
        concerns, 7.4, verdict, "", []);
}
