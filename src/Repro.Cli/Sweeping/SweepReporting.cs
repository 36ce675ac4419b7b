using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Reports.Figures;
using Repro.Reports.Ledgers;
using Repro.Reports.Sweeps;
using Repro.Results;
using Repro.Results.Objects;
using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.Papers;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>Makes the report of a stored sweep.</summary>
/// <param name="commandOptions">What commands need beside the sweep's name to find it: <c> --runs DIR</c>; empty for nothing.</param>
internal sealed class SweepReporting(Surroundings surroundings, CommandOutput output, RunsFolder runs, string commandOptions)
{
    /// <summary>By what the log of a sweep says that a report has shown test scores.</summary>
    private const string Reader = "repro report";

    /// <param name="folder">Null is the sweep's own.</param>
    /// <param name="test">Shows test scores, which is counted.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public int Write(StoredSweep sweep, string? folder, bool test)
    {
        if (test) sweep.ReadTest(Reader);
        return Write(Input(sweep, test ? sweep.Coordinator.State : sweep.State, test, Elsewhere(sweep)), folder ?? sweep.Folder);
    }

    /// <summary>
    /// The report of an exported sweep. It shows test where the report beside it does: that was counted when it was made, and is in the export's log. What was read
    /// elsewhere is what was known then; the stores of this machine say nothing of an export.
    /// </summary>
    /// <param name="beside">The folder of the export, with the report that was made of it before.</param>
    public int Write(StoredSweep export, string beside, string? folder) => Write(Input(export, beside), folder ?? beside);

    /// <summary>What the report of a stored sweep is made from, without test scores.</summary>
    public SweepReportInput Input(StoredSweep sweep) => Input(sweep, sweep.State, test: false, Elsewhere(sweep));

    /// <summary>What the report of an exported sweep is made from.</summary>
    /// <param name="beside">The folder of the export, with the report that was made of it before.</param>
    public SweepReportInput Input(StoredSweep export, string beside)
    {
        var ledger = LedgerFile.Read(beside);
        var read = TestSeal.WasOpened(export.State) && export.Store.Read(export.Name).OfType<TestRead>().Any(reading => reading.By == Reader);
        // Reports of before there were ledgers do not say whether they show test; one that was asked for was counted.
        return Input(export, export.State, read && (ledger?.TestShown ?? true), ledger?.TestElsewhere);
    }

    private SweepReportInput Input(StoredSweep sweep, SweepState state, bool test, TestUse? elsewhere)
    {
        var (question, declared, again, leftOut) = Asked(sweep.Study);
        var conditions = Conditions(sweep, state);
        return new SweepReportInput(sweep.Name, sweep.Study, state)
        {
            Status = SweepSummary.Of(sweep.Name, state, sweep.Study, sweep.IsHosted).Status, Question = question, Declared = again, ArmsLeftOut = leftOut, Ended = sweep.Ended, ShowTest = test,
            Elsewhere = elsewhere, Programs = SweepPrograms.Of(sweep.Folder, state).Listed(), Changed = [.. Changed(conditions)],
            Environments = conditions.ToDictionary(run => run.Key, run => (IReadOnlyList<RunEnvironment>)[.. run.Value.Select(attempt => attempt.Environment)]),
            Curves = sweep.Store.Curves(sweep.Name, sweep.Study.Objective.Metric).GroupBy(point => point.Run).ToDictionary(run => run.Key, run => (IReadOnlyList<MetricPoint>)[.. run.Select(point => point.Point)]),
            ReportCommand = $"./repro report {sweep.Name}{commandOptions}", PaperObjective = Stated(sweep.Study, declared), Forced = declared is null ? [.. Forced(sweep.Study)] : [],
            Floor = surroundings.Experiments().FirstOrDefault(experiment => experiment.Name == sweep.Study.Experiment)?.FloorOf(sweep.Study.Objective.Metric),
        };
    }

    // What a search needs is no departure of the person's, and what the profile has is its scale.
    private IEnumerable<string> Forced(Study study)
    {
        if (surroundings.Experiments().FirstOrDefault(experiment => experiment.Name == study.Experiment) is not { } experiment
            || experiment.Profiles.FirstOrDefault(profile => profile.Name == study.Profile) is not { } profile) return [];
        var (subject, needed) = (experiment.Subject, experiment.ForSearch(profile.Options));
        return study.Fixed.Settings.Where(setting => subject.ProfileValue(profile.Name, setting.Key) != setting.Value && !needed.TryGet(setting.Key, out _)).Select(setting => $"{setting.Key}={setting.Value}");
    }

    /// <summary>The paper's number for the objective of a study, where a claim of one of its cards has one that this study tests.</summary>
    private PaperValue? Stated(Study study, string? declared) => declared is null ? null
        : Verbs.Papers.ClaimsOfEach(surroundings, study.Experiment).Where(claim => claim is { Kind: ClaimKind.Value, Uncertain: null } && claim.Study == declared && claim.Metric == study.Objective.Metric)
            .Select(claim => new PaperValue(claim.Stands, claim.Value!.Value) { Digits = claim.Published! }).FirstOrDefault();

    private int Write(SweepReportInput input, string folder)
    {
        var files = SweepReport.Write(input, TellingRenderer.Of(surroundings, output), folder);
        output.Say($"Report: {files.Html}");
        output.Say($"        {files.Markdown}");
        output.Result(new JsonObject
        {
            ["sweep"] = input.Sweep, ["status"] = input.Status, ["report"] = files.Markdown, ["report_html"] = files.Html, ["study"] = files.Study,
            ["figures"] = new JsonArray(files.Figures.Select(file => (JsonNode)file).ToArray()), ["test_readings"] = input.State.TestReadings,
        });
        return ExitCode.Done;
    }

    // Of every attempt whose folder is here.
    private static Dictionary<RunKey, List<AttemptEnvironment>> Conditions(StoredSweep sweep, SweepState state)
    {
        var known = new Dictionary<RunKey, List<AttemptEnvironment>>();
        foreach (var run in state.Trials.SelectMany(trial => trial.Runs))
        {
            known[run.Key] = [];
            for (var attempt = 1; attempt <= run.Attempt; attempt++)
            {
                if (AttemptEnvironment.Read(AttemptRecords.FolderOf(sweep.Folder, run.Key, attempt)) is { } conditions) known[run.Key].Add(conditions);
            }
        }
        return known;
    }

    private static IEnumerable<string> Changed(Dictionary<RunKey, List<AttemptEnvironment>> conditions) =>
        from run in conditions
        from attempt in run.Value
        let differences = attempt.Differences.Where(difference => difference != RunEnvironment.AnotherProgram).ToList()
        where differences.Count > 0
        select $"{run.Key} ({string.Join(", ", differences)})";

    // A test set wears out with every choice that somebody makes after a look at it, whichever sweep or run that was.
    private TestUse Elsewhere(StoredSweep sweep)
    {
        var others = StoredSweep.All(sweep.Store, runs, (_, _) => { }).Where(other => other.Name != sweep.Name && other.Study.Experiment == sweep.Study.Experiment).ToList();
        var confirmed = others.Where(other => TestSeal.Computed(other.State) > 0).ToList();
        return new TestUse(confirmed.Count, confirmed.Sum(other => other.State.TestReadings), runs.All(sweep.Study.Experiment, _ => { }).Count(run => run.Scores.Keys.Any(TestSeal.Covers)))
        {
            Comparisons = others.Count(other => TestSeal.Compared(other.State) > 0),
        };
    }

    /// <summary>The question, the study's name, and what starts it again, where an experiment of this build declares just this study or differs in the number of seeds or trials alone.</summary>
    private (string Question, string? Declared, string? Again, int LeftOut) Asked(Study study)
    {
        if (DeclaredStudy.Of(surroundings, study, (declared, one) => declared with { Seeds = one.Seeds, Trials = one.Trials } == one) is not { } found) return (study.Notes, null, null, 0);
        var again = found.Words + (found.Study.Seeds != study.Seeds ? $" --seeds {study.Seeds}" : "") + (found.Study.Trials != study.Trials ? $" --trials {study.Trials}" : "");
        return (study.Notes.Length > 0 ? study.Notes : found.Question, found.Name, again, found.LeftOut);
    }
}
