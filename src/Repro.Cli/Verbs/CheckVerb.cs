using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Results.Runs;
using Repro.Training;
using Repro.Training.Checks;

namespace Repro.Cli.Verbs;

/// <summary><c>repro check</c>: the recipe's checks on an experiment.</summary>
internal static class CheckVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var experiment = SharedOptions.Experiment();
        var profile = SharedOptions.Profile();
        var set = SharedOptions.Set();
        var conditions = new ConditionOptions();
        var folder = new Option<string?>("--output", "-o") { Description = "Folder for the pictures: the batch as the network sees it, first-layer weights ... (default: checks/EXPERIMENT-PROFILE in the folder of the runs)", HelpName = "DIR" };
        var runs = SharedOptions.Runs();
        var only = new Option<string[]>("--only") { Description = $"Runs only this check; may be repeated: {string.Join(", ", RecipeRunner.Names)}", HelpName = "CHECK", Arity = ArgumentArity.OneOrMore };
        var verb = new Verb(
            "check", "Checks an experiment by the recipe: each check with its measured value, what it must be, and a verdict. Ends with 1 when one fails. ResNet's quick profile takes about two minutes on two cores, its smoke profile seconds; --only asks one check.",
            "./repro check resnet --profile smoke", "./repro check resnet --profile quick --output pictures", "./repro check resnet --only loss-at-init --json") { experiment, profile, set, folder, only, runs };
        conditions.AddTo(verb);
        verb.SetAction(arguments =>
        {
            var chosen = ChosenExperiment.From(surroundings, arguments.GetRequiredValue(experiment), arguments.GetValue(profile), arguments.GetValue(set) ?? []);
            var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var pictures = arguments.GetValue(folder) is { } given ? SharedOptions.Folder("--output", given) : PicturesOf(RunsFolder.FromEnvironment(arguments.GetValue(runs)), chosen);
            return Check(surroundings, output, chosen, conditions.Context(arguments), pictures, arguments.GetValue(only) is { Length: > 0 } names ? names : null);
        });
        return verb;
    }

    private static int Check(
        Surroundings surroundings, CommandOutput output, ChosenExperiment chosen, RunContext context, string folder, string[]? only)
    {
        using var stop = new StopSignals(output, "Stopping after this step; Ctrl-C again stops now.");
        var results = new List<CheckResult>();
        var pictures = 0;
        var checks = new JsonArray();
        try
        {
            new RecipeChecking(surroundings, output).Run(chosen, context, only, folder, Ended, stop.Token);
        }
        catch (OperationCanceledException)
        {
            output.Complain($"Stopped after {results.Count} checks.");
            output.Result(new JsonObject { ["checks"] = checks, ["status"] = "cancelled" });
            return ExitCode.Cancelled;
        }
        var failed = results.Any(r => r.Verdict == CheckVerdict.Failed);
        output.Say();
        output.Say(RecipeChecking.Count(results));
        if (pictures > 0) output.Say($"Pictures: {folder}");
        output.Result(new JsonObject { ["checks"] = checks, ["status"] = failed ? "failed" : "passed", ["pictures"] = pictures > 0 ? folder : null });
        return failed ? ExitCode.Failed : ExitCode.Done;

        void Ended(CheckResult check, IReadOnlyList<string> files)
        {
            results.Add(check);
            pictures += files.Count;
            checks.Add(RecipeChecking.Describe(check, files));
        }
    }

    /// <summary>Where the pictures go that are drawn for no run.</summary>
    public static string PicturesOf(RunsFolder runs, ChosenExperiment chosen) => Path.Combine(runs.Path, "checks", $"{chosen.Experiment.Name}-{chosen.Profile.Name}");
}
