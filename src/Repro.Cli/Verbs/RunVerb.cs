using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Training;
using Repro.Training.Checks;
using Repro.Training.Datasets;
using Repro.Training.Loop;

namespace Repro.Cli.Verbs;

/// <summary><c>repro run</c>: trains and evaluates an experiment once, or goes on with a run.</summary>
internal sealed class RunVerb
{
    private readonly Surroundings _surroundings;
    private readonly Argument<string> _experiment = SharedOptions.Experiment();
    private readonly Option<string?> _profile = SharedOptions.Profile();
    private readonly Option<string[]> _set = SharedOptions.Set();
    private readonly Option<string?> _runs = SharedOptions.Runs();
    private readonly ConditionOptions _conditions = new(goesOn: true);
    private readonly Option<string?> _resume = new("--resume")
    {
        Description = "Goes on with the newest unfinished run of the experiment, or with RUN, from its newest whole checkpoint", HelpName = "[RUN]", Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<bool> _inspect = new("--inspect") { Description = "Records the norm of every layer's activations and gradients" };
    private readonly Option<bool> _anomaly = new("--detect-anomaly") { Description = "Names the operator where a NaN was born; several times slower" };
    private readonly Option<string?> _trace = new("--profile-trace") { Description = "Writes where the time of every step goes into FILE, which a browser's trace viewer opens (chrome://tracing, ui.perfetto.dev)", HelpName = "FILE" };
    private readonly Option<bool> _show = new("--show-options") { Description = "Prints every option of the experiment: value, default and where it was published, type, range; trains nothing" };
    private readonly Option<double?> _checkpointEvery = new("--checkpoint-every") { Description = "Seconds between checkpoints, above 0 and up to 1000000 (default: 120)", HelpName = "SECONDS" };
    private readonly Option<bool> _check = new("--check") { Description = "Runs the recipe's checks first, keeps their findings with the run, and does not train when one fails" };
    private readonly Option<bool> _noReport = new("--no-report") { Description = "Ends without report and figure; ./repro report RUN makes them later" };

    private RunVerb(Surroundings surroundings) => _surroundings = surroundings;

    public static Command Create(Surroundings surroundings)
    {
        var run = new RunVerb(surroundings);
        var verb = new Verb(
            "run", "Trains and evaluates an experiment, keeps all of it in a run folder, and ends with a report and a figure.",
            "./repro run resnet --profile quick", "./repro run resnet --profile smoke --set depth=14 --set steps=100 --seed 3", "./repro run resnet --check", "./repro run resnet --resume",
            "./repro run resnet --profile paper --show-options", "./repro run resnet --profile smoke --json | tail -1")
        {
            run._experiment, run._profile, run._set, run._runs, run._resume, run._inspect, run._anomaly, run._check, run._checkpointEvery, run._trace, run._show, run._noReport,
        };
        run._conditions.AddTo(verb);
        verb.SetAction(run.Act);
        return verb;
    }

    private int Act(ParseResult arguments)
    {
        var output = new CommandOutput(_surroundings, arguments.GetValue(SharedOptions.Json));
        if (arguments.GetValue(_show))
            return OptionListing.Show(output, ChosenExperiment.From(_surroundings, arguments.GetRequiredValue(_experiment), arguments.GetValue(_profile), arguments.GetValue(_set) ?? []));
        return arguments.GetResult(_resume) is null ? Start(arguments, output) : Resume(arguments, output);
    }

    private int Start(ParseResult arguments, CommandOutput output)
    {
        var chosen = ChosenExperiment.From(_surroundings, arguments.GetRequiredValue(_experiment), arguments.GetValue(_profile), arguments.GetValue(_set) ?? []);
        var context = Context(arguments);
        RequirePresent(chosen, context);
        var checks = arguments.GetValue(_check) ? Checked(chosen, context, output, arguments) : [];
        if (checks is null) return ExitCode.Failed;
        var now = _surroundings.Time.GetUtcNow();
        var options = OptionSchema.Values(chosen.Options).Select(o => KeyValuePair.Create(o.Key, OptionText.Write(o.Value))).ToList();
        var request = new RunRequest(
            RunId.Create(chosen.Experiment.Name, chosen.Profile.Name, now), chosen.Experiment.Name, chosen.Profile.Name, options, context.Seed, Command(chosen, context) + (checks.Count > 0 ? " --check" : ""), now);
        using var trace = Trace(arguments);
        var folder = RunFolder.Create(RunsFolder.FromEnvironment(arguments.GetValue(_runs)).Path, request, _surroundings.Time);
        return new RunExecution(_surroundings, output, Places(arguments)).Execute(folder, chosen, context with { Trace = trace }, [], isNew: true, !arguments.GetValue(_noReport), checks);
    }

    /// <returns>What the recipe's checks found; null where one failed, which is said.</returns>
    private IReadOnlyList<CheckResult>? Checked(ChosenExperiment chosen, RunContext context, CommandOutput output, ParseResult arguments)
    {
        using var stop = new StopSignals(output, "Stopping after this step; Ctrl-C again stops now.");
        var checking = new RecipeChecking(_surroundings, output);
        var results = checking.Run(chosen, context, only: null, folder: null, (_, _) => { }, stop.Token);
        output.Say(RecipeChecking.Count(results));
        var failed = results.Where(r => r.Verdict == CheckVerdict.Failed).Select(r => r.Name).ToList();
        if (failed.Count == 0) return results;
        var failure = $"The run was not started: {(failed.Count == 1 ? "a check" : $"{failed.Count} checks")} of the recipe failed ({string.Join(", ", failed)}).";
        output.Complain(failure);
        var folder = CheckVerb.PicturesOf(RunsFolder.FromEnvironment(arguments.GetValue(_runs)), chosen);
        if (checking.Draw(results.SelectMany(r => r.Figures), folder).Count > 0) output.Complain($"Pictures: {folder}");
        output.Result(new JsonObject { ["run"] = null, ["status"] = "failed", ["report"] = null, ["metrics"] = new JsonObject(), ["failure"] = failure });
        return null;
    }

    private int Resume(ParseResult arguments, CommandOutput output)
    {
        var experiment = ChosenExperiment.Find(_surroundings, arguments.GetRequiredValue(_experiment));
        if (arguments.GetValue(_check)) throw new BadInputException("The recipe is checked before a run's first step: leave --check out with --resume. ./repro check checks at any time.");
        if (arguments.GetResult(_set) is not null || arguments.GetResult(_conditions.Seed) is not null)
            throw new BadInputException("A run goes on with its own options and seed: leave --set and --seed out, or start a new run without --resume.");
        var record = Unfinished(arguments, experiment, output);
        var folder = RunFolder.Open(record.Folder, _surroundings.Time);
        var started = false;
        try
        {
            // Read again under the lock: another process may have gone on with it meanwhile.
            record = folder.Read();
            RequireUnfinished(record);
            var chosen = AsRecorded(experiment, record);
            var context = Context(arguments, record) with { Seed = record.Seed };
            RequirePresent(chosen, context);
            using var trace = Trace(arguments);
            started = true;
            return new RunExecution(_surroundings, output, Places(arguments)).Execute(
                folder, chosen, context with { Trace = trace }, RunFolderReader.Checkpoints(record), isNew: false, !arguments.GetValue(_noReport));
        }
        finally
        {
            if (!started) folder.Dispose();
        }
    }

    private RunTrace? Trace(ParseResult arguments)
    {
        if (arguments.GetValue(_trace) is not { } file) return null;
        try
        {
            return new RunTrace(file, _surroundings.Time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--profile-trace cannot write {Path.GetFullPath(file)}: {StorageException.Reason(e)}.", e);
        }
    }

    /// <summary>What is missing here is said before a folder is made and a run announced.</summary>
    /// <exception cref="MissingComponentException">The device or a data set is not there.</exception>
    private void RequirePresent(ChosenExperiment chosen, RunContext context)
    {
        _surroundings.RequireDevice(context.Device);
        foreach (var name in chosen.Experiment.DataSets(chosen.Options)) DatasetRegistry.Find(name).Require(context.Data);
    }

    private RunRecord Unfinished(ParseResult arguments, Experiment experiment, CommandOutput output)
    {
        var runs = RunsFolder.FromEnvironment(arguments.GetValue(_runs));
        var profile = arguments.GetValue(_profile) is { } name ? ChosenExperiment.FindProfile(experiment, name).Name : null;
        if (arguments.GetValue(_resume) is not { } run)
        {
            return runs.NewestUnfinished(experiment.Name, r => profile is null || r.Profile == profile, e => output.Complain($"Left out: {e.Message}"))
                ?? throw new BadInputException(
                    $"There is no unfinished run of '{experiment.Name}'{(profile is null ? "" : $" in the profile {profile}")} in {runs.Path}. {Newest(runs, experiment.Name, profile, Places(arguments).Options)}Start one by leaving --resume out.");
        }
        var record = RunFolderReader.Read(runs.Find(run));
        if (record.Experiment != experiment.Name) throw new BadInputException($"The run {record.Id} is of the experiment '{record.Experiment}', not of '{experiment.Name}'.");
        if (profile is not null && record.Profile != profile) throw new BadInputException($"The run {record.Id} has the profile {record.Profile}, not {profile}.");
        RequireUnfinished(record);
        return record;
    }

    /// <summary>A sentence on the newest run of an experiment, none of which is unfinished, where it may be the one that was meant; empty otherwise.</summary>
    private static string Newest(RunsFolder runs, string experiment, string? profile, string commandOptions)
    {
        // What cannot be read was said already.
        if (runs.Newest(experiment, run => profile is null || run.Profile == profile, _ => { }) is not { } newest) return "";
        if (RunFolderReader.IsHeld(newest.Folder)) return $"The run {newest.Id} is being written by {RunFolderReader.Holder(newest.Folder) ?? "another process"}. ";
        if (newest.State != Studies.Runs.RunState.Completed) return "";
        return File.Exists(Path.Combine(newest.Folder, "report.md")) ? $"The run {newest.Id} is completed. "
            : $"The run {newest.Id} is completed; what it lacks is its report (./repro report {newest.Id}{commandOptions}). ";
    }

    private static void RequireUnfinished(RunRecord record)
    {
        if (record.State is Studies.Runs.RunState.Completed or Studies.Runs.RunState.Cancelled or Studies.Runs.RunState.Pruned)
            throw new BadInputException($"The run {record.Id} is {record.StateWord}: there is nothing to go on with. Its command again: {record.Command}");
    }

    private RunPlaces Places(ParseResult arguments) => new(arguments.GetValue(_runs), arguments.GetValue(_conditions.Data));

    /// <summary>The experiment with the options that the run was started with.</summary>
    internal static ChosenExperiment AsRecorded(Experiment experiment, RunRecord record)
    {
        var profile = experiment.Profiles.FirstOrDefault(p => p.Name == record.Profile)
            ?? new Profile(record.Profile, "A profile that this version of the program no longer has.", Activator.CreateInstance(experiment.OptionsType)!);
        try
        {
            return ChosenExperiment.From(experiment, profile, OptionSchema.Apply(profile.Options, record.Options));
        }
        catch (BadInputException e)
        {
            throw new BadInputException($"The run {record.Id} was made by another version of the experiment '{experiment.Name}': {e.Message}", e);
        }
    }

    private RunContext Context(ParseResult arguments, RunRecord? before = null)
    {
        var context = _conditions.Context(arguments, before) with { Inspect = arguments.GetValue(_inspect), DetectAnomaly = arguments.GetValue(_anomaly), Time = _surroundings.Time };
        if (arguments.GetValue(_checkpointEvery) is not { } seconds) return context;
        if (!(seconds > 0 && seconds <= 1e6)) throw new BadInputException($"--checkpoint-every takes seconds above 0, up to 1000000; it was {OptionText.Write(seconds)}.");
        return context with { CheckpointEvery = TimeSpan.FromSeconds(seconds) };
    }

    /// <summary>The command that does the run again: the profile, what differs from it, and the conditions on which its bits depend.</summary>
    private static string Command(ChosenExperiment chosen, RunContext context)
    {
        var profile = OptionSchema.Values(chosen.Profile.Options).ToDictionary(o => o.Key, o => OptionText.Write(o.Value));
        var changed = OptionSchema.Values(chosen.Options)
            .Select(o => (Name: o.Key, Value: OptionText.Write(o.Value)))
            .Where(o => profile[o.Name] != o.Value)
            .Select(o => $" --set {Words.Shell($"{o.Name}={o.Value}")}");
        return $"./repro run {chosen.Experiment.Name} --profile {chosen.Profile.Name}{string.Concat(changed)} --seed {context.Seed} --threads {context.Threads}"
            + (context.Device == "cpu" ? "" : $" --device {context.Device}");
    }
}
