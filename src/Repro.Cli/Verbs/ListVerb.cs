using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Reports.Claims;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Training;

namespace Repro.Cli.Verbs;

/// <summary><c>repro list</c>: experiments with profiles and claims, or the runs.</summary>
internal static class ListVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var name = new Argument<string?>("EXPERIMENT") { Description = "Only this one, or that of a paper, with its profiles, studies, ablations and claims", Arity = ArgumentArity.ZeroOrOne };
        var runs = new Option<string?>("--runs")
        {
            Description = "Lists the runs instead: those in DIR (default: REPRO_RUNS, or runs/ beside the program)", HelpName = "[DIR]", Arity = ArgumentArity.ZeroOrOne,
        };
        var claims = new Option<bool>("--claims") { Description = "Lists the claims of the papers instead, each with the verdict that the committed results give it" };
        var verb = new Verb(
            "list", "Lists the experiments with their profiles and the claims of their papers, or the runs, or the claims with their verdicts.",
            "./repro list", "./repro list resnet", "./repro list --claims", "./repro list --runs", "./repro list resnet --runs results --json") { name, claims, runs };
        verb.SetAction(arguments =>
        {
            var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            if (arguments.GetResult(runs) is not null) return Runs(surroundings, output, Folder(surroundings, arguments.GetValue(runs)), arguments.GetValue(name));
            if (arguments.GetValue(claims)) return ClaimList.Write(surroundings, output, arguments.GetValue(name) is { } of ? ChosenExperiment.Find(surroundings, Papers.ExperimentOf(of) ?? of).Name : null);
            return arguments.GetValue(name) is { } one ? One(surroundings, output, ChosenExperiment.Find(surroundings, Papers.ExperimentOf(one) ?? one)) : All(surroundings, output);
        });
        return verb;
    }

    private static int All(Surroundings surroundings, CommandOutput output)
    {
        var experiments = surroundings.Experiments();
        var table = new TextTable("experiment", "what it is", "profiles", "claims");
        var (described, broken) = (new JsonArray(), false);
        foreach (var experiment in experiments)
        {
            var claims = "?";
            try
            {
                var one = Describe(surroundings, experiment);
                described.Add(one);
                claims = one["claims"]!.AsArray().Count.ToString();
            }
            catch (BadInputException e)
            {
                // The others are none the worse for it.
                broken = true;
                output.Complain(e.Message);
            }
            table.Row(experiment.Name, experiment.Title, string.Join(", ", experiment.Profiles.Select(p => p.Name)), claims);
        }
        if (experiments.Count == 0) output.Say("This build has no experiments.");
        else table.Write(output);
        output.Result(new JsonObject { ["experiments"] = described });
        return broken ? ExitCode.BadInput : ExitCode.Done;
    }

    private static int One(Surroundings surroundings, CommandOutput output, Experiment experiment)
    {
        output.Say($"{experiment.Name}: {experiment.Title}");
        output.Say();
        var profiles = new TextTable("profile", "what it is");
        foreach (var profile in experiment.Profiles) profiles.Row(profile.Name, profile.Description);
        profiles.Write(output);
        Sweeps(output, "study", "question", experiment.Studies.Select(s => ($"{experiment.Name}/{s.Name}", s.Question)));
        Sweeps(output, "ablation", "question", experiment.Ablations.Select(a => ($"{experiment.Name}/{a.Name}", $"{a.Question} Arms: {string.Join(", ", a.Arms.Select(arm => arm.Name))}.")));
        foreach (var (name, card) in Papers.OfEach(surroundings, experiment.Name))
        {
            output.Say();
            output.Say($"{card.Title} ({card.Authors}, {card.Year}): ./repro report {name}");
            var table = new TextTable("claim", "value", "stands");
            foreach (var claim in card.Claims) table.RowWithNote(claim.Statement, claim.Id, JudgementText.Paper(claim), claim.Stands);
            table.Write(output);
        }
        output.Result(Describe(surroundings, experiment));
        return ExitCode.Done;
    }

    private static void Sweeps(CommandOutput output, string what, string question, IEnumerable<(string Name, string Question)> rows)
    {
        var table = new TextTable(what, question);
        var any = false;
        foreach (var (name, asked) in rows)
        {
            table.Row(name, asked);
            any = true;
        }
        if (!any) return;
        output.Say();
        table.Write(output);
    }

    /// <summary>The metric that its experiment's runs are judged by; where the run has none, the one that comes nearest.</summary>
    private static string FirstScore(Surroundings surroundings, RunRecord run)
    {
        var experiment = surroundings.Experiments().FirstOrDefault(e => e.Name == run.Experiment);
        return ScoreText.Ordered(run.Scores, experiment?.MainMetric ?? "").Select(score => $"{score.Key} {ScoreText.WithUnit(score.Key, score.Value, experiment?.LossUnit ?? "")}").FirstOrDefault("");
    }

    private static JsonObject Describe(Surroundings surroundings, Experiment experiment) => new()
    {
        ["name"] = experiment.Name,
        ["title"] = experiment.Title,
        ["main_metric"] = experiment.MainMetric,
        ["profiles"] = new JsonArray(experiment.Profiles.Select(p => (JsonNode)new JsonObject { ["name"] = p.Name, ["description"] = p.Description }).ToArray()),
        ["studies"] = new JsonArray(experiment.Studies.Select(s => (JsonNode)new JsonObject { ["name"] = $"{experiment.Name}/{s.Name}", ["question"] = s.Question }).ToArray()),
        ["ablations"] = new JsonArray(experiment.Ablations.Select(a => (JsonNode)new JsonObject
        {
            ["name"] = $"{experiment.Name}/{a.Name}", ["question"] = a.Question, ["arms"] = new JsonArray(a.Arms.Select(arm => (JsonNode)arm.Name).ToArray()),
        }).ToArray()),
        ["claims"] = new JsonArray(Papers.ClaimsOfEach(surroundings, experiment.Name).Select(c => (JsonNode)new JsonObject
        {
            ["id"] = c.Id, ["statement"] = c.Statement, ["stands"] = c.Stands, ["metric"] = c.Metric, ["split"] = c.Split, ["value"] = c.Value, ["unit"] = c.Unit,
        }).ToArray()),
    };

    private static RunsFolder Folder(Surroundings surroundings, string? given)
    {
        if (given is not null && !Path.Exists(given) && surroundings.Experiments().Any(e => e.Name == given))
            throw new BadInputException($"--runs takes a folder of runs; there is no folder '{given}'. The runs of the experiment: ./repro list {given} --runs");
        return RunsFolder.FromEnvironment(given);
    }

    private static int Runs(Surroundings surroundings, CommandOutput output, RunsFolder runs, string? experiment)
    {
        if (experiment is not null) _ = ChosenExperiment.Find(surroundings, experiment);
        var table = new TextTable("run", "state", "steps", "trained", "score") { Right = new HashSet<int> { 2, 3 } };
        var listed = new JsonArray();
        foreach (var id in runs.Ids().Where(id => experiment is null || id.StartsWith(experiment + "-", StringComparison.Ordinal)))
        {
            try
            {
                var run = RunFolderReader.Read(runs.FolderOf(id));
                var step = run.Metrics.Select(point => point.Step).Concat(run.Attempts.SelectMany(attempt => attempt.Checkpoints).Select(checkpoint => checkpoint.Step)).DefaultIfEmpty(0).Max();
                table.Row(id, run.Attempts.Count > 1 ? $"{run.StateWord}, {run.Attempts.Count} attempts" : run.StateWord, step.ToString(), Words.Duration(run.Trained), FirstScore(surroundings, run));
                var scores = new JsonObject();
                foreach (var (name, value) in run.Scores) CommandOutput.Number(scores, name, value);
                listed.Add(new JsonObject { ["run"] = id, ["status"] = run.StateWord, ["folder"] = run.Folder, ["step"] = step, ["metrics"] = scores, ["failure"] = run.Failure });
            }
            catch (BadInputException e)
            {
                table.RowWithNote(e.Message, id, "corrupt", "", "", "");
                listed.Add(new JsonObject { ["run"] = id, ["status"] = "corrupt", ["folder"] = runs.FolderOf(id), ["failure"] = e.Message });
            }
        }
        if (listed.Count == 0) output.Say($"There are no runs in {runs.Path}.");
        else table.Write(output);
        output.Result(new JsonObject { ["runs"] = listed });
        return ExitCode.Done;
    }
}
