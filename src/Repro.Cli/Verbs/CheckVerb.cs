using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Figures;
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
        var folder = new Option<string?>("--output", "-o") { Description = "Folder for the pictures: the batch as the network sees it, first-layer weights ...", HelpName = "DIR" };
        var only = new Option<string[]>("--only") { Description = $"Runs only this check; may be repeated: {string.Join(", ", RecipeRunner.Names)}", HelpName = "CHECK", Arity = ArgumentArity.OneOrMore };
        var verb = new Verb(
            "check", "Checks an experiment by the recipe: each check with its measured value, what was expected, and a verdict. Ends with 1 when one fails.",
            "./repro check resnet --profile smoke", "./repro check resnet --profile quick --output checks", "./repro check resnet --only loss-at-init --json") { experiment, profile, set, folder, only };
        conditions.AddTo(verb);
        verb.SetAction(arguments =>
        {
            var chosen = ChosenExperiment.From(surroundings, arguments.GetRequiredValue(experiment), arguments.GetValue(profile), arguments.GetValue(set) ?? []);
            return Check(surroundings, new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json)), chosen, conditions.Context(arguments), arguments.GetValue(folder), arguments.GetValue(only) is { Length: > 0 } names ? names : null);
        });
        return verb;
    }

    private static int Check(
        Surroundings surroundings, CommandOutput output, ChosenExperiment chosen, RunContext context, string? folder, string[]? only)
    {
        using var stop = new StopSignals(output, "Stopping after this step; Ctrl-C again stops now.");
        var files = new List<string>();
        var results = new List<CheckResult>();
        var checks = new JsonArray();
        output.Say($"{chosen.Experiment.Name}, profile {chosen.Profile.Name}: the recipe's checks.");
        try
        {
            surroundings.Check(chosen.Experiment, chosen.Options, context, only, Show, stop.Token);
        }
        catch (OperationCanceledException)
        {
            output.Complain($"Stopped after {results.Count} checks.");
            output.Result(new JsonObject { ["checks"] = checks, ["status"] = "cancelled" });
            return ExitCode.Cancelled;
        }
        var failed = results.Where(r => r.Verdict == CheckVerdict.Failed).ToList();
        output.Say();
        output.Say(failed.Count == 0
            ? $"All checks that can fail passed ({results.Count(r => r.Verdict == CheckVerdict.Passed)})."
            : $"{failed.Count} failed: {string.Join(", ", failed.Select(f => f.Name))}.");
        if (files.Count > 0) output.Say($"Pictures to look at: {string.Join(", ", files)}");
        else if (folder is null && results.Any(r => r.Figures.Count > 0)) output.Say("There are pictures to look at: add --output DIR.");
        output.Result(new JsonObject { ["checks"] = checks, ["status"] = failed.Count == 0 ? "passed" : "failed" });
        return failed.Count == 0 ? ExitCode.Done : ExitCode.Failed;

        void Show(CheckResult check)
        {
            results.Add(check);
            var drawn = folder is null ? [] : Draw(surroundings, output, check, folder);
            files.AddRange(drawn);
            var value = double.IsNaN(check.Value) ? "" : Words.Number(check.Value);
            output.Say($"{Word(check.Verdict),-8}{check.Name,-28} {value,10}  expected {check.Expected}");
            if (check.Verdict is CheckVerdict.Failed or CheckVerdict.NotApplicable) output.Say($"        {check.Question} {check.Detail}");
            var json = new JsonObject { ["name"] = check.Name };
            CommandOutput.Number(json, "value", check.Value);
            json["expected"] = check.Expected;
            json["verdict"] = Studies.Options.OptionText.Write(check.Verdict);
            json["question"] = check.Question;
            json["detail"] = check.Detail;
            json["figures"] = new JsonArray(drawn.Select(f => (JsonNode)f).ToArray());
            checks.Add(json.DeepClone());
            output.Event("check", json);
        }
    }

    private static List<string> Draw(Surroundings surroundings, CommandOutput output, CheckResult check, string folder)
    {
        var files = new List<string>();
        foreach (var figure in check.Figures)
        {
            try
            {
                Directory.CreateDirectory(folder);
                files.AddRange(surroundings.Renderer().Render(figure, Path.GetFullPath(folder), FigureFormat.Png));
            }
            catch (FigureException e)
            {
                output.Complain($"The figure {figure.Name} could not be drawn: {e.Message}");
            }
        }
        return files;
    }

    private static string Word(CheckVerdict verdict) => verdict switch
    {
        CheckVerdict.Passed => "passed",
        CheckVerdict.Failed => "FAILED",
        CheckVerdict.Look => "look",
        _ => "n/a",
    };
}
