using Repro.Results.Stores;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Tests.Fakes;

/// <summary>Sweeps in a command line's own store, with curves that a test chose: nothing is trained for them.</summary>
internal static class FilledSweep
{
    public const int Steps = 16;

    private static readonly DateTimeOffset Day = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static Study Search(int trials, string pruner = "none") => new()
    {
        Experiment = "net", Profile = "sweep", Objective = new Objective("validation_error", ObjectiveDirection.Minimize), Trials = trials, Notes = "Which rate is best?",
        Space = new SearchSpace([CompactForm.Parse("learning_rate=log:1e-3..1"), CompactForm.Parse("fault=none,throw") with { Role = HyperparameterRole.Nuisance }]), Pruner = pruner, Rungs = (1, Steps),
    };

    /// <summary>Completes every run but those for which a failure is given, on one slot.</summary>
    /// <param name="value">The objective of a run at a step.</param>
    /// <param name="every">Steps between evaluations.</param>
    public static void Write(string runs, string name, Study study, Func<Assignment, long, double> value, Func<Assignment, bool>? fails = null, int every = 1)
    {
        using var store = new SqliteStore(Path.Combine(runs, "sweeps.db"));
        var coordinator = new Coordinator(store, name, study, host: null, new StandingClock());
        coordinator.Decide([d => d.Create(seed: 7, Configuration.Parse("learning_rate=0.1")), d => d.Tag(null, "checks", "4 passed"), d => d.Tag(null, "commit", "0123abc")]);
        Continue(coordinator, study, value, fails ?? (_ => false), every);
    }

    /// <summary>Confirms the best trial on fresh seeds, whose test error is twice the objective.</summary>
    /// <param name="most">Runs of it that are done, the others wait.</param>
    public static void Confirm(string runs, string name, Study study, int seeds, Func<Assignment, long, double> value, int most = int.MaxValue)
    {
        using var store = new SqliteStore(Path.Combine(runs, "sweeps.db"));
        var coordinator = new Coordinator(store, name, study, host: null, new StandingClock());
        coordinator.Decide(d => d.Confirm(null, seeds));
        Continue(coordinator, study, value, _ => false, 1, most);
    }

    /// <summary>Goes on with whatever waits.</summary>
    public static void GoOn(string runs, string name, Study study, Func<Assignment, long, double> value)
    {
        using var store = new SqliteStore(Path.Combine(runs, "sweeps.db"));
        Continue(new Coordinator(store, name, study, host: null, new StandingClock()), study, value, _ => false, 1);
    }

    private static void Continue(Coordinator coordinator, Study study, Func<Assignment, long, double> value, Func<Assignment, bool> fails, int every, int most = int.MaxValue)
    {
        var metric = study.Objective.Metric;
        while (most-- > 0 && coordinator.Decide(d => d.Claim("slot")) is { } run)
        {
            coordinator.Decide([d =>
            {
                if (fails(run))
                {
                    d.Fail(run.Run, run.Attempt, FailureClass.Bug, "It broke.");
                    return;
                }
                var points = Enumerable.Range(1, Steps / every).Select(i => new MetricPoint(metric, i * every, value(run, i * every), i)).ToList();
                if (run.ReadsTest) points.Add(new MetricPoint("test_error", Steps, 2 * value(run, Steps), Steps));
                if (d.Report(run.Run, run.Attempt, points, []) == Directive.End) return;
                var scores = new Dictionary<string, double> { [metric] = value(run, Steps) };
                if (run.ReadsTest) scores["test_error"] = 2 * value(run, Steps);
                d.Complete(run.Run, run.Attempt, Steps, scores);
            }]);
        }
    }

    private sealed class StandingClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Day;
    }
}
