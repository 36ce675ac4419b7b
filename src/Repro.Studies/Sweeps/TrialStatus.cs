using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Sweeps;

/// <summary>A trial of a sweep with its runs, as its events tell. Written by <see cref="SweepState"/> alone.</summary>
public sealed class TrialStatus
{
    private readonly RunStatus[] _runs;

    // Most trials have none.
    private SortedList<string, string>? _tags;

    private static readonly SortedList<string, string> NoTags = new();

    internal TrialStatus(TrialPlanned planned)
    {
        (Number, Configuration, Origin, Arm) = (planned.Trial, planned.Options, planned.Origin, planned.Arm);
        _runs = new RunStatus[planned.Seeds.Count];
        for (var i = 0; i < _runs.Length; i++) _runs[i] = new RunStatus(new RunKey(planned.Trial, i), planned.Seeds[i]);
    }

    public int Number { get; }

    /// <summary>Every option that differs from the study's profile, by name.</summary>
    public Configuration Configuration { get; }

    /// <inheritdoc cref="TrialPlanned.Origin"/>
    public TrialOrigin Origin { get; }

    /// <summary>Whether it is compared with others by the objective, so that it can be the best: neither a confirmation nor part of an ablation.</summary>
    public bool IsSearched => Origin is TrialOrigin.Paper or TrialOrigin.Sampler or TrialOrigin.Enqueued;

    /// <inheritdoc cref="TrialPlanned.Arm"/>
    public string? Arm { get; }

    /// <summary>One a seed.</summary>
    public IReadOnlyList<RunStatus> Runs => _runs;

    /// <summary>Whether all of its runs have ended for good, unless a person asks for them again.</summary>
    public bool Done
    {
        get
        {
            foreach (var run in _runs)
            {
                if (!run.Done) return false;
            }
            return true;
        }
    }

    public IReadOnlyDictionary<string, string> Tags => _tags ?? NoTags;

    /// <summary>Of all its runs together: what is still to do comes before what is done, and a run that failed before those that did not.</summary>
    public RunState State
    {
        get
        {
            foreach (var state in (ReadOnlySpan<RunState>)[RunState.Running, RunState.Paused, RunState.Planned, RunState.Failed, RunState.Cancelled, RunState.Pruned])
            {
                foreach (var run in _runs)
                {
                    if (run.State != state) continue;
                    // Some done and some not yet begun: the trial is under way.
                    return state == RunState.Planned && _runs.Any(r => r.State != RunState.Planned) ? RunState.Running : state;
                }
            }
            return RunState.Completed;
        }
    }

    /// <summary>The mean of a final metric over its runs; null unless all are completed and have it.</summary>
    public double? Mean(string metric)
    {
        var sum = 0.0;
        foreach (var run in _runs)
        {
            if (run.State != RunState.Completed || !run.Scores.TryGetValue(metric, out var score)) return null;
            sum += score;
        }
        return sum / _runs.Length;
    }

    /// <summary>The mean of the objective at a rung over those runs that have reached it; null before the first has.</summary>
    public double? MeanAt(long step)
    {
        var (sum, count) = (0.0, 0);
        foreach (var run in _runs)
        {
            if (!run.Rungs.TryGetValue(step, out var value)) continue;
            sum += value;
            count++;
        }
        return count == 0 ? null : sum / count;
    }

    internal void Tag(string tag, string? value)
    {
        if (value is null) _tags?.Remove(tag);
        else (_tags ??= new SortedList<string, string>(StringComparer.Ordinal))[tag] = value;
    }
}
