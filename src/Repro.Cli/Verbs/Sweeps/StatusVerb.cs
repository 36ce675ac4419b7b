using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Results.Objects;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;

namespace Repro.Cli.Verbs.Sweeps;

/// <summary><c>repro status</c>: the sweeps there are, a sweep's trials, or one trial with its log. A run is a sweep of one.</summary>
internal static class StatusVerb
{
    private const int LogLines = 40;

    public static Command Create(Surroundings surroundings)
    {
        var sweep = new Argument<string?>("SWEEP") { Description = "Name of a sweep, a beginning that only one has, or the word last; or a run's id; none lists the sweeps", Arity = ArgumentArity.ZeroOrOne };
        var store = SweepStores.Option();
        var objects = SiloRecords.Option();
        var runs = SharedOptions.Runs();
        var where = new Option<string?>("--where") { Description = "Only trials for which this holds: options, metrics (error is validation_error, in percent as reported; accuracy is 1 - error / 100), tags, trial, state, attempt, origin, arm", HelpName = "CONDITION" };
        var trial = new Option<int?>("--trial") { Description = "One trial: its options, runs, curve of the objective, and the end of its log", HelpName = "N" };
        var test = new Option<bool>("--test") { Description = "Shows the test scores of a confirmed choice. Every such reading is counted, and printed in reports" };
        var tags = new Option<string[]>("--tag") { Description = "Gives the sweep, or with --trial the trial, a tag; name= takes it away; may be repeated", HelpName = "name=value", Arity = ArgumentArity.OneOrMore };
        var note = new Option<string?>("--note") { Description = "Gives the sweep, or with --trial the trial, a note", HelpName = "TEXT" };
        var verb = new Verb(
            "status", "Shows the sweeps, the trials of one, or one trial.",
            "./repro status", "./repro status last", "./repro status last --where 'depth = 20 and accuracy > 0.9'", "./repro status resnet-learning-rate --trial 7", "./repro status last --json")
        {
            sweep, where, trial, test, tags, note, store, objects, runs,
        };
        verb.SetAction(arguments =>
        {
            var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var folder = RunsFolder.FromEnvironment(arguments.GetValue(runs));
            if (arguments.GetValue(sweep) is not { } name)
            {
                Option[] ofOne = [where, trial, test, tags, note];
                if (ofOne.FirstOrDefault(option => arguments.GetResult(option) is { Implicit: false }) is { } given) throw new BadInputException($"{given.Name} is about one sweep: ./repro status SWEEP {given.Name} ... ('last' is the newest).");
                return List(output, SweepStores.Address(arguments.GetValue(store), folder), folder);
            }
            var stored = SweepOrRun.Open(surroundings, arguments.GetValue(store), folder, name);
            using var opened = stored.Store;
            var changed = Change(stored, arguments.GetValue(trial), arguments.GetValue(tags) ?? [], arguments.GetValue(note));
            if (changed) stored = StoredSweep.Open(opened, stored.Name, folder);
            if (arguments.GetValue(test) && !stored.IsRun)
            {
                RequireShown(surroundings, stored, arguments.GetValue(trial), arguments.GetValue(where));
                stored.ReadTest("repro status");
                stored = StoredSweep.Open(opened, stored.Name, folder);
            }
            var showTest = arguments.GetValue(test) || stored.IsRun;
            return arguments.GetValue(trial) is { } number ? One(output, stored, number, showTest, new SiloRecords(arguments.GetValue(objects), output.Complain)) : Trials(surroundings, output, stored, arguments.GetValue(where), showTest);
        });
        return verb;
    }

    private static void RequireShown(Surroundings surroundings, StoredSweep sweep, int? trial, string? where)
    {
        if (sweep.State.Confirmation is not { } confirmation) return;
        if (trial is { } number) sweep.RequireConfirmation(number);
        if (where is not null && !new TrialQuery(where, sweep, ProfileOptions(surroundings, sweep.Study)).Fits(confirmation))
            throw new BadInputException($"--test shows the scores of the confirmation, trial {confirmation.Number}, which does not fulfil '{where}'. Leave one of the two out.");
    }

    private static int List(CommandOutput output, string address, RunsFolder runs)
    {
        using var store = SweepStores.Open(address);
        var table = new TextTable("sweep", "status", "trials", "best", "last event");
        var listed = new JsonArray();
        foreach (var sweep in StoredSweep.All(store, runs, (name, why) =>
        {
            table.RowWithNote(why.Message, name, "unreadable", "", "", "");
            listed.Add(new JsonObject { ["sweep"] = name, ["status"] = "unreadable", ["failure"] = why.Message });
        }))
        {
            var summary = Summary(sweep);
            table.Row(sweep.Name, summary.Status, summary.Counts, Best(sweep, summary), sweep.Ended.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture));
            listed.Add(summary.ToJson(sweep.Study));
        }
        if (listed.Count == 0) output.Say($"There are no sweeps in {store.Description}.");
        else table.Write(output);
        output.Result(new JsonObject { ["sweeps"] = listed });
        return ExitCode.Done;
    }

    private static int Trials(Surroundings surroundings, CommandOutput output, StoredSweep sweep, string? where, bool test)
    {
        var (study, state) = (sweep.Study, sweep.State);
        var query = where is null ? null : new TrialQuery(where, sweep, ProfileOptions(surroundings, study));
        var trials = state.Trials.Where(trial => query?.Fits(trial) != false).ToList();
        var summary = Summary(sweep);
        output.Say($"{sweep.Name}: {summary.Status}; {summary.Counts}. {Best(sweep, summary)}".TrimEnd());
        foreach (var (tag, value) in state.Tags) output.Say($"  {tag}: {value}");
        if (state.TestReadings > 0) output.Say($"  Test scores were shown {(state.TestReadings == 1 ? "once" : $"{state.TestReadings} times")}.");
        output.Say();
        if (trials.Count == 0) output.Say(query is null ? "There are no trials yet." : "No trial fulfils the condition.");
        // A table of ten thousand trials takes as long as all else; a program has no use for it, and a person none for the object.
        if (output.Json) output.Result(Json(sweep, summary, trials, test));
        else if (trials.Count > 0) Table(sweep, trials, test).Write(output);
        return ExitCode.Done;
    }

    private static JsonObject Json(StoredSweep sweep, SweepSummary summary, List<TrialStatus> trials, bool test)
    {
        var json = summary.ToJson(sweep.Study);
        json["counts"] = json["trials"]!.DeepClone();
        json["trials"] = new JsonArray(trials.Select(trial => (JsonNode)TrialJson.Of(sweep, trial, test)).ToArray());
        json["test_readings"] = sweep.State.TestReadings;
        json["tags"] = new JsonObject(sweep.State.Tags.Select(tag => KeyValuePair.Create(tag.Key, (JsonNode?)tag.Value)));
        return json;
    }

    private static TextTable Table(StoredSweep sweep, List<TrialStatus> trials, bool test)
    {
        var metric = sweep.Study.Objective.Metric;
        var varied = Varied(sweep.Study, sweep.State);
        var table = new TextTable(["trial", "state", "attempt", .. varied, metric]) { Right = new HashSet<int> { 0, 2, varied.Count + 3 } };
        foreach (var trial in trials)
        {
            var values = TrialJson.Values(sweep, trial, test);
            string[] cells =
            [
                trial.Number.ToString(CultureInfo.InvariantCulture), trial.Arm is { } arm ? $"{Words.State(trial.State)}, {arm}" : trial.Origin == TrialOrigin.Sampler || sweep.IsRun ? Words.State(trial.State) : $"{Words.State(trial.State)}, {OptionText.Write(trial.Origin)}",
                trial.Runs.Max(run => run.Attempt).ToString(CultureInfo.InvariantCulture), .. varied.Select(name => trial.Configuration.TryGet(name, out var text) ? Short(text) : ""),
                values.TryGetValue(metric, out var value) ? Words.Number(value) : "",
            ];
            var why = trial.State is RunState.Failed or RunState.Pruned ? trial.Runs.Select(run => run.Message).OfType<string>().FirstOrDefault() : null;
            var shown = test && trial.Origin == TrialOrigin.Confirmation ? string.Join(", ", values.Where(v => TestSeal.Covers(v.Key)).Select(v => $"{v.Key} {Words.Number(v.Value)}")) + CutShort(trial) : "";
            table.RowWithNote(string.Join(" ", new[] { why, shown }.Where(text => !string.IsNullOrEmpty(text))), cells);
        }
        return table;
    }

    private static string CutShort(TrialStatus trial) =>
        trial.Runs.Count(run => run.State == RunState.Completed) is var completed && completed < trial.Runs.Count ? $" (mean of the {completed} of {trial.Runs.Count} runs that completed)" : "";

    private static int One(CommandOutput output, StoredSweep sweep, int number, bool test, SiloRecords records)
    {
        if (number < 0 || number >= sweep.State.Trials.Count) throw new BadInputException($"The sweep {sweep.Name} has no trial {number}; it has {sweep.State.Trials.Count}, numbered from 0.");
        var trial = sweep.State.Trials[number];
        output.Say($"Trial {number} of {sweep.Name}: {Words.State(trial.State)}");
        foreach (var (name, value) in trial.Configuration.Settings) output.Say($"  {name} = {value}");
        foreach (var (name, value) in trial.Tags) output.Say($"  {name}: {value}");
        foreach (var (name, value) in TrialJson.Values(sweep, trial, test)) output.Say($"  {name}  {Words.Number(value)}");
        foreach (var run in trial.Runs)
        {
            output.Say();
            output.Say($"Run {run.Key}: {Words.State(run.State)}, attempt {run.Attempt}, seed {run.Seed}{(run.Host.Length > 0 ? $", {run.Host} {run.Slot}" : "")}");
            if (run.Message is { } message) output.Say($"  {message}");
            foreach (var (step, value) in TrialJson.Curve(sweep, run.Key)) output.Say($"  step {step,8}  {sweep.Study.Objective.Metric} {Words.Number(value)}");
            var log = LocalHost.LogOf(sweep.Folder, run.Key);
            if (!File.Exists(log))
            {
                records.Bring(sweep, run.Key);
                log = Path.Combine(AttemptRecords.FolderOf(sweep.Folder, run.Key, run.Attempt), AttemptRecords.Log);
            }
            if (!File.Exists(log)) continue;
            output.Say($"  log: {log}");
            var open = test || trial.Origin != TrialOrigin.Confirmation;
            foreach (var line in File.ReadLines(log).Where(line => open || !TestSeal.CoversWords(line)).TakeLast(LogLines)) output.Say($"    {line}");
        }
        output.Result(TrialJson.Of(sweep, trial, test));
        return ExitCode.Done;
    }

    private static bool Change(StoredSweep sweep, int? trial, string[] tags, string? note)
    {
        if (tags.Length == 0 && note is null) return false;
        var changes = tags.Select(tag => tag.Split('=', 2) is [var name, var value] && Studies.SearchSpaces.SearchSpace.IsName(name)
            ? (Name: name, Value: value.Length > 0 ? value : null) : throw new BadInputException($"--tag takes name=value, the name in snake_case; it was '{tag}'.")).ToList();
        if (changes.Select(change => SweepTags.Complaint(change.Name)).OfType<string>().FirstOrDefault() is { } complaint) throw new BadInputException($"--tag: {complaint}.");
        if (note is not null) changes.Add(("note", note.Length > 0 ? note : null));
        sweep.Coordinator.Decide(changes.Select(change => (Action<Decision>)(decision => decision.Tag(trial, change.Name, change.Value))).ToList());
        return true;
    }

    private static SweepSummary Summary(StoredSweep sweep) => SweepSummary.Of(sweep.Name, sweep.State, sweep.Study, sweep.IsHosted);

    private static string Best(StoredSweep sweep, SweepSummary summary) =>
        summary.Best is { } best ? $"Best {sweep.Study.Objective.Metric} {ScoreText.WithUnit(sweep.Study.Objective.Metric, best.Mean(sweep.Study.Objective.Metric)!.Value)} ({summary.BestName})" : "";

    /// <summary>Names of options that not all trials set alike, those of the study's space first.</summary>
    private static List<string> Varied(Study study, SweepState state) =>
        study.Space.Parameters.Select(parameter => parameter.Name)
            .Concat(state.Trials.SelectMany(trial => trial.Configuration.Settings).Select(setting => setting.Key)).Distinct().ToList();

    // Seventeen digits are for programs.
    private static string Short(string text) =>
        text.Length > 8 && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Words.Number(number) : text;

    private static Dictionary<string, string> ProfileOptions(Surroundings surroundings, Study study)
    {
        // A sweep of an experiment that this build has not can be looked at all the same.
        if (surroundings.Experiments().FirstOrDefault(experiment => experiment.Name == study.Experiment) is not { } known
            || known.Profiles.FirstOrDefault(profile => profile.Name == study.Profile) is not { } profile) return [];
        return OptionSchema.Values(profile.Options).ToDictionary(option => option.Key, option => OptionText.Write(option.Value));
    }
}
