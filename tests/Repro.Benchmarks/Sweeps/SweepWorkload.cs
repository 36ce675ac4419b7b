using System.Diagnostics;
using System.Globalization;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Benchmarks.Sweeps;

/// <summary>The work that <c>./bench sweeps</c> gives to a store: the same five hyperparameters and objectives as tests/peers/optuna_sweeps.py.</summary>
internal static class SweepWorkload
{
    public const string Sweep = "bench";

    private static readonly SearchSpace Space = new(
    [
        new FloatRange("rate", 1e-4, 1, Logarithmic: true),
        new FloatRange("decay", 1e-6, 1e-2, Logarithmic: true),
        new FloatRange("momentum", 0, 0.99),
        new IntRange("depth", 1, 64),
        new Categorical("kind", ["a", "b", "c"]),
    ]);

    public static Study Study(string sampler, int trials) => new()
    {
        Experiment = "bench",
        Profile = "sweep",
        Space = Space,
        Sampler = sampler,
        Objective = new Objective("validation_error", ObjectiveDirection.Minimize),
        Trials = trials,
    };

    /// <summary>Runs trials until the budget is used: each is asked, run and told; telling one and asking the next are one decision, as a host's slot makes it.</summary>
    /// <returns>How many this host ran, and the seconds.</returns>
    public static (int Trials, double Seconds) Trials(ISweepStore store, Study study, string host, Func<Configuration, double> objective)
    {
        var coordinator = Host(store, study, host);
        var begun = Stopwatch.GetTimestamp();
        var done = 0;
        var assignment = coordinator.Decide(decision => decision.Claim("slot"));
        while (assignment is { } own)
        {
            var scores = new Dictionary<string, double> { [study.Objective.Metric] = objective(own.Configuration) };
            assignment = coordinator.Decide(decision =>
            {
                decision.Complete(own.Run, own.Attempt, 1, scores);
                return decision.Claim("slot");
            });
            done++;
        }
        return (done, Stopwatch.GetElapsedTime(begun).TotalSeconds);
    }

    /// <summary>One run reports values in batches of <paramref name="batch"/>, as a worker sends them.</summary>
    public static double Values(ISweepStore store, int count, int batch)
    {
        var study = Study("random", 1) with { Objective = new Objective("validation_error", ObjectiveDirection.Minimize) };
        var coordinator = Host(store, study, "host");
        var run = coordinator.Decide(decision => decision.Claim("slot"))!;
        var begun = Stopwatch.GetTimestamp();
        for (var first = 0; first < count; first += batch)
        {
            var points = Enumerable.Range(first, Math.Min(batch, count - first)).Select(step => new MetricPoint("train_loss", step, 1.0 / (1 + step), step)).ToList();
            coordinator.Decide(decision => decision.Report(run.Run, run.Attempt, points, []));
        }
        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    /// <summary>Seconds of one ask after <paramref name="finished"/> random trials were told: each of <paramref name="asks"/>.</summary>
    public static IEnumerable<double> Asks(ISweepStore store, string sampler, int finished, int asks)
    {
        var study = Study(sampler, finished + asks);
        var coordinator = Host(store, study, "host");
        var random = SamplerCatalog.Create("random", Space, 5);
        var history = new TrialHistory(Space, ObjectiveDirection.Minimize);
        for (var i = 0; i < finished; i++)
        {
            var configuration = random.Suggest(i, history);
            coordinator.Decide(decision =>
            {
                decision.Enqueue(configuration, TrialOrigin.Enqueued, 1);
                var run = decision.Claim("slot")!;
                return decision.Complete(run.Run, run.Attempt, 1, new Dictionary<string, double> { ["validation_error"] = Quadratic(run.Configuration) });
            });
        }
        for (var i = 0; i < asks; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            var run = coordinator.Decide(decision => decision.Claim("slot"))!;
            yield return Stopwatch.GetElapsedTime(begun).TotalSeconds;
            coordinator.Decide(decision => decision.Complete(run.Run, run.Attempt, 1, new Dictionary<string, double> { ["validation_error"] = Quadratic(run.Configuration) }));
        }
    }

    /// <summary>An objective with a known best, 0.</summary>
    public static double Quadratic(Configuration configuration)
    {
        return Math.Pow(Number("rate") - 0.3, 2) + Math.Pow(Number("momentum") - 0.9, 2) + (Math.Abs(Number("depth") - 20) / 64) + (configuration["kind"] == "b" ? 0 : 1);

        double Number(string name) => double.Parse(configuration[name], CultureInfo.InvariantCulture);
    }

    private static Coordinator Host(ISweepStore store, Study study, string host)
    {
        store.Renew(Sweep, host, TimeSpan.FromHours(1));
        var coordinator = new Coordinator(store, Sweep, study, host, TimeProvider.System);
        coordinator.Decide(decision =>
        {
            decision.Create(1, paper: null);
            return 0;
        });
        return coordinator;
    }
}
