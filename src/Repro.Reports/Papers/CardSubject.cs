using Repro.Studies.StudyFiles;

namespace Repro.Reports.Papers;

/// <summary>The experiment of a card, as far as its claims speak of it.</summary>
/// <param name="Experiment">Its options and profiles.</param>
/// <param name="Studies">Names of its studies and ablations, as <c>resnet/shortcuts</c>.</param>
/// <param name="Metrics">Every final metric that a run of it can have.</param>
public sealed record CardSubject(StudySubject Experiment, IReadOnlyList<string> Studies, IReadOnlyList<string> Metrics);
