using Repro.Studies.Pruners;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Sweeps;

/// <summary>A study's sampler and pruner with what they have learned: a fold over the sweep's events, as <see cref="SweepState"/> is.</summary>
/// <remarks>
/// A trial of several seeds is judged at a rung when all of its runs have reached it, by their mean. Pruned is what the sampler suggests, and the paper's own
/// setting; what a person asks for (enqueues, tries again, confirms) trains to its end, and so does every arm of an ablation.
/// </remarks>
internal sealed class Search(Study study, ulong seed)
{
    private ISampler _sampler = SamplerCatalog.Create(study.Sampler, study.Space, seed);
    private readonly IPruner _pruner = PrunerCatalog.Create(study.Pruner, study.Objective.Direction, study.Rungs.Least, study.Rungs.Most, study.Trials, study.Eta);
    private readonly TrialHistory _history = new(study.Space, study.Objective.Direction);
    private readonly Dictionary<int, (PruneDecision Decision, long Step, double Value)> _decisions = [];
    private readonly IReadOnlyList<long> _rungs = SweepPlan.RungsOf(study);

    // The pruner counts what it prunes, without gaps.
    private readonly Dictionary<int, int> _ranks = [];
    private readonly List<int> _byRank = [];
    private readonly HashSet<int> _triedAgain = [];
    private int _suggested;

    /// <summary>The paused trial that goes on next; null where there is none.</summary>
    public int? NextToPromote => _pruner.NextToPromote is { } rank ? _byRank[rank] : null;

    /// <summary>Paused trials that never will.</summary>
    public IReadOnlyList<int> Eliminated => _pruner.Eliminated is { Count: > 0 } ranks ? [.. ranks.Select(rank => _byRank[rank])] : [];

    /// <summary>What the pruner decided of a trial, at which step and on what value.</summary>
    public (PruneDecision Decision, long Step, double Value) DecisionOf(int trial) => _decisions.GetValueOrDefault(trial);

    /// <summary>The next configuration; null where the sampler has no more.</summary>
    public Configuration? Suggest() => HasSuggestion ? _sampler.Suggest(_suggested, _history) : null;

    /// <summary>Whether the sampler has another configuration.</summary>
    public bool HasSuggestion => _sampler.Count is not { } count || _suggested < count;

    /// <summary>The suggestion of a number, as if nothing had been learned.</summary>
    public Configuration Suggest(int number) => _sampler.Suggest(number, new TrialHistory(study.Space, study.Objective.Direction));

    /// <summary>Whether the pruner looks at a value of a run: the first at or beyond each of its rungs, one rung a value, and whatever is not finite.</summary>
    public bool LooksAt(RunStatus run, long step, double value)
    {
        if (study.Pruner == "none" || !IsPruned(run.Key.Trial)) return false;
        if (study.Pruner == "median" || !double.IsFinite(value)) return true;
        return run.Rungs.Count < _rungs.Count && step >= _rungs[run.Rungs.Count];
    }

    /// <param name="state">After the event.</param>
    public void Observe(SweepState state, SweepEvent happened)
    {
        switch (happened)
        {
            case TrialPlanned planned:
                if (planned.Origin == TrialOrigin.Sampler) _suggested++;
                if (planned.Origin == TrialOrigin.Paper) _sampler = SamplerCatalog.Create(study.Sampler, study.Space, seed, planned.Options);
                if (study.Pruner != "none" && planned.Origin is TrialOrigin.Paper or TrialOrigin.Sampler)
                {
                    _ranks.Add(planned.Trial, _byRank.Count);
                    _byRank.Add(planned.Trial);
                }
                // Nobody waits for trials that will not come.
                if (state.Searched == state.Budget) _pruner.Close(_byRank.Count);
                Record(state.Trials[planned.Trial]);
                break;
            case RungReached rung:
                Judge(state.Trials[rung.Run.Trial], rung.Step);
                break;
            case TrialPromoted promoted:
                _pruner.Promote(_ranks[promoted.Trial]);
                _decisions.Remove(promoted.Trial);
                break;
            case TrialRetried retried:
                // What it was compared with goes on without it, and waits for it no more.
                if (IsPruned(retried.Trial)) _pruner.End(_ranks[retried.Trial], RunState.Failed);
                _triedAgain.Add(retried.Trial);
                _decisions.Remove(retried.Trial);
                Record(state.Trials[retried.Trial]);
                break;
            case RunCompleted completed:
                Ended(state.Trials[completed.Run.Trial]);
                break;
            case RunFailed failed:
                Ended(state.Trials[failed.Run.Trial]);
                break;
            case TrialPruned pruned:
                Ended(state.Trials[pruned.Trial]);
                break;
            case TrialCancelled cancelled:
                Ended(state.Trials[cancelled.Trial]);
                break;
            case RunPaused paused:
                Record(state.Trials[paused.Run.Trial]);
                break;
        }
    }

    private bool IsPruned(int trial) => _ranks.ContainsKey(trial) && !_triedAgain.Contains(trial);

    private void Judge(TrialStatus trial, long step)
    {
        if (!IsPruned(trial.Number) || step >= study.Rungs.Most || !trial.Runs.All(run => run.Rungs.ContainsKey(step))) return;
        var value = trial.MeanAt(step)!.Value;
        _decisions[trial.Number] = (_pruner.Report(_ranks[trial.Number], step, value), step, value);
    }

    private void Ended(TrialStatus trial)
    {
        if (!trial.Done) return;
        if (IsPruned(trial.Number)) _pruner.End(_ranks[trial.Number], trial.State);
        Record(trial);
    }

    private void Record(TrialStatus trial)
    {
        // A confirmation is no trial of the search: the search must not learn from what was chosen.
        if (!_sampler.Learns || trial.Origin == TrialOrigin.Confirmation) return;
        var state = trial.State;
        var (value, step) = state == RunState.Completed ? (trial.Mean(study.Objective.Metric) ?? double.NaN, study.Rungs.Most) : LastRung(trial);
        // A configuration that makes training diverge is known to be bad; other failures say nothing about it.
        if (state == RunState.Failed && trial.Runs.Any(run => run.LastFailure == FailureClass.NotFinite)) (state, value) = (RunState.Completed, double.NaN);
        _history.Record(trial.Number, trial.Configuration, state, value, step);
    }

    private static (double Value, long Step) LastRung(TrialStatus trial)
    {
        if (trial.Runs[0].Rungs.Count == 0) return (double.NaN, 0);
        foreach (var step in trial.Runs[0].Rungs.Keys.Reverse())
        {
            if (trial.Runs.All(run => run.Rungs.ContainsKey(step))) return (trial.MeanAt(step)!.Value, step);
        }
        return (double.NaN, 0);
    }
}
