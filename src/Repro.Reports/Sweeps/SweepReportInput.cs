using System.Text.Json.Serialization;
using Repro.Reports.Figures;
using Repro.Results;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Sweeps;

/// <summary>What a report of one sweep is made from. All of it is stored: a report never trains anything.</summary>
/// <param name="Sweep">Its name.</param>
public sealed record SweepReportInput(string Sweep, Study Study, SweepState State)
{
    /// <summary>running, completed, held, cancelled, failed or stopped.</summary>
    public required string Status { get; init; }

    /// <summary>What the sweep is to find out, in one sentence; empty where nobody said it.</summary>
    public string Question { get; init; } = "";

    /// <summary>What starts the same study again where an experiment declares it: <c>resnet/learning-rate --trials 20</c>; null where it is to be had as the file that the report writes.</summary>
    public string? Declared { get; init; }

    /// <summary>Arms that the declared comparison has and this sweep has not: it is a part of it.</summary>
    public int ArmsLeftOut { get; init; }

    /// <summary>The objective of each run by step, as far as it came.</summary>
    public IReadOnlyDictionary<RunKey, IReadOnlyList<MetricPoint>> Curves { get; init; } = new Dictionary<RunKey, IReadOnlyList<MetricPoint>>();

    /// <summary>What the paper states of the objective's own metric and split; null where it states nothing that could be drawn beside it.</summary>
    public PaperValue? PaperObjective { get; init; }

    /// <summary>The metric that says what the objective is of real examples; null where there is none.</summary>
    public string? Floor { get; init; }

    /// <summary>When the last thing happened in it.</summary>
    public DateTimeOffset Ended { get; init; }

    /// <summary>Whether test scores of the confirmation are shown. Whoever asks for it has had the reading counted in <see cref="State"/>.</summary>
    public bool ShowTest { get; init; }

    /// <summary>What trained which trials, as <c>build 1a2b3c4d5e6f, commit 0123abc with uncommitted changes: trials 0–3, 7</c>; empty where all that is known is one program.</summary>
    public IReadOnlyList<string> Programs { get; init; } = [];

    /// <summary>Under what the attempts of each run executed, in order, as far as their folders are here; it goes into the ledgers of figures and tables.</summary>
    public IReadOnlyDictionary<RunKey, IReadOnlyList<RunEnvironment>> Environments { get; init; } = new Dictionary<RunKey, IReadOnlyList<RunEnvironment>>();

    /// <summary>Runs that went on under other conditions than those under which their checkpoint was written, as <c>3-0 (threads 1 -> 2)</c>; another program is not among them.</summary>
    public IReadOnlyList<string> Changed { get; init; } = [];

    /// <summary>What else has read the experiment's test set; null where nobody looked.</summary>
    public TestUse? Elsewhere { get; init; }

    /// <summary>The command that makes the report again where the sweep lies now, for what is said on the screen; the report itself names no folder of a machine.</summary>
    public string ReportCommand { get; init; } = $"./repro report {Sweep}";

    /// <summary>The repository's commit that the sweep was started at; null where it was not recorded.</summary>
    public string? Commit => State.Tags.GetValueOrDefault(SweepTags.Commit);

    internal bool IsAblation => Study.Arms.Count > 0;

    /// <summary>Trials that are compared with each other by the objective; none in an ablation.</summary>
    internal IReadOnlyList<TrialStatus> Searched => [.. State.Trials.Where(trial => trial.IsSearched)];

    internal TrialStatus? Best => State.Best(Study.Objective) is { } best ? State.Trials[best] : null;

    /// <summary>Options, as <c>learning_rate=0</c>, that whoever started the sweep set for all of its trials: with them trial 0 has not all of profile paper's values.</summary>
    public IReadOnlyList<string> Forced { get; init; } = [];

    /// <summary>What trial 0 of a search is called: <c>profile paper's</c>.</summary>
    internal string PaperWords => Forced.Count == 0 ? "profile paper's" : $"profile paper's but for {string.Join(", ", Forced)}";

    /// <summary>What the best trial is among the others; those that a pruner ended were compared too.</summary>
    internal string BestWords
    {
        get
        {
            var (metric, searched) = (Study.Objective.Metric, Searched);
            var (all, tied) = (searched.Count, State.Tied(Study.Objective).Count + 1);
            var compared = searched.Count(trial => trial.State == RunState.Pruned || (trial.Mean(metric) is { } mean && double.IsFinite(mean)));
            var among = compared == all ? $"of {all}" : $"of {compared} with a value, of {all},";
            return compared == 1 && all > 1 ? $"the only one of {all} with a value" : tied > 1 ? $"the first of {tied} that are equally the best {among}" : $"the best {among}";
        }
    }

    internal TrialStatus? Paper => State.Trials.FirstOrDefault(trial => trial.Origin == TrialOrigin.Paper);
}

/// <summary>How often an experiment's test set was read outside a sweep, as far as its store and the folder of its runs tell.</summary>
/// <param name="Confirmations">Other sweeps whose choice was confirmed.</param>
/// <param name="Readings">How often their test scores were shown.</param>
/// <param name="Runs">Runs of <c>repro run</c> that computed a test score.</param>
public sealed record TestUse(int Confirmations, int Readings, int Runs)
{
    /// <summary>Other sweeps whose every run read test (<see cref="Study.ReadsTest"/>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Comparisons { get; init; }
}

/// <summary>The files of a sweep's report.</summary>
/// <param name="Html">Full path of the one self-contained page.</param>
/// <param name="Markdown">Full path; its figures are links into <c>figures/</c>.</param>
/// <param name="Study">Full path of the study as a file.</param>
/// <param name="Figures">Full paths.</param>
public sealed record SweepReportFiles(string Html, string Markdown, string Study, IReadOnlyList<string> Figures);
