using Repro.Figures;
using Repro.Reports.Runs;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Figures;

/// <summary>One trial of a search, as figures need it.</summary>
/// <param name="Objective">The mean over its runs; null unless it has completed with a finite one.</param>
/// <param name="Last">The objective where it ended early; null where it measured none.</param>
public sealed record SearchedTrial(int Number, TrialOrigin Origin, RunState State, Configuration Configuration, double? Objective, double? Last = null);

/// <summary>The trials of a search that are compared with each other by the objective, by number.</summary>
public sealed class SearchedTrials
{
    public SearchedTrials(string metric, ObjectiveDirection direction, SearchSpace space, IReadOnlyList<SearchedTrial> all)
    {
        (Words, Direction, Space, All) = (MetricWords.Of(metric), direction, space, all);
        Completed = [.. all.Where(trial => trial.Objective is { } value && double.IsFinite(value))];
        Best = Completed.MinBy(trial => Loss(trial.Objective!.Value));
        Paper = all.FirstOrDefault(trial => trial.Origin == TrialOrigin.Paper);
    }

    public MetricWords Words { get; }

    public ObjectiveDirection Direction { get; }

    public SearchSpace Space { get; }

    public IReadOnlyList<SearchedTrial> All { get; }

    /// <summary>Those with a finite objective.</summary>
    public IReadOnlyList<SearchedTrial> Completed { get; }

    /// <summary>The first of the best; null where none has completed.</summary>
    public SearchedTrial? Best { get; }

    /// <summary>The paper's own setting; null where it was not tried.</summary>
    public SearchedTrial? Paper { get; }

    /// <summary>What <see cref="Paper"/> is called.</summary>
    public string PaperWords { get; init; } = "profile paper's";

    /// <summary>Smaller is better, whatever the direction.</summary>
    public double Loss(double objective) => Direction == ObjectiveDirection.Minimize ? objective : -objective;

    /// <summary>Logarithmic where the values fall over decades; errors and accuracies are read against zero.</summary>
    internal Axis Axis(IEnumerable<double> values) => new(Words.Label, LearningCurves.NeedsLog(Words.Quantity, values));

    /// <summary>What is better, for captions: <c>lower is better</c>.</summary>
    internal string Better => Direction == ObjectiveDirection.Minimize ? "lower is better" : "higher is better";
}
