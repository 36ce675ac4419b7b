using System.Globalization;
using Repro.Shared.Cluster;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;

namespace Repro.Cluster.Tests;

/// <summary>The audit that the tests of struck clusters trust finds what they look for. Here a run of four steps is lost after its checkpoint at step 2, and goes on elsewhere.</summary>
public class SweepAuditTests
{
    private const int Steps = 4;

    private static readonly RunKey Run = new(0, 0);

    private readonly List<SweepEvent> _events =
    [
        new TrialPlanned(0, Configuration.Parse("offset=0.5"), [7], TrialOrigin.Sampler) { At = default },
        new RunStarted(Run, 1, "a", "cpu-0", null) { At = default },
        Saved(1, 2),
        new RunFailed(Run, 1, FailureClass.Lost, "Host a was lost.", Again: true) { At = default },
        new RunStarted(Run, 2, "b", "cpu-0", 2) { At = default },
        Saved(2, 4),
        Completed(2),
    ];

    private readonly List<MetricPoint> _metrics = [.. Points(1, 1, 2), .. Points(2, 3, 4)];

    [Fact]
    public void A_run_that_went_on_from_its_checkpoint_is_right() => Assert.Empty(Wrong());

    [Fact]
    public void A_value_of_an_attempt_whose_place_was_taken_is_found_though_it_is_the_right_value()
    {
        _metrics.RemoveAll(point => point.Step == 4);
        _metrics.AddRange(Points(1, 4, 4));
        Assert.Equal("Run 0-0 has a value of attempt 1 at step 4, which is attempt 2's.", Assert.Single(Wrong()));
    }

    [Fact]
    public void A_value_of_the_attempts_number_from_another_process_is_found()
    {
        _metrics[_metrics.FindLastIndex(point => point.Name == FakeMark.Metric && point.Step == 3)] = Mark(3, new FakeMark(2, 999));
        Assert.Contains("Run 0-0 has values of attempt 2 from the processes 999 and 102.", Wrong());
    }

    [Fact]
    public void Values_that_a_takeover_should_have_dropped_are_found()
    {
        _events[4] = new RunStarted(Run, 2, "b", "cpu-0", null) { At = default };
        Assert.Equal(3, Wrong().Count);
        Assert.Contains("Attempt 2 of run 0-0 began at step 0; the newest checkpoint was recorded at step 2.", Wrong());
        Assert.Contains("Run 0-0 has a value of attempt 1 at step 1, which is attempt 2's.", Wrong());
    }

    [Fact]
    public void Scores_of_an_attempt_whose_place_was_taken_are_found_also_under_the_number_of_the_one_that_has_it()
    {
        _events[^1] = new RunCompleted(Run, 2, Steps, new Dictionary<string, double> { [FakeMark.Metric] = MarkOf(1).Value }) { At = default };
        Assert.Equal("Run 0-0 has scores of attempt 1 in process 101, not of attempt 2 in process 102.", Assert.Single(Wrong()));
    }

    [Theory]
    [InlineData("checkpoint")]
    [InlineData("completed")]
    [InlineData("paused")]
    [InlineData("failed")]
    [InlineData("rung")]
    public void A_word_of_an_attempt_whose_place_was_taken_is_found(string word)
    {
        _events.Insert(5, word switch
        {
            "checkpoint" => Saved(1, 3),
            "completed" => Completed(1),
            "paused" => new RunPaused(Run, 1, 2, default) { At = default },
            "rung" => new RungReached(Run, 1, 3, 0.5) { At = default },
            _ => new RunFailed(Run, 1, FailureClass.Crash, "x", Again: true) { At = default },
        });
        Assert.Contains(Wrong(), sentence => sentence.StartsWith("Attempt 1 of run 0-0 wrote '", StringComparison.Ordinal) && sentence.EndsWith("while attempt 2 had it.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_word_after_the_end_is_found()
    {
        _events.Add(Saved(2, 4));
        Assert.Equal("Attempt 2 of run 0-0 wrote 'CheckpointRecorded' while nobody had it.", Assert.Single(Wrong()));
    }

    [Fact]
    public void A_checkpoint_in_the_folder_of_another_attempt_is_found()
    {
        _events[5] = new CheckpointRecorded(Run, 2, 4, "0-0/attempt-1/step-4", "00", 1) { At = default };
        Assert.Equal("Attempt 2 of run 0-0 recorded 0-0/attempt-1/step-4, which is another's.", Assert.Single(Wrong()));
    }

    [Fact]
    public void A_run_that_was_completed_twice_or_never_is_found()
    {
        _events.Add(new RunStarted(Run, 3, "b", "cpu-0", 4) { At = default });
        _events.Add(Completed(3));
        Assert.Contains("Run 0-0 was completed 2 times.", Wrong());
        _events.RemoveAll(happened => happened is RunCompleted);
        Assert.Contains("Run 0-0 was completed 0 times.", Wrong());
    }

    [Fact]
    public void Two_attempts_at_once_are_found()
    {
        _events.RemoveAt(3);
        Assert.Contains("Attempt 2 of run 0-0 began while attempt 1 had it.", Wrong());
    }

    [Fact]
    public void A_trial_that_was_lost_or_doubled_is_found()
    {
        Assert.Contains("The planned trials are not each of 2 once; there are 1.", SweepAudit.Of(_events, _ => _metrics, trials: 2, Steps));
        _events.Add(_events[0]);
        Assert.Contains("The planned trials are not each of 1 once; there are 2.", Wrong());
    }

    [Fact]
    public void A_value_that_is_lost_doubled_or_changed_is_found()
    {
        var lost = _metrics.Where(point => point is not { Name: "loss", Step: 3 }).ToList();
        Assert.Contains("Run 0-0 has loss at 3 steps, not 4.", Wrong(lost));
        Assert.Contains("Run 0-0 has loss twice at step 1.", Wrong([.. _metrics, _metrics[0]]));
        var changed = _metrics.Select(point => point is { Name: "loss", Step: 3 } ? point with { Value = point.Value + 1e-15 } : point).ToList();
        Assert.StartsWith("Run 0-0 has ", Assert.Single(Wrong(changed)), StringComparison.Ordinal);
    }

    private IReadOnlyList<string> Wrong(IReadOnlyList<MetricPoint>? metrics = null) => SweepAudit.Of(_events, _ => metrics ?? _metrics, trials: 1, Steps);

    private static FakeMark MarkOf(int attempt) => new(attempt, 100 + attempt);

    private static CheckpointRecorded Saved(int attempt, long step) => new(Run, attempt, step, string.Create(CultureInfo.InvariantCulture, $"0-0/attempt-{attempt}/step-{step}"), "00", 1) { At = default };

    private static RunCompleted Completed(int attempt) => new(Run, attempt, Steps, new Dictionary<string, double> { [FakeMark.Metric] = MarkOf(attempt).Value }) { At = default };

    private static MetricPoint Mark(int step, FakeMark mark) => new(FakeMark.Metric, step, mark.Value, 0);

    private static IEnumerable<MetricPoint> Points(int attempt, int first, int last)
    {
        var training = FakeTraining.Begin(7);
        while (training.Step < last)
        {
            training.Advance();
            if (training.Step < first) continue;
            yield return new MetricPoint("loss", training.Step, training.Loss + 0.5, 0);
            yield return Mark(training.Step, MarkOf(attempt));
        }
    }
}
