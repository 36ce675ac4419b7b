using Repro.Benchmarks.Sweeps;
using Repro.Reports.Sweeps;
using Repro.Results.Stores;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Benchmarks.Reports;

/// <summary>A sweep of generated trials, in memory: five hyperparameters drawn at random, a curve of twenty values each, every fiftieth trial failed.</summary>
internal static class GeneratedSweep
{
    private const string Name = "generated";

    private const int Evaluations = 20, FailedEvery = 50;

    private static readonly DateTimeOffset Day = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static SweepReportInput Create(int trials)
    {
        using var store = new MemoryStore();
        var study = SweepWorkload.Study("random", trials);
        var coordinator = new Coordinator(store, Name, study, host: null, new StandingClock());
        coordinator.Decide([decision => decision.Create(1, paper: null), decision => decision.Tag(null, SweepTags.Checks, "10 passed"), decision => decision.Tag(null, SweepTags.Commit, new string('0', 40))]);
        for (var first = 0; first < trials; first += 100) coordinator.Decide(Enumerable.Repeat<Action<Decision>>(RunOne, Math.Min(100, trials - first)).ToList());
        return new SweepReportInput(Name, study, coordinator.State)
        {
            Status = "completed", Question = "Which configuration is best?", Ended = Day,
            Curves = store.Curves(Name, study.Objective.Metric).GroupBy(point => point.Run).ToDictionary(run => run.Key, run => (IReadOnlyList<MetricPoint>)[.. run.Select(point => point.Point)]),
        };
    }

    private static void RunOne(Decision decision)
    {
        var run = decision.Claim("slot")!;
        var final = SweepWorkload.Quadratic(run.Configuration);
        var failed = run.Run.Trial % FailedEvery == FailedEvery - 1;
        decision.Report(run.Run, run.Attempt, Enumerable.Range(1, failed ? Evaluations / 2 : Evaluations).Select(step => new MetricPoint("validation_error", step, final + (3.0 * (Evaluations - step) / Evaluations), step)).ToList(), []);
        if (failed) decision.Fail(run.Run, run.Attempt, FailureClass.NotFinite, "The loss is no number any more.");
        else decision.Complete(run.Run, run.Attempt, Evaluations, new Dictionary<string, double> { ["validation_error"] = final });
    }

    private sealed class StandingClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Day;
    }
}
