using Repro.Figures;
using Repro.Figures.Images;
using Repro.Results;
using Repro.Studies.Options;
using Repro.Studies.Papers;
using Repro.Studies.StudyFiles;

namespace Repro.Reports.Runs;

/// <summary>What a report of one run is made from. All of it is stored: a report never trains anything.</summary>
public sealed record RunReportInput(RunRecord Run)
{
    /// <summary>One line on the experiment, for the heading.</summary>
    public string ExperimentTitle { get; init; } = "";

    /// <summary>The profile's own description; says where it is smaller than what was published.</summary>
    public string ProfileDescription { get; init; } = "";

    /// <summary>The metric the run is judged by: <c>test_error</c>.</summary>
    public required string MainMetric { get; init; }

    /// <summary>What is to be expected of a perfect model on the run's data, in the mean, for final metrics, by name and in the metric's unit; none where nobody knows it.</summary>
    public IReadOnlyDictionary<string, double> BestPossible { get; init; } = new Dictionary<string, double>();

    /// <summary>
    /// The metric that says what the main metric is of as many real examples instead of the model's, which is what a perfect model has in the mean; null where there is none.
    /// </summary>
    public string? Floor { get; init; }

    /// <summary>Every card that the experiment reproduces, that of its own name first; empty where it has none, and then the report says that nothing is compared.</summary>
    public IReadOnlyList<PaperCard> Papers { get; init; } = [];

    /// <summary>The run's experiment, whose profiles claims ask for.</summary>
    public StudySubject Subject { get; init; } = new(Run.Experiment, [], [], (_, _) => null);

    internal IReadOnlyList<OptionInfo> Options => Subject.Options;

    /// <summary>What of the run's stored evidence is missing or contradicts itself, as sentences; they stand on the first screen.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The command that makes the report again where it lies now, for what is said on the screen; the report itself names no folder of a machine.</summary>
    public string ReportCommand { get; init; } = $"./repro report {Run.Id}";

    /// <summary>Examples chosen by declared rules, with their images.</summary>
    public IReadOnlyList<ExampleGroup> Examples { get; init; } = [];

    /// <summary>Figures that the run drew itself, in order: samples in a grid, attention maps.</summary>
    public IReadOnlyList<Figure> Figures { get; init; } = [];

    /// <summary>What the run wrote itself: sampled text, translations.</summary>
    public IReadOnlyList<TextGroup> Texts { get; init; } = [];
}

/// <summary>Examples that a rule chose.</summary>
/// <param name="Name">kebab-case, for file names: <c>highest-loss</c>.</param>
/// <param name="Rule">The rule as a sentence; it stands above the images.</param>
public sealed record ExampleGroup(string Name, string Rule, IReadOnlyList<(RgbImage Image, string Caption)> Images);

/// <summary>Texts that a model wrote.</summary>
/// <param name="Caption">How they were made and chosen.</param>
/// <param name="Items">What was given, what the model wrote, and what a person wrote for the same; the first and the last may be empty.</param>
public sealed record TextGroup(string Title, string Caption, IReadOnlyList<(string Prompt, string Text, string Reference)> Items);

/// <summary>The files of a report.</summary>
/// <param name="Html">Full path of the one self-contained page.</param>
/// <param name="Markdown">Full path; its figures are links into <c>figures/</c>.</param>
/// <param name="Figures">Full paths.</param>
public sealed record RunReportFiles(string Html, string Markdown, IReadOnlyList<string> Figures);
