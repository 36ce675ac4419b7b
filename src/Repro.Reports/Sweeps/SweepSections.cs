using System.Globalization;
using Repro.Reports.Documents;
using Repro.Reports.Runs;
using Repro.Studies.Options;
using Repro.Studies.Runs;
using Repro.Studies.Statistics;
using Repro.Studies.StudyFiles;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Sweeps;

/// <summary>The first screen of a sweep's report, and its sections but for the figures; an empty one is left out.</summary>
internal static class SweepSections
{
    private const int ChangedShown = 6, MetricsBeside = 6, BestShown = 10, UncompletedShown = 50;

    public static List<Block> FirstScreen(SweepReportInput input)
    {
        var (study, state) = (input.Study, input.State);
        var blocks = new List<Block>();
        if (input.Question.Length > 0) blocks.Add(new Paragraph(Words.Strong(input.Question)));
        blocks.Add(new KeyFigures([.. Key(input)]));
        if (input.Status != "completed") blocks.Add(new Note(input.Status == "failed" ? NoteKind.Failure : NoteKind.Warning, $"The sweep is {input.Status}, and nothing below is final."));
        if (state.Tags.GetValueOrDefault(SweepTags.Checks) == "skipped") blocks.Add(new Note(NoteKind.Warning, "The recipe's checks were skipped when the sweep was started (--skip-checks): whether these runs trained as they should was not looked at."));
        if (input.Programs.Count > 0)
        {
            blocks.Add(new Note(NoteKind.Warning, $"The trials did not all train under one program, so that what differs between them may be the program's doing and not the configuration's: {string.Join("; ", input.Programs)}."));
        }
        if (input.Changed.Count > 0)
        {
            blocks.Add(new Note(NoteKind.Warning, $"Went on under other conditions than those under which their checkpoint was written, so that they may differ in their last digits from undisturbed runs: "
                + $"{string.Join(", ", input.Changed.Take(ChangedShown))}{(input.Changed.Count > ChangedShown ? $", and {input.Changed.Count - ChangedShown} more" : "")}."));
        }
        if (input.Best is { } best)
        {
            blocks.Add(new Paragraph(Words.FromString($"Trial {best.Number}, {input.BestWords} on validation: ") + Words.Code(best.Configuration.Count > 0 ? best.Configuration.ToString() : "the profile's own setting")));
            blocks.Add(new Note(NoteKind.Information, state.Confirmation is { State: RunState.Completed }
                ? "The best of many looks better on what it was chosen by than it is. Its confirmation below, on fresh seeds, does not."
                : TestSeal.Computed(state) > 0 ? "The best of many looks better on what it was chosen by than it is. Its confirmation, on fresh seeds, is not complete: test was computed for some of its runs."
                : Words.FromString("The best of many looks better on what it was chosen by than it is, and test was not computed. To confirm it on fresh seeds: ") + Words.Code($"./repro sweep {input.Sweep} --confirm 5")));
        }
        blocks.Add(new Paragraph("The same study again; this sweep as one folder; and this report with its figures, from what is stored:"));
        blocks.Add(new CodeBlock(string.Join('\n', Commands(input))));
        return blocks;
    }

    public static IEnumerable<Block> Arms(SweepReportInput input)
    {
        if (!input.IsAblation) yield break;
        if (input.Study.ReadsTest)
        {
            foreach (var block in ArmsOnTest(input)) yield return block;
            yield break;
        }
        var (metric, paired) = (input.Study.Objective.Metric, PairedArms.Of(input.Study, input.State));
        var rows = new List<IReadOnlyList<Words>> { new Words[] { AblationArm.Baseline, "", Whole(paired.Baseline.Count), MeanAndSpread(paired.Baseline, metric), "", "", "" } };
        foreach (var (arm, declared) in paired.Arms.Zip(input.Study.Arms))
        {
            rows.Add([
                arm.Name, Words.Code(declared.Changes.ToString()) + $" {declared.Why}", Whole(arm.Differences.Count), MeanAndSpread(arm.Values, metric), MeanAndSpread(arm.Differences, metric, signed: true),
                arm.Differences.Count > 0 ? Numbers.Write(arm.P) : "–", Words.Strong(arm.Reading),
            ]);
        }
        yield return new Table("Arms beside the baseline", ["arm", "change", "pairs", MetricWords.Of(metric).ToString(), "arm − baseline", "p", "under Holm"], rows) { Name = "arms" };
        if (paired.Warning is { } warning) yield return new Note(NoteKind.Warning, warning);
        var holm = paired.Arms.Count == 1 ? "" : $"; Holm's correction holds all {paired.Arms.Count} arms together to {PairedArms.Alpha.ToString(CultureInfo.InvariantCulture)}";
        yield return new Paragraph($"Mean ± standard deviation. Runs are compared in pairs of equal seeds by an exact sign-flip test{holm}. {SignFlip.Sentence(input.Study.Seeds, paired.Arms.Count, PairedArms.Alpha)}"
            + (input.ArmsLeftOut == 0 ? "" : $" This is a part: the comparison has {MoreArms(input.ArmsLeftOut)}, which the correction does not count."));
    }

    /// <summary>Of a comparison whose arms were fixed beforehand: what each scored on test. What is held against what is the card's to say.</summary>
    private static IEnumerable<Block> ArmsOnTest(SweepReportInput input)
    {
        var (over, runs) = (TestSeal.ComparisonIsOver(input.State), input.State.Arms.SelectMany(trial => trial.Runs).ToList());
        var arms = input.State.Arms.Select(trial => (Trial: trial, Scores: trial.Runs.Where(run => run.State == RunState.Completed).Select(run => run.Scores).ToList())).ToList();
        var metrics = arms.SelectMany(arm => arm.Scores).SelectMany(scores => scores.Keys).Where(TestSeal.Covers).Distinct().ToList();
        var why = input.Study.Arms.ToDictionary(arm => arm.Name);
        yield return new Table("Arms", ["arm", "what it is"], [.. arms.Select(arm => (IReadOnlyList<Words>)[arm.Trial.Arm ?? "", why.TryGetValue(arm.Trial.Arm ?? "", out var declared) ? Words.Code(declared.Changes.ToString()) + $" {declared.Why}" : "The profile with what the study fixes."])]) { Name = "arms" };
        if (!over && !input.ShowTest)
        {
            yield return new Paragraph(Words.FromString($"{runs.Count(run => run.Done)} of {runs.Count} runs have ended. What they scored on test is left out until all have, because whoever has seen it may choose how the comparison goes on. To show it before, which is counted: ") + Words.Code($"./repro report {input.Sweep} --test"));
            yield break;
        }
        var completed = runs.Count(run => run.State == RunState.Completed);
        foreach (var (some, i) in metrics.Chunk(MetricsBeside).Select((some, i) => (some, i)))
        {
            yield return new Table($"Test scores of each arm{(metrics.Count > MetricsBeside ? $", {i + 1}" : "")}", ["arm", "runs", .. some.Select(metric => MetricWords.Of(metric).ToString())], [.. arms.Select(arm => (IReadOnlyList<Words>)[
                arm.Trial.Arm ?? "", Whole(arm.Scores.Count), .. some.Select(metric => (Words)MeanAndSpread([.. arm.Scores.Where(scores => scores.ContainsKey(metric)).Select(scores => scores[metric])], metric)),
            ])]) { Name = i == 0 ? "scores" : $"scores-{i + 1}" };
        }
        yield return new Paragraph($"Mean ± standard deviation over seeds, of all runs that completed. {(completed == runs.Count ? "Every run read test once" : $"{completed} of {runs.Count} runs read test, each once")}, at its end; all arms were fixed beforehand{(input.State.TestReadings == 0 ? ", and nothing was chosen by it" : "")}. {(over ? "" : "The comparison is not over. ")}{(input.State.TestReadings == 0 ? "" : $"Its test scores were {Shown(input.State.TestReadings)} before it was over. ")}Which arms differ is judged in the paper's report, claim by claim."
            + (input.ArmsLeftOut == 0 ? "" : $" This is a part: the comparison has {MoreArms(input.ArmsLeftOut)}, declared beforehand too; parts that ran later did so with these scores in the open."));
    }

    private static string MoreArms(int arms) => $"{arms} more {(arms == 1 ? "arm" : "arms")}";

    public static IEnumerable<Block> Confirmation(SweepReportInput input)
    {
        if (input.State.Confirmation is not { } confirmation) yield break;
        yield return new Paragraph(Words.FromString($"The chosen configuration again on {confirmation.Runs.Count} fresh seeds, as trial {confirmation.Number}: ") + Words.Code(confirmation.Configuration.ToString()));
        var completed = confirmation.Runs.Where(run => run.State == RunState.Completed).ToList();
        var names = completed.SelectMany(run => run.Scores.Keys).Distinct().Where(name => input.ShowTest || !TestSeal.Covers(name))
            .OrderByDescending(name => name == input.Study.Objective.Metric).ThenBy(name => name, StringComparer.Ordinal).ToList();
        if (completed.Count > 0 && names.Count > 0)
        {
            var rows = names.Select(name =>
            {
                var values = completed.Where(run => run.Scores.ContainsKey(name)).Select(run => run.Scores[name]).ToList();
                return (IReadOnlyList<Words>)[Words.Code(name), Whole(values.Count), MeanAndSpread(values, name), string.Join(", ", values.Select(Numbers.Write))];
            });
            yield return new Table("Final metrics on fresh seeds", ["metric", "n", "mean ± standard deviation", "each run"], rows.ToList()) { Name = "confirmation" };
        }
        if (!completed.Exists(run => run.Scores.Keys.Any(TestSeal.Covers))) yield break;
        if (!TestSeal.MayBeOpened(input.State))
        {
            yield return new Paragraph($"Test was computed for {TestSeal.Computed(input.State)} of these {confirmation.Runs.Count} runs. Its scores stay sealed until every one of them has ended.");
            yield break;
        }
        yield return new Paragraph(input.ShowTest ? $"Test was evaluated once. Its scores were {Shown(input.State.TestReadings)}, this report included."
            : Words.FromString($"Test was evaluated once; its scores were {Shown(input.State.TestReadings)}, and this report leaves them out. To show them, which is counted: ") + Words.Code($"./repro report {input.Sweep} --test"));
    }

    public static IEnumerable<Block> BestTrials(SweepReportInput input)
    {
        var metric = input.Study.Objective.Metric;
        var sign = input.Study.Objective.Direction == Studies.Samplers.ObjectiveDirection.Minimize ? 1 : -1;
        var ranked = input.Searched.Where(trial => trial.Mean(metric) is { } mean && double.IsFinite(mean)).OrderBy(trial => sign * trial.Mean(metric)!.Value).ToList();
        if (ranked.Count == 0 || input.IsAblation) yield break;
        var names = input.Study.Space.Parameters.Select(parameter => parameter.Name).Concat(ranked.SelectMany(trial => trial.Configuration.Settings).Select(setting => setting.Key)).Distinct().ToList();
        // The one with the profile paper's values stands there whatever its rank.
        var shown = ranked.Take(BestShown).Concat(ranked.Skip(BestShown).Where(trial => trial == input.Paper)).ToList();
        yield return new Table(
            ranked.Count == 1 ? "The only trial with a final value" : $"The {Math.Min(BestShown, ranked.Count)} best of {ranked.Count} completed trials{(shown.Count > BestShown ? ", and that with profile paper's values" : "")}", ["rank", "trial", MetricWords.Of(metric).ToString(), .. names],
            shown.Select(trial => (IReadOnlyList<Words>)[
                Rank(trial), trial.Origin == TrialOrigin.Sampler ? Whole(trial.Number) : $"{trial.Number} ({(trial.Origin == TrialOrigin.Paper ? input.PaperWords : OptionText.Write(trial.Origin))})",
                Numbers.WithUnit(trial.Mean(metric)!.Value, MetricWords.Of(metric).Unit), .. names.Select(name => (Words)Value(trial, name)),
            ]).ToList()) { Name = "best-trials" };
        var without = input.Searched.Where(trial => trial.Mean(metric) is { } mean && !double.IsFinite(mean)).Select(trial => trial.Number).ToList();
        if (without.Count > 0) yield return new Paragraph($"Completed with a value that is infinite or no number, and without a rank: {(without.Count == 1 ? "trial" : "trials")} {string.Join(", ", without)}.");

        // Equal values share the rank of the first.
        string Rank(TrialStatus trial) => Whole(ranked.FindIndex(other => other.Mean(metric) == trial.Mean(metric)) + 1);
    }

    public static IEnumerable<Block> Uncompleted(SweepReportInput input)
    {
        var trials = input.State.Trials.Where(trial => trial.State != RunState.Completed).ToList();
        if (trials.Count == 0) yield break;
        var table = new Table("Trials that did not complete", ["trial", "state", "why"], trials.Take(UncompletedShown).Select(trial => (IReadOnlyList<Words>)[
            Whole(trial.Number), trial.State.ToString().ToLowerInvariant(), trial.Runs.Select(run => run.Message).OfType<string>().FirstOrDefault() ?? "–",
        ]).ToList());
        yield return new Details($"{Counts(input.State.Trials.Where(trial => trial.State != RunState.Completed))}{(trials.Count > UncompletedShown ? $"; the first {UncompletedShown}" : "")}", [table]);
    }

    public static IEnumerable<Block> Study(SweepReportInput input) =>
    [
        new Paragraph(Words.FromString("Everything but the sweep's seed, with every default spelled out; beside this report as ") + Words.Code(SweepReport.StudyName) + ":"),
        new CodeBlock(input.Study.Text, "yaml"),
    ];

    public static IEnumerable<Block> Record(SweepReportInput input)
    {
        var (state, rows) = (input.State, new List<IReadOnlyList<Words>>());
        Add("seed", state.Created!.Seed.ToString(CultureInfo.InvariantCulture));
        Add("started", Numbers.Time(state.Created.At));
        Add("last event", Numbers.Time(input.Ended));
        Add("commit", input.Commit ?? "not recorded");
        Add("trials", Counts(state.Trials));
        Add("attempts", Whole(state.Trials.SelectMany(trial => trial.Runs).Sum(run => run.Attempt)));
        Add("readings of test scores", Whole(state.TestReadings));
        if (input.Elsewhere is { } use) Add($"test of {input.Study.Experiment} elsewhere in this store", $"{Of(use.Confirmations, "other confirmation")} ({Shown(use.Readings)}), {Of(use.Runs, "single run")} that computed it{(use.Comparisons > 0 ? $", {Of(use.Comparisons, "comparison")} whose every run did" : "")}");
        foreach (var (tag, value) in state.Tags.Where(tag => tag.Key != SweepTags.Commit)) rows.Add([Words.Code(tag), value]);
        yield return new Table("What the store says of the sweep", ["fact or tag", "value"], rows);

        void Add(string name, string value) => rows.Add([name, value]);
    }

    private static IEnumerable<KeyFigure> Key(SweepReportInput input)
    {
        var (study, state, words) = (input.Study, input.State, MetricWords.Of(input.Study.Objective.Metric));
        yield return new KeyFigure("status", input.Status, Counts(state.Trials));
        if (!input.IsAblation)
        {
            yield return input.Best is { } best ? new KeyFigure($"best {words}", Numbers.WithUnit(best.Mean(study.Objective.Metric)!.Value, words.Unit), $"trial {best.Number}, {Seeds(study.Seeds)}")
                : new KeyFigure($"best {words}", "none", "no trial has completed");
            if (input.Paper?.Mean(study.Objective.Metric) is { } paper && input.Paper != input.Best) yield return new KeyFigure("profile paper's values", Numbers.WithUnit(paper, words.Unit), $"trial 0, all else as in profile {study.Profile}{(input.Forced.Count > 0 ? $", with {string.Join(", ", input.Forced)}" : "")}");
            yield return new KeyFigure("budget", $"{Numbers.Count(state.Budget, "trial")}", string.Join(", ", Limits(study).Prepend($"sampler {study.Sampler}, pruner {study.Pruner}")));
        }
        else yield return new KeyFigure("budget", $"{Numbers.Count(study.Arms.Count, "arm")}", string.Join(", ", Limits(study).Prepend($"{Numbers.Count(study.Seeds, "pair")} each")));
        var floors = input.Floor is { } floor ? state.Trials.SelectMany(trial => trial.Runs).Where(run => run.Scores.ContainsKey(floor)).Select(run => run.Scores[floor]).ToList() : [];
        if (floors.Count > 0) yield return new KeyFigure(MetricWords.Of(input.Floor!).ToString(), Numbers.WithUnit(floors.Average(), words.Unit), $"the {words} of as many real examples");
        yield return new KeyFigure("recipe", state.Tags.GetValueOrDefault(SweepTags.Checks) is { } checks ? $"checks: {checks}" : "not recorded");
        if (study.ReadsTest) yield return new KeyFigure("test", TestSeal.ComparisonIsOver(state) && state.TestReadings == 0 ? "read" : Shown(state.TestReadings), TestSeal.ComparisonIsOver(state) ? $"once by each run that completed, at its end; {(state.TestReadings == 0 ? "nothing was chosen by it" : "shown before all had ended")}" : "read by every run at its end; left out until all have ended");
        else yield return new KeyFigure("test", TestSeal.Computed(state) > 0 ? Shown(state.TestReadings) : "not computed", TestSeal.Computed(state) > 0 ? "computed for the confirmation alone" : "selection saw validation only");
    }

    private static IEnumerable<string> Limits(Study study)
    {
        if (study.WallTime is { } time) yield return $"at most {DurationText.Write(time)}";
        if (study.GpuHours is { } hours) yield return $"at most {Numbers.Write(hours)} GPU hours";
    }

    private static IEnumerable<string> Commands(SweepReportInput input)
    {
        yield return $"./repro {(input.IsAblation ? "ablate" : "sweep")} {input.Declared ?? SweepReport.StudyName} --seed {input.State.Created!.Seed} --name {input.Sweep}";
        yield return $"./repro export {input.Sweep} --output DIR";
        yield return $"./repro report {input.Sweep}";
    }

    private static string Value(TrialStatus trial, string name) => !trial.Configuration.TryGet(name, out var text) ? "–"
        // Seventeen digits are for programs.
        : text.Length > 8 && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Numbers.Write(number) : text;

    private static string MeanAndSpread(IReadOnlyList<double> values, string metric, bool signed = false)
    {
        if (values.Count == 0) return "–";
        var mean = values.Average();
        var unit = MetricWords.Of(metric).Unit is "%" && signed ? "points" : MetricWords.Of(metric).Unit;
        var sign = signed && mean > 0 ? "+" : "";
        if (values.Count == 1) return sign + Numbers.WithUnit(mean, unit);
        var spread = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
        return $"{sign}{Numbers.Write(mean)} ± {Numbers.WithUnit(spread, unit)}";
    }

    private static string Counts(IEnumerable<TrialStatus> trials) =>
        trials.GroupBy(trial => trial.State).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}").ToList() is { Count: > 0 } counts ? string.Join(", ", counts) : "no trials yet";

    private static string Seeds(int seeds) => seeds == 1 ? "one seed" : $"the mean over {seeds} seeds";

    private static string Of(int count, string what) => count == 0 ? $"no {what}s" : Numbers.Count(count, what);

    private static string Shown(int times) => times == 0 ? "never shown" : times == 1 ? "shown once" : $"shown {times} times";

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);
}
