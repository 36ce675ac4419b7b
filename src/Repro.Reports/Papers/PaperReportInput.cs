using Repro.Reports.Claims;
using Repro.Studies.Papers;

namespace Repro.Reports.Papers;

/// <summary>What a paper's report is made from. All of it is stored: a report never trains anything.</summary>
public sealed record PaperReportInput(PaperCard Card)
{
    /// <summary>One line on the experiment.</summary>
    public required string ExperimentTitle { get; init; }

    /// <summary>One a claim, in the card's order.</summary>
    public required IReadOnlyList<Judgement> Judgements { get; init; }

    /// <summary>Every exported run, of searches too.</summary>
    public required IReadOnlyList<EvidenceRun> Runs { get; init; }

    /// <summary>The exported folders that the runs come from, by name.</summary>
    public required IReadOnlyList<EvidenceFolder> Folders { get; init; }

    /// <summary>Names of the experiment's studies that are searches, as <c>resnet/learning-rate</c>.</summary>
    public IReadOnlyCollection<string> Searches { get; init; } = [];

    /// <summary>The metric that says what a metric is of real examples; null where there is none.</summary>
    public Func<string, string?> FloorOf { get; init; } = _ => null;

    /// <summary>The splits of a data set that the registry knows, in order, with their examples, by the name that <c>repro data fetch</c> takes; null for a name that it does not know.</summary>
    public Func<string, IReadOnlyList<(string Split, int Examples)>?> Registered { get; init; } = _ => null;

    /// <summary>A person's notes on what was found, in Markdown, with references such as <c>{{shortcuts.plain.validation_error}}</c>; empty where nobody wrote any.</summary>
    public string Notes { get; init; } = "";

    /// <summary>The command that makes the report again.</summary>
    public string Command => $"./repro report {Card.Name}";
}

/// <summary>An exported run or sweep of a paper.</summary>
/// <param name="Name">Of the folder below the paper's results: <c>shortcuts</c>.</param>
/// <param name="What">As <c>ablation, 16 runs</c>.</param>
/// <param name="Command">Does it again.</param>
/// <param name="Checks">What the recipe's checks said before: <c>10 passed</c>, <c>skipped</c>; empty where it was not recorded.</param>
/// <param name="TestReadings">How often test scores were shown; null for a run by itself, which measures test openly.</param>
public sealed record EvidenceFolder(string Name, string What, string Command, string Checks, int? TestReadings)
{
    /// <summary>Whether it is a comparison that read test and is over (<see cref="Studies.Sweeps.TestSeal.ComparisonIsOver"/>).</summary>
    public bool ReadsTest { get; init; }

    /// <summary>What it is to find out; empty where nobody said it.</summary>
    public string Question { get; init; } = "";

    /// <summary>The study it is of, in the format of a study's file; empty for a run by itself.</summary>
    public string Study { get; init; } = "";

    /// <summary>Whether its report lies beside it, as <c>NAME/report.md</c>.</summary>
    public bool HasReport { get; init; }
}

/// <summary>The files of a paper's report.</summary>
/// <param name="Html">Full path of the one self-contained page.</param>
/// <param name="Markdown">Full path; its figures are links into <c>figures/</c>.</param>
/// <param name="Figures">Full paths.</param>
public sealed record PaperReportFiles(string Html, string Markdown, IReadOnlyList<string> Figures);
