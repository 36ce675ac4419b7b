using System.Globalization;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Studies.Options;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Statistics;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Verbs.Sweeps;

/// <summary>What <c>--dry-run</c> prints: the study, its first trials, what they promise and what they cost.</summary>
internal static class PlanListing
{
    private const int Shown = 10;

    public static int Show(CommandOutput output, PreparedSweep sweep)
    {
        var (study, plan) = (sweep.Study, sweep.Plan);
        Say(output, $"{sweep.Found.Name}{(sweep.Found.Question.Length > 0 ? ": " + sweep.Found.Question.ReplaceLineEndings(" ") : "")}");
        Say(output, $"Profile {study.Profile}; {OptionText.Write(study.Objective.Direction)} {study.Objective.Metric}; "
            + (study.ReadsTest ? $"{Words.Count(study.Seeds, "run")} an arm, which read test" : study.Arms.Count > 0 ? $"{study.Seeds} pairs" : $"sampler {study.Sampler}; pruner {study.Pruner}; {Words.Count(study.Seeds, "run")} a configuration") + $"; seed {sweep.Seed}.");
        if (study.Fixed.Count > 0) Say(output, $"Fixed: {string.Join(", ", study.Fixed.Settings.Select(s => $"{s.Key}={s.Value}"))}.");
        Parameters(output, sweep);
        output.Say();
        if (study.Arms.Count > 0) Arms(output, study);
        else First(output, sweep);
        output.Say();
        // What is promised and will not be kept is a warning, below.
        Say(output, plan.CannotDecide ? Budget(sweep) : $"{Budget(sweep)} {plan.Promise()}");
        if (plan.Rungs.Count > 0) Say(output, $"{study.Pruner} decides at {(plan.Rungs.Count == 1 ? "step" : "steps")} {string.Join(", ", plan.Rungs)}.");
        Say(output, Cost(sweep));
        foreach (var warning in sweep.Warnings()) output.Complain(warning);
        output.Result(Json(sweep));
        return ExitCode.Done;
    }

    private static void Parameters(CommandOutput output, PreparedSweep sweep)
    {
        var study = sweep.Study;
        if (study.Space.Parameters.Count == 0) return;
        var paper = sweep.Paper ?? sweep.Found.Experiment.Subject.PaperIn(study.Space);
        var table = new TextTable("hyperparameter", "values", "role", sweep.Found.Experiment.Subject.Defaults);
        foreach (var parameter in study.Space.Parameters)
        {
            var when = parameter.Condition is { } condition ? $" where {condition.Parameter} is {string.Join(" or ", condition.Values)}" : "";
            table.Row(parameter.Name, Range(parameter) + when, OptionText.Write(parameter.Role), paper.TryGet(parameter.Name, out var own) ? own : "-");
        }
        output.Say();
        table.Write(output);
        foreach (var constraint in study.Space.Constraints) Say(output, $"Only where {constraint.Text}.");
    }

    private static void First(CommandOutput output, PreparedSweep sweep)
    {
        var (study, plan) = (sweep.Study, sweep.Plan);
        var names = study.Space.Parameters.Select(p => p.Name).ToList();
        var trials = plan.First(Shown);
        var table = new TextTable(["trial", "from", .. names]) { Right = new HashSet<int> { 0 } };
        foreach (var trial in trials)
            table.Row([trial.Number.ToString(CultureInfo.InvariantCulture), trial.Origin == TrialOrigin.Paper ? sweep.Found.Experiment.Subject.Defaults : study.Sampler, .. names.Select(name => Value(trial.Configuration, name))]);
        table.Write(output);
        if (plan.Trials > trials.Count)
            Say(output, plan.Foreseeable <= trials.Count ? $"... and {plan.Trials - trials.Count} more, which depend on the results." : $"... and {plan.Trials - trials.Count} more.");
    }

    private static void Arms(CommandOutput output, Study study)
    {
        var table = new TextTable("arm", "change", "why").Row(AblationArm.Baseline, "none", "What the others are compared with.");
        foreach (var arm in study.Arms) table.Row(arm.Name, string.Join(", ", arm.Changes.Settings.Select(s => $"{s.Key}={s.Value}")), arm.Why);
        table.Write(output);
    }

    private static string Budget(PreparedSweep sweep)
    {
        var (study, runs) = (sweep.Study, sweep.Plan.Cost.Runs);
        var limits = string.Concat(
            study.WallTime is { } time ? $", at most {Studies.StudyFiles.DurationText.Write(time)}" : "", study.GpuHours is { } hours ? $", at most {Words.Number(hours)} GPU hours" : "");
        if (study.Arms.Count == 0) return $"{Words.Count(sweep.Plan.Trials, "trial")}, {Words.Count(runs, "run")}{limits}.";
        var tuning = study.TrialsPerArm > 0 ? $", {study.TrialsPerArm} of which tune each of them before" : "";
        return $"A baseline and {Words.Count(study.Arms.Count, "arm")}, {Words.Count(runs, "run")}{tuning}{limits}.";
    }

    private static string Cost(PreparedSweep sweep)
    {
        var cost = sweep.Plan.Cost;
        var length = cost.Steps is not { } steps ? ""
            : cost.Together is { } together && together != steps * cost.Runs ? $" of up to {Steps(steps)} steps, {Steps(together)} together,"
            : $" of {Steps(steps)} steps";
        var what = $"{Words.Count(cost.Runs, "run")}{length} on {Words.Count(sweep.Slots, "slot")}";
        if (cost.Time is not { } time || sweep.Speed is not { } speed)
        {
            var example = string.Concat(sweep.Study.Fixed.Settings.Select(s => $" --set {Words.Shell($"{s.Key}={s.Value}")}"));
            return $"Cost: {what}; how long they take is not known, because no run of this setting was completed here. Measure one: ./repro run {sweep.Study.Experiment} --profile {sweep.Study.Profile}{example}";
        }
        var bound = cost.IsUpperBound ? $"at most {Words.Duration(time)}, for the pruner {sweep.Study.Pruner} ends runs before" : $"about {Words.Duration(time)}";
        return $"Cost: {what}: {bound}; {Words.Number(speed.SecondsPerStep)} s a step, as {speed.Run} measured{(sweep.Slots > 1 ? " with one run at a time; slots that share a processor or a GPU slow each other down" : "")}.";
    }

    private static string Steps(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    private static JsonObject Json(PreparedSweep sweep)
    {
        var (study, plan) = (sweep.Study, sweep.Plan);
        var ablation = study.Arms.Count > 0;
        return new JsonObject
        {
            ["status"] = "planned", ["dry_run"] = true, ["study"] = sweep.Found.Name, ["experiment"] = study.Experiment, ["profile"] = study.Profile,
            ["metric"] = study.Objective.Metric, ["direction"] = OptionText.Write(study.Objective.Direction), ["sampler"] = study.Sampler, ["pruner"] = study.Pruner,
            ["seed"] = sweep.Seed, ["seeds"] = study.Seeds, ["slots"] = sweep.Slots, ["fixed"] = OptionJson.Of(study.Fixed.Settings), ["trials"] = plan.Trials,
            ["configurations"] = ablation ? null : plan.Configurations, ["trials_for_target"] = SweepPlan.DrawsForTarget,
            ["pairs_needed"] = ablation && !study.ReadsTest ? SignFlip.LeastPairs(0.05, study.Arms.Count) : null, ["can_decide"] = ablation && !study.ReadsTest ? !plan.CannotDecide : null,
            ["rungs"] = new JsonArray([.. plan.Rungs.Select(rung => (JsonNode)rung)]),
            ["first"] = new JsonArray([.. plan.First(Shown).Select(trial => (JsonNode)new JsonObject
            {
                ["trial"] = trial.Number, ["from"] = OptionText.Write(trial.Origin), ["arm"] = trial.Arm, ["options"] = OptionJson.Of(trial.Configuration.Settings),
            })]),
            ["cost"] = new JsonObject
            {
                ["runs"] = plan.Cost.Runs, ["steps"] = plan.Cost.Steps, ["steps_together"] = plan.Cost.Together, ["seconds_per_step"] = sweep.Speed?.SecondsPerStep, ["measured_by"] = sweep.Speed?.Run,
                ["seconds"] = plan.Cost.Time?.TotalSeconds, ["upper_bound"] = plan.Cost.IsUpperBound,
            },
            ["warnings"] = new JsonArray([.. sweep.Warnings().Select(warning => (JsonNode)warning)]),
            ["text"] = study.Text,
        };
    }

    private static string Range(Hyperparameter parameter) => CompactForm.Write(parameter)[(parameter.Name.Length + 1)..];

    // Seventeen digits fill a table and tell nobody anything; --json has them all.
    private static string Value(Configuration configuration, string name) => !configuration.TryGet(name, out var text) ? "-"
        : text.Length > 8 && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number.ToString("G4", CultureInfo.InvariantCulture) : text;

    private static void Say(CommandOutput output, string text)
    {
        foreach (var line in TextLines.Wrap(text, output.Width, breakWords: false)) output.Say(line);
    }
}
