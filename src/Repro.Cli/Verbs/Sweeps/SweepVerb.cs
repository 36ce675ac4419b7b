using System.CommandLine;
using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Cli.Verbs.Sweeps;

/// <summary><c>repro sweep</c> and <c>repro ablate</c>: a study, executed; and what can be asked of a sweep that there is already.</summary>
internal sealed class SweepVerb
{
    private readonly Surroundings _surroundings;
    private readonly bool _ablation;
    private readonly Argument<string> _study;
    private readonly StudyOptions _changes;
    private readonly HostOptions _host = new();
    private readonly Option<ulong?> _seed = SharedOptions.Seed();
    private readonly Option<string?> _name = new("--name") { Description = "What the sweep is called (default: after the study). The same command again goes on with the same sweep", HelpName = "NAME" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Prints what would be tried, what that can find out and what it costs; trains nothing" };
    private readonly Option<bool> _skipChecks = new("--skip-checks") { Description = "Starts without the recipe's checks; the report says so" };
    private readonly Option<int?> _extend = new("--extend") { Description = "Of a sweep that there is already: tries N more configurations", HelpName = "N" };
    private readonly Option<string[]> _enqueue = new("--enqueue") { Description = "Of a sweep that there is already: tries this configuration next, beyond the budget; may be repeated", HelpName = "name=value,...", Arity = ArgumentArity.OneOrMore };
    private readonly Option<int?> _confirm = new("--confirm") { Description = "Of a sweep that is done: ends the search and trains the best configuration on N fresh seeds, the only runs that read test", HelpName = "N" };
    private readonly Option<int?> _trial = new("--trial") { Description = "With --confirm: chooses this trial instead of the best", HelpName = "N" };

    private SweepVerb(Surroundings surroundings, bool ablation)
    {
        (_surroundings, _ablation, _changes) = (surroundings, ablation, new StudyOptions(search: !ablation));
        _study = new Argument<string>(ablation ? "ABLATION" : "STUDY")
        {
            Description = ablation
                ? "A YAML file with arms, or EXPERIMENT/NAME as ./repro list EXPERIMENT shows them"
                : "A YAML file, EXPERIMENT/NAME as ./repro list EXPERIMENT shows them, or an EXPERIMENT with --vary; with --extend, --enqueue and --confirm a sweep",
        };
    }

    public static Command Create(Surroundings surroundings) => new SweepVerb(surroundings, ablation: false).Build(
        "sweep", "Searches over an experiment's options: tries configurations, judges them on validation, and keeps every run.",
        "./repro sweep resnet/learning-rate --dry-run", "./repro sweep resnet --vary learning_rate=log:1e-4..1 --vary depth=20,32 --trials 40",
        "./repro sweep my-study.yaml --sampler tpe --pruner asha_stopping", "./repro sweep last --extend 20", "./repro sweep last --enqueue learning_rate=0.05,momentum=0.95",
        "./repro sweep last --confirm 5");

    public static Command CreateAblate(Surroundings surroundings) => new SweepVerb(surroundings, ablation: true).Build(
        "ablate", "Compares changes, one at a time, with a baseline: the same seeds for each, so that runs are compared in pairs.",
        "./repro ablate resnet/shortcuts --seeds 8", "./repro ablate resnet/training --arms 'no-*' --dry-run", "./repro ablate my-ablation.yaml --dry-run --json");

    private Verb Build(string name, string description, params string[] examples)
    {
        var verb = new Verb(name, description, examples) { _study };
        _changes.AddTo(verb);
        foreach (var option in (Option[])[_seed, _name, _dryRun, _skipChecks]) verb.Add(option);
        foreach (var option in _ablation ? (Option[])[] : [_extend, _enqueue, _confirm, _trial]) verb.Add(option);
        _host.AddTo(verb);
        verb.SetAction(Act);
        return verb;
    }

    private int Act(ParseResult arguments)
    {
        var output = new CommandOutput(_surroundings, arguments.GetValue(SharedOptions.Json));
        var choices = _host.Read(arguments);
        var launch = new SweepLaunch(_surroundings, output, choices);
        var changes = _changes.Read(arguments);
        if (!_ablation && SweepRequest.Read(arguments.GetValue(_extend), arguments.GetValue(_enqueue), arguments.GetValue(_confirm), arguments.GetValue(_trial)) is { } request)
        {
            if (changes != new StudyChanges { Vary = changes.Vary, Set = changes.Set } || changes.Vary.Count + changes.Set.Count > 0)
                throw new BadInputException("A sweep that there is already keeps its study: --extend, --enqueue and --confirm take none of the options that change one.");
            if (new Option[] { _seed, _name, _dryRun, _skipChecks }.FirstOrDefault(option => arguments.GetResult(option) is { Implicit: false }) is { } other)
                throw new BadInputException($"{other.Name} is for a sweep that begins; --extend, --enqueue and --confirm change one that there is, at once. Leave {other.Name} out.");
            return launch.Ask(arguments.GetRequiredValue(_study), request);
        }
        var found = StudySource.Find(_surroundings, arguments.GetRequiredValue(_study), _ablation, changes);
        var runs = RunsFolder.FromEnvironment(choices.Runs);
        var speed = MeasuredSpeed.Of(runs, SweepStores.Address(choices.Store, runs), found);
        var sweep = PreparedSweep.Of(found, arguments.GetValue(_seed) ?? 0, choices.Slots ?? 1, speed);
        return arguments.GetValue(_dryRun) ? PlanListing.Show(output, sweep) : launch.Start(sweep, arguments.GetValue(_name), arguments.GetValue(_skipChecks));
    }
}
