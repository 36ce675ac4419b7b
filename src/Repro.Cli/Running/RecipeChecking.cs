using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Verbs;
using Repro.Figures;
using Repro.Results.Runs;
using Repro.Training;
using Repro.Training.Checks;

namespace Repro.Cli.Running;

/// <summary>Runs the recipe's checks, shows each as it ends, and draws their pictures.</summary>
internal sealed class RecipeChecking(Surroundings surroundings, CommandOutput output)
{
    /// <param name="only">Names of the checks to run; null for all.</param>
    /// <param name="folder">Where the pictures of each check go as it ends; null draws none.</param>
    /// <param name="ended">Called with each check and its picture files.</param>
    /// <exception cref="OperationCanceledException">It was stopped; what had ended was told to <paramref name="ended"/>.</exception>
    public IReadOnlyList<CheckResult> Run(
        ChosenExperiment chosen, RunContext context, IReadOnlyCollection<string>? only, string? folder, Action<CheckResult, IReadOnlyList<string>> ended, CancellationToken stop)
    {
        output.Say($"{chosen.Experiment.Name}, profile {chosen.Profile.Name}: the recipe's checks.");
        return surroundings.Check(chosen.Experiment, chosen.Options, context, only, Show, stop);

        void Show(CheckResult check)
        {
            var files = folder is null ? [] : Draw(check.Figures, folder);
            Say(check, files);
            output.Event("check", Describe(check, files));
            ended(check, files);
        }
    }

    /// <returns>Full paths of what could be drawn; what could not is said, and fails nothing.</returns>
    public IReadOnlyList<string> Draw(IEnumerable<Figure> figures, string folder)
    {
        var files = new List<string>();
        foreach (var figure in figures)
        {
            try
            {
                Directory.CreateDirectory(folder);
                files.AddRange(surroundings.Renderer().Render(figure, Path.GetFullPath(folder), FigureFormat.Png));
            }
            catch (Exception e) when (e is FigureException or IOException or UnauthorizedAccessException)
            {
                output.Complain($"The picture {figure.Name} could not be drawn: {(e is FigureException ? e.Message : StorageException.Reason(e))}");
            }
        }
        return files;
    }

    /// <summary>10 passed, 1 failed (loss-at-init), 2 to look at.</summary>
    public static string Count(IReadOnlyList<CheckResult> results)
    {
        var failed = results.Where(r => r.Verdict == CheckVerdict.Failed).Select(r => r.Name).ToList();
        string?[] parts =
        [
            $"{results.Count(r => r.Verdict == CheckVerdict.Passed)} passed",
            failed.Count > 0 ? $"{failed.Count} failed ({string.Join(", ", failed)})" : "none failed",
            results.Count(r => r.Verdict == CheckVerdict.Look) is > 0 and var look ? $"{look} for you to judge by {(look == 1 ? "its picture" : "their pictures")}" : null,
            results.Count(r => r.Verdict == CheckVerdict.NotApplicable) is > 0 and var none ? $"{none} not applicable" : null,
        ];
        return string.Join(", ", parts.OfType<string>()) + ".";
    }

    public static JsonObject Describe(CheckResult check, IReadOnlyList<string> files)
    {
        var json = new JsonObject { ["name"] = check.Name };
        CommandOutput.Number(json, "value", check.Value);
        json["expected"] = check.Expected;
        json["verdict"] = Studies.Options.OptionText.Write(check.Verdict);
        json["question"] = check.Question;
        json["detail"] = check.Detail;
        json["figures"] = new JsonArray(files.Select(f => (JsonNode)f).ToArray());
        return json;
    }

    private void Say(CheckResult check, IReadOnlyList<string> files)
    {
        var (word, verdict) = check.Verdict switch
        {
            CheckVerdict.Passed => ("passed", $"measured {Value(check)}, must be {check.Expected}"),
            CheckVerdict.Failed => ("FAILED", $"measured {Value(check)}, must be {check.Expected}"),
            CheckVerdict.Look => ("look", files.Count > 0 ? $"judge for yourself: {string.Join(", ", files.Select(Path.GetFileName))}" : "judge for yourself by its picture"),
            _ => ("n/a", "cannot be asked of this model"),
        };
        output.Say($"{word,-7} {check.Name,-22} {verdict}");
        foreach (var line in TextLines.Wrap($"{check.Question} {check.Detail}", output.Width - 8, breakWords: false)) output.Say("        " + line);
    }

    private static string Value(CheckResult check) => double.IsNaN(check.Value) ? "nothing" : Words.Number(check.Value);
}
