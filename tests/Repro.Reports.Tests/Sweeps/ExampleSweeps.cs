using Repro.Reports.Sweeps;
using Repro.Results.Stores;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Tests.Sweeps;

/// <summary>Sweeps as stores tell them, without any training.</summary>
internal static class ExampleSweeps
{
    private static readonly DateTimeOffset Day = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static Study Search { get; } = new()
    {
        Experiment = "net", Profile = "sweep", Objective = new Objective("validation_error", ObjectiveDirection.Minimize), Trials = 14, Rungs = (1, 8),
        Space = new SearchSpace([CompactForm.Parse("learning_rate=log:1e-3..1"), CompactForm.Parse("network=residual,plain"), CompactForm.Parse("momentum=0.5..0.99")]),
        Tags = new Dictionary<string, string> { ["asked_by"] = "ada <b>" },
    };

    public static Study Ablation { get; } = Search with
    {
        Trials = 0, Seeds = 6, Space = new SearchSpace([]),
        Arms = [new AblationArm("plain", "Without the shortcuts.", Configuration.Parse("network=plain")), new AblationArm("slow", "A tenth of the rate.", Configuration.Parse("learning_rate=0.01"))],
    };

    /// <summary>Trial t of a search ends at 10 + t %, and trial 12 fails; arm i of an ablation is i points worse than the baseline.</summary>
    /// <param name="confirm">Fresh seeds for the best; 0 confirms nothing.</param>
    /// <param name="ends">What a run ends at, where that is to be something else.</param>
    public static SweepReportInput Input(Study study, int confirm = 0, string checks = "9 passed", int testReadings = 0, Func<Assignment, double>? ends = null)
    {
        using var store = new MemoryStore();
        var coordinator = new Coordinator(store, "rates", study, host: null, new StandingClock());
        coordinator.Decide([
            d => d.Create(7, study.Arms.Count > 0 ? null : Configuration.Parse("learning_rate=0.1,network=residual,momentum=0.9")), d => d.Tag(null, "checks", checks), d => d.Tag(null, "commit", "0123abc"),
        ]);
        Run(coordinator, study, ends);
        if (confirm > 0)
        {
            coordinator.Decide(d => d.Confirm(null, confirm));
            Run(coordinator, study, ends);
        }
        for (var i = 0; i < testReadings; i++) coordinator.Decide([d => d.ReadTest("repro report")]);
        return new SweepReportInput("rates", study, coordinator.State)
        {
            Status = "completed", Question = "Which rate is best?", Ended = Day,
            Curves = store.Curves("rates", study.Objective.Metric).GroupBy(point => point.Run).ToDictionary(run => run.Key, run => (IReadOnlyList<MetricPoint>)[.. run.Select(point => point.Point)]),
        };
    }

    private static void Run(Coordinator coordinator, Study study, Func<Assignment, double>? ends)
    {
        while (coordinator.Decide(d => d.Claim("slot")) is { } run)
        {
            coordinator.Decide([d =>
            {
                var last = ends is not null ? ends(run) : study.Arms.Count > 0 ? 10 + run.Run.Trial + (0.1 * run.Run.Index) : run.ReadsTest ? 10.5 + run.Run.Index : 10 + run.Run.Trial;
                var reached = run.Run.Trial == 12 ? 2 : 8;
                d.Report(run.Run, run.Attempt, [.. Enumerable.Range(1, reached).Select(step => new MetricPoint(study.Objective.Metric, step, last + (40.0 * (8 - step) / 8), step))], []);
                var scores = new Dictionary<string, double> { [study.Objective.Metric] = last };
                if (run.ReadsTest) scores["test_error"] = 77 + run.Run.Index;
                if (reached < 8) d.Fail(run.Run, run.Attempt, FailureClass.NotFinite, "The loss is no number | any more.");
                else d.Complete(run.Run, run.Attempt, 8, scores);
            }]);
        }
    }

    private sealed class StandingClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Day;
    }
}
