using Repro.Reports.Ledgers;
using Repro.Results;
using Repro.Studies.Runs;

namespace Repro.Reports.Claims;

/// <summary>A stored run that may speak to claims.</summary>
/// <param name="Run">Its <see cref="RunRecord.Id"/> is unique among all evidence of a paper: <c>shortcuts/0-3</c>.</param>
/// <param name="Folder">The exported folder that it came from, relative to the paper's results: <c>shortcuts</c>.</param>
public sealed record EvidenceRun(RunRecord Run, EvidenceRole Role, string Folder)
{
    /// <summary>The declared study that it is of, as <c>resnet/shortcuts</c>; null for a run by itself, and for a study that no experiment declares.</summary>
    public string? Study { get; init; }

    /// <summary>What references call it beside its folder: an arm's name, <c>confirmation</c>, <c>best</c>, <c>paper</c>; empty for a run by itself and the other trials of a search.</summary>
    public string Label { get; init; } = "";

    /// <summary>GPUs that it held: 0 on a CPU, 0.5 for one of two slots that share one.</summary>
    public double Gpus { get; init; }

    /// <summary>It failed because the loss, a parameter or a score was no finite number: the setting's doing, and not the machine's.</summary>
    public bool NotFinite { get; init; }

    /// <summary>The losses of the windows that it forecast, by the metric whose mean they have; null where it kept none.</summary>
    public Func<string, WindowLosses?> Windows { get; init; } = _ => null;

    public double Hours => Run.Trained.TotalHours;

    public double GpuHours => Gpus * Hours;

    internal RunOrigin Origin => new(Run.Id, [.. Run.Attempts.Select(attempt => attempt.Environment)]);

    public bool Completed => Run.State == RunState.Completed;

    /// <summary>By what is compared with other runs' scores: its value of a metric; null where it has none, or has not completed.</summary>
    public double? Score(string metric) => Completed && Run.Scores.TryGetValue(metric, out var score) ? score : null;
}

/// <summary>Why a run was made, which decides whether its score may be judged.</summary>
public enum EvidenceRole
{
    /// <summary>By itself: <c>repro run</c>.</summary>
    Alone,

    /// <summary>The baseline or an arm of an ablation, with its own seed.</summary>
    Arm,

    /// <summary>A chosen configuration again, on a fresh seed.</summary>
    Confirmation,

    /// <summary>One of many from which the best is chosen: biased by that choice, and never judged.</summary>
    Search,
}
