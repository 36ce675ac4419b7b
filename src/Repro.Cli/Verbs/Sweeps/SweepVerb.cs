using System.CommandLine;
using Repro.Cli.Output;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Cli.Verbs.Sweeps;

/// <summary><c>repro sweep</c> and <c>repro ablate</c>: a study, executed.</summary>
internal sealed class SweepVerb
{
    private const int MostSlots = 1024;

    private readonly Surroundings _surroundings;
    private readonly bool _ablation;
    private readonly Argument<string> _study;
    private readonly StudyOptions _changes;
    private readonly Option<ulong?> _seed = SharedOptions.Seed();
    private readonly Option<int?> _slots = new("--slots") { Description = "Runs at a time, 1 .. 1024 (default: 1)", HelpName = "N" };
    private readonly Option<string?> _runs = SharedOptions.Runs();
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Prints what would be tried, what that can find out and what it costs; trains nothing" };

    private SweepVerb(Surroundings surroundings, bool ablation)
    {
        (_surroundings, _ablation, _changes) = (surroundings, ablation, new StudyOptions(search: !ablation));
        _study = new Argument<string>(ablation ? "ABLATION" : "STUDY")
        {
            Description = ablation
                ? "A YAML file with arms, or EXPERIMENT/NAME as ./repro list EXPERIMENT shows them"
                : "A YAML file, EXPERIMENT/NAME as ./repro list EXPERIMENT shows them, or an EXPERIMENT with --vary",
        };
    }

    public static Command Create(Surroundings surroundings) => new SweepVerb(surroundings, ablation: false).Build(
        "sweep", "Searches over an experiment's options: tries configurations, judges them on validation, and keeps every run.",
        "./repro sweep resnet/learning-rate --dry-run", "./repro sweep resnet --vary learning_rate=log:1e-4..1 --vary depth=20,32 --trials 40",
        "./repro sweep my-study.yaml --sampler tpe --pruner asha_stopping", "./repro sweep lenet/learning-rate --set batch_size=128 --dry-run --json");

    public static Command CreateAblate(Surroundings surroundings) => new SweepVerb(surroundings, ablation: true).Build(
        "ablate", "Compares changes, one at a time, with a baseline: the same seeds for each, so that runs are compared in pairs.",
        "./repro ablate resnet/shortcuts --seeds 8", "./repro ablate resnet/training --dry-run", "./repro ablate my-ablation.yaml --dry-run --json");

    private Verb Build(string name, string description, params string[] examples)
    {
        var verb = new Verb(name, description, examples) { _study };
        _changes.AddTo(verb);
        foreach (var option in (Option[])[_seed, _slots, _runs, _dryRun]) verb.Add(option);
        verb.SetAction(Act);
        return verb;
    }

    private int Act(ParseResult arguments)
    {
        var output = new CommandOutput(_surroundings, arguments.GetValue(SharedOptions.Json));
        var slots = arguments.GetValue(_slots) ?? 1;
        if (slots is < 1 or > MostSlots) throw new BadInputException($"--slots takes a number in the range 1 .. {MostSlots}; it was {slots}.");
        var found = StudySource.Find(_surroundings, arguments.GetRequiredValue(_study), _ablation, _changes.Read(arguments));
        var sweep = PreparedSweep.Of(found, arguments.GetValue(_seed) ?? 0, slots, MeasuredSpeed.Of(RunsFolder.FromEnvironment(arguments.GetValue(_runs)), found));
        return arguments.GetValue(_dryRun) ? PlanListing.Show(output, sweep) : Launch(_surroundings, output, arguments, sweep);
    }

    /// <summary>Executes a study.</summary>
    /// <exception cref="MissingComponentException">Always: this build has no host that runs trials.</exception>
    internal static int Launch(Surroundings surroundings, CommandOutput output, ParseResult arguments, PreparedSweep sweep) =>
        throw new MissingComponentException($"This build has no host that runs the {sweep.Plan.Cost.Runs} runs of '{sweep.Found.Name}'. See what they are with --dry-run; train one with: ./repro run {sweep.Study.Experiment} --profile {sweep.Study.Profile}");
}
