using Repro.Studies.Randomness;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Statistics;
using Repro.Studies.Sweeps;

namespace Repro.Studies.Pruners;

/// <summary>What a run measured from its beginning to its end.</summary>
/// <param name="Points">The objective at each evaluated step, ascending, none beyond <paramref name="Steps"/>; values may be NaN.</param>
/// <param name="Steps">Of the whole run.</param>
/// <param name="Final">The objective that the run ended with: what trials are chosen by.</param>
public sealed record ReplayedCurve(IReadOnlyList<(long Step, double Value)> Points, long Steps, double Final);

/// <param name="Number">In the sweep that it comes from.</param>
/// <param name="Runs">One a seed; all trials have as many.</param>
public sealed record ReplayedTrial(int Number, IReadOnlyList<ReplayedCurve> Runs)
{
    /// <summary>The mean over the runs.</summary>
    public double Final => Runs.Average(run => run.Final);
}

/// <param name="Pruner">One of <see cref="PrunerCatalog.Names"/>.</param>
/// <param name="Least">The first rung, in steps.</param>
/// <param name="Eta">Null is the published one.</param>
public sealed record ReplaySettings(string Pruner, long Least, int? Eta, int Slots);

/// <summary>How one sweep would have gone.</summary>
/// <param name="Share">Steps trained, of all full runs' together: 1 saves nothing.</param>
/// <param name="Makespan">When the last slot became idle, where a slot trains one step in a unit of time.</param>
/// <param name="Chosen">The completed trial with the best final objective, by its number; null where none completed with a finite one.</param>
/// <param name="Regret">How much worse its final objective is than that of the best of all trials, at least 0, in the objective's unit; NaN where nothing was chosen.</param>
public sealed record ReplayOutcome(double Share, long Makespan, int? Chosen, double Regret);

/// <summary>
/// What pruning would have saved, and cost: the full curves of a sweep that was not pruned, executed again under a pruner, in as many orders of arrival as one
/// wants. Every decision is made by the sweeps' own <see cref="Coordinator"/>; what is simulated is training alone.
/// </summary>
/// <remarks>
/// Steps take equally long in all runs, decisions and checkpoints take no time, and nothing fails. Slots that report at the same time do so by their number.
/// Configurations are those of the sweep: a sampler that learns might have suggested others.
/// </remarks>
public sealed class PrunerReplay
{
    private readonly IReadOnlyList<ReplayedTrial> _trials;
    private readonly Objective _objective;
    private readonly double _best;
    private readonly long _fullSteps;

    /// <exception cref="BadInputException">No trial has a finite final objective, or their runs differ in number or length.</exception>
    public PrunerReplay(IReadOnlyList<ReplayedTrial> trials, ObjectiveDirection direction)
    {
        (_trials, _objective) = (trials, new Objective("objective", direction));
        var finite = trials.Select(trial => trial.Final).Where(double.IsFinite).ToList();
        if (finite.Count == 0) throw new BadInputException("A replay needs full curves, and no trial has one that ends in a finite number.");
        if (trials.Select(trial => trial.Runs.Count).Distinct().Count() > 1) throw new BadInputException("A replay needs trials with equally many runs.");
        var lengths = trials.SelectMany(trial => trial.Runs).Select(run => run.Steps).Distinct().ToList();
        if (lengths.Count > 1) throw new BadInputException($"A replay needs runs of one length; these have {string.Join(", ", lengths.Order())} steps.");
        _best = direction == ObjectiveDirection.Minimize ? finite.Min() : finite.Max();
        Most = lengths[0];
        _fullSteps = trials.Sum(trial => trial.Runs.Sum(run => run.Steps));
        var runs = trials.SelectMany(trial => trial.Runs).ToList();
        EvaluatedSteps = [.. runs.Skip(1).Aggregate(runs[0].Points.Select(point => point.Step), (steps, run) => steps.Intersect(run.Points.Select(point => point.Step))).Order()];
    }

    /// <summary>Steps of a whole run.</summary>
    public long Most { get; }

    /// <summary>Steps at which every run was evaluated, ascending.</summary>
    public IReadOnlyList<long> EvaluatedSteps { get; }

    /// <summary>Steps at which a pruner would decide, each with the first evaluated one at or after it; null where there is none before the end, so that it decides nothing. Empty for a pruner without rungs.</summary>
    /// <exception cref="BadInputException">The pruner cannot be, with these settings or so few trials.</exception>
    public IReadOnlyList<(long Rung, long? At)> Rungs(ReplaySettings settings) =>
        [.. new SweepPlan(StudyOf(settings), seed: 0, paper: null, Most, secondsPerStep: null, settings.Slots).Rungs
            .Select(rung => (rung, EvaluatedSteps.Where(step => step >= rung && step < Most).Select(step => (long?)step).FirstOrDefault()))];

    /// <param name="order">Positions in the list of trials: the first starts first.</param>
    /// <exception cref="BadInputException">The pruner cannot be, with these settings or so few trials.</exception>
    public ReplayOutcome Once(ReplaySettings settings, IReadOnlyList<int> order)
    {
        if (!order.Order().SequenceEqual(Enumerable.Range(0, _trials.Count))) throw new ArgumentException($"An order has every one of the positions 0 .. {_trials.Count - 1} once.", nameof(order));
        var execution = new ReplayedExecution(StudyOf(settings), settings.Slots, run => _trials[order[run.Trial]].Runs[run.Index]);
        var state = execution.Run();
        var chosen = state.Best(_objective) is { } best ? _trials[order[best]] : null;
        return new ReplayOutcome((double)execution.Steps / _fullSteps, execution.Makespan, chosen?.Number, chosen is null ? double.NaN : Math.Abs(chosen.Final - _best));
    }

    /// <summary>The same over orders drawn from a seed: order i is the same for every pruner.</summary>
    public ReplaySummary Over(ReplaySettings settings, int orders, ulong seed) =>
        new([.. Enumerable.Range(0, orders).Select(i => Once(settings, new Philox(seed, RandomPurpose.ArrivalOrder, i).Permutation(_trials.Count)))]);

    // What is suggested is not looked at: which curve a trial has is the order's.
    private Study StudyOf(ReplaySettings settings) => new()
    {
        Experiment = "replay", Profile = "replay", Space = new SearchSpace([new IntRange("trial", 0, _trials.Count - 1)]), Sampler = "random", Trials = _trials.Count,
        Seeds = _trials[0].Runs.Count, Pruner = settings.Pruner, Rungs = (settings.Least, Most), Eta = settings.Eta, Objective = _objective,
    };
}

/// <summary>What a pruner does over several orders of arrival.</summary>
public sealed record ReplaySummary(IReadOnlyList<ReplayOutcome> Outcomes)
{
    public double MeanShare => Outcomes.Average(outcome => outcome.Share);

    public double MeanMakespan => Outcomes.Average(outcome => (double)outcome.Makespan);

    /// <summary>Share of the orders in which the chosen trial is as good as the best of all.</summary>
    public double BestChosen => Outcomes.Average(outcome => outcome.Regret == 0 ? 1.0 : 0);

    /// <summary>Over the orders in which something was chosen; NaN where that is none.</summary>
    public double MeanRegret => Outcomes.Where(outcome => outcome.Chosen is not null).Select(outcome => outcome.Regret).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Orders in which no trial completed, so that nothing could be chosen.</summary>
    public int Undecided => Outcomes.Count(outcome => outcome.Chosen is null);

    /// <summary>A quantile of <see cref="ReplayOutcome.Share"/>, between neighbours by the straight line.</summary>
    /// <param name="probability">In [0, 1].</param>
    public double ShareQuantile(double probability) => Quantiles.Of<double>([.. Outcomes.Select(outcome => outcome.Share).Order()], probability);
}
