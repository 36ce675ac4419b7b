using Repro.Figures;

namespace Repro.Training.Checks;

/// <summary>What one check of the recipe found.</summary>
/// <param name="Name">kebab-case: <c>loss-at-init</c>.</param>
/// <param name="Question">What it asks, in one sentence.</param>
/// <param name="Value">What was measured; NaN where the answer is not a number.</param>
/// <param name="Expected">What was expected, with its tolerance: <c>2.303 +- 0.05</c>.</param>
/// <param name="Detail">What was found, in words; where it failed, what usually causes that.</param>
/// <param name="Figures">Pictures to look at: the batch as the network sees it, first-layer weights.</param>
public sealed record CheckResult(
    string Name, string Question, double Value, string Expected, CheckVerdict Verdict, string Detail, IReadOnlyList<Figure> Figures);

public enum CheckVerdict
{
    Passed,
    Failed,

    /// <summary>A picture for a person to judge; it cannot fail by itself.</summary>
    Look,

    /// <summary>Cannot be asked of this model; the detail says why.</summary>
    NotApplicable,
}
