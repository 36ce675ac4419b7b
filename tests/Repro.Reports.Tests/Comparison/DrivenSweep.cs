using Repro.Reports.Comparison;
using Repro.Results.Stores;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Tests.Comparison;

/// <summary>A sweep in memory that a test drives event by event, a minute each.</summary>
internal sealed class DrivenSweep
{
    public const string Metric = "validation_error";

    private readonly MemoryStore _store;

    public DrivenSweep(Study study, ulong seed = 7)
        : this(study, seed, new MemoryStore())
    {
    }

    private DrivenSweep(Study study, ulong seed, MemoryStore store)
    {
        (Study, _store, Coordinator) = (study, store, new Coordinator(store, "rates", study, host: null, new Steadily()));
        Decide(d => d.Create(seed, study.Arms.Count > 0 ? null : Configuration.Parse("learning_rate=0.1")));
    }

    public static Study Search { get; } = new()
    {
        Experiment = "net", Profile = "sweep", Objective = new Objective(Metric, ObjectiveDirection.Minimize), Trials = 4, Rungs = (1, 8), Space = new SearchSpace([CompactForm.Parse("learning_rate=log:1e-3..1")]),
    };

    public static Study Ablation { get; } = Search with { Trials = 0, Seeds = 3, Space = new SearchSpace([]), Arms = [new AblationArm("plain", "Without the shortcuts.", Configuration.Parse("network=plain"))] };

    public Study Study { get; }

    public Coordinator Coordinator { get; }

    public SweepState State => Coordinator.State;

    public IReadOnlyList<SweepEvent> Events => _store.Read("rates");

    public void Decide(params Action<Decision>[] requests) => Coordinator.Decide(requests);

    public Assignment Claim(string host = "ada", string slot = "cpu-0") => Coordinator.Decide(d => d.Claim(slot, host: host))!;

    /// <summary>Reports the objective at every step up to <paramref name="steps"/>, 40 points above its end at the first.</summary>
    public void Report(Assignment run, double end, int steps = 8) =>
        Decide(d => d.Report(run.Run, run.Attempt, [.. Enumerable.Range(1, steps).Select(step => new MetricPoint(Metric, step, end + (40.0 * (8 - step) / 7), step))], []));

    public void Complete(Assignment run, double end)
    {
        Report(run, end);
        var scores = new Dictionary<string, double> { [Metric] = end };
        if (run.ReadsTest) scores["test_error"] = end + 1;
        Decide(d => d.Complete(run.Run, run.Attempt, 8, scores));
    }

    public DrivenSweep CompleteAll(Func<Assignment, double> end)
    {
        while (Coordinator.Decide(d => d.Claim("cpu-0", host: "ada")) is { } run) Complete(run, end(run));
        return this;
    }

    public DrivenSweep Confirm(int seeds, Func<Assignment, double> end)
    {
        Decide(d => d.Confirm(null, seeds));
        return CompleteAll(end);
    }

    public void Checkpoint(Assignment run, long step) =>
        Decide(d => d.Report(run.Run, run.Attempt, [], [new CheckpointRecorded(run.Run, run.Attempt, step, $"{run.Run}/attempt-{run.Attempt}/step-{step}", "abc", 10) { At = default }]));

    public IReadOnlyList<MetricPoint> Metrics(RunKey run) => _store.Metrics("rates", run);

    public ComparedSweep Compared(bool showTest = false) => new("rates", "completed", Study, State) { Metrics = Metrics, ShowTest = showTest };

    private sealed class Steadily : TimeProvider
    {
        private int _minutes;

        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 1, 2, 3, 0, 0, TimeSpan.Zero).AddMinutes(_minutes++);
    }
}
