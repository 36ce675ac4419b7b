using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies.Runs;

namespace Repro.Cli.Verbs;

/// <summary><c>repro clean</c>: shows what the retention rule lets go, and frees it when told so.</summary>
internal static class CleanVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var runs = SharedOptions.Runs();
        var yes = new Option<bool>("--yes", "-y") { Description = "Frees the space; without it nothing is touched" };
        var dry = new Option<bool>("--dry-run") { Description = "Only shows (the default)" };
        var which = new Argument<string[]>("RUN") { Description = "Only these runs (default: all)", Arity = ArgumentArity.ZeroOrMore };
        var verb = new Verb(
            "clean", $"Shows, and with --yes frees, the space of old checkpoints. The rule: {Retention.Rule}. A running run keeps everything; metrics, events, predictions, figures and reports always stay.",
            "./repro clean", "./repro clean --yes", "./repro clean last --json") { which, runs, yes, dry };
        verb.SetAction(arguments => Clean(
            new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json)), RunsFolder.FromEnvironment(arguments.GetValue(runs)),
            arguments.GetValue(runs) is { } named ? $" --runs {Words.Shell(named)}" : "", arguments.GetValue(which) ?? [], arguments.GetValue(yes) && !arguments.GetValue(dry)));
        return verb;
    }

    private static int Clean(CommandOutput output, RunsFolder runs, string commandOptions, string[] which, bool free)
    {
        var folders = which.Length > 0 ? which.Select(runs.Find).Distinct() : runs.Ids().Select(runs.FolderOf);
        var files = new List<FreeableFile>();
        var failures = 0;
        foreach (var folder in folders) Add(() => free ? RunCleaning.Free(folder) : RunCleaning.Freeable(RunFolderReader.Read(folder)));
        if (which.Length == 0)
        {
            foreach (var folder in RunCleaning.Unbegun(runs)) Add(() => free ? RunCleaning.FreeUnbegun(folder) : RunCleaning.UnbegunFiles(folder));
        }

        void Add(Func<IReadOnlyList<FreeableFile>> look)
        {
            try
            {
                files.AddRange(look());
            }
            catch (Exception e) when (e is Repro.Studies.BadInputException or StorageException or IOException or UnauthorizedAccessException && which.Length == 0)
            {
                // One run in use or damaged does not keep the others from being cleaned.
                output.Complain($"Left out: {Failures.Sentence(e)}");
                failures++;
            }
        }
        if (files.Count > 0)
        {
            var table = new TextTable("run", "file", "size", "why") { Right = new HashSet<int> { 2 } };
            foreach (var file in files) table.Row(file.Run, Path.GetRelativePath(runs.FolderOf(file.Run), file.File), Words.Bytes(file.Bytes), file.Reason);
            table.Write(output);
        }
        var total = files.Sum(f => f.Bytes);
        output.Say(files.Count == 0 ? $"Nothing to free in {runs.Path}{(failures > 0 ? $", apart from {failures} that could not be looked at" : "")}."
            : free ? $"Freed {Words.Bytes(total)} in {files.Count} files."
            : $"{Words.Bytes(total)} in {files.Count} files can be freed: ./repro clean{string.Concat(which.Select(w => " " + w))} --yes{commandOptions}");
        output.Result(new JsonObject
        {
            ["status"] = free ? "freed" : "shown",
            ["bytes"] = total,
            ["files"] = new JsonArray(files.Select(f => (JsonNode)new JsonObject { ["run"] = f.Run, ["file"] = f.File, ["bytes"] = f.Bytes, ["reason"] = f.Reason }).ToArray()),
            ["left_out"] = failures,
        });
        return ExitCode.Done;
    }
}
