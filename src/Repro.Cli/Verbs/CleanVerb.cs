using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies;
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
        var cleaning = new Cleaning(output, named: which.Length > 0);
        foreach (var folder in which.Length > 0 ? which.Select(text => runs.Find(text)).Distinct() : runs.Ids().Select(runs.FolderOf))
        {
            cleaning.Look(() => free ? cleaning.Free(folder) : RunCleaning.Freeable(RunFolderReader.Read(folder)), () => RunFolderReader.Read(folder));
        }
        if (which.Length == 0)
        {
            foreach (var folder in RunCleaning.Unbegun(runs)) cleaning.Look(() => free ? RunCleaning.FreeUnbegun(folder) : RunCleaning.UnbegunFiles(folder), () => null);
        }
        var (files, total) = (cleaning.Files, cleaning.Files.Sum(f => f.Bytes));
        if (files.Count > 0)
        {
            var table = new TextTable("run", "file", "size", "why") { Right = new HashSet<int> { 2 } };
            foreach (var file in files) table.Row(file.Run, Path.GetRelativePath(runs.FolderOf(file.Run), file.File), Words.Bytes(file.Bytes), file.Reason);
            table.Write(output);
        }
        output.Say(files.Count == 0 && cleaning.Kept.Count > 0 ? "Nothing was freed."
            : files.Count == 0 ? $"Nothing to free in {runs.Path}{(cleaning.LeftOut > 0 ? $", apart from {cleaning.LeftOut} that could not be looked at" : "")}."
            : free ? $"Freed {Words.Bytes(total)} in {files.Count} files."
            : $"{Words.Bytes(total)} in {files.Count} files can be freed: ./repro clean{string.Concat(which.Select(w => " " + w))} --yes{commandOptions}");
        output.Result(new JsonObject
        {
            ["status"] = free ? "freed" : "shown",
            ["bytes"] = total,
            ["files"] = new JsonArray(files.Select(f => (JsonNode)new JsonObject { ["run"] = f.Run, ["file"] = f.File, ["bytes"] = f.Bytes, ["reason"] = f.Reason }).ToArray()),
            ["left_out"] = cleaning.LeftOut,
            ["not_freed"] = new JsonArray(cleaning.Kept.Select(f => (JsonNode)f.File).ToArray()),
            ["damaged"] = new JsonArray(cleaning.Damaged.Select(file => (JsonNode)file).ToArray()),
        });
        return cleaning.Kept.Count > 0 ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>What one call found, run by run.</summary>
    /// <param name="named">Runs were asked for by name: what is wrong with one is this command's own failure.</param>
    private sealed class Cleaning(CommandOutput output, bool named)
    {
        public List<FreeableFile> Files { get; } = [];

        /// <summary>What could go, and the operating system keeps.</summary>
        public List<FreeableFile> Kept { get; } = [];

        public List<string> Damaged { get; } = [];

        /// <summary>Runs that could not be looked at.</summary>
        public int LeftOut { get; private set; }

        public void Look(Func<IReadOnlyList<FreeableFile>> files, Func<RunRecord?> after)
        {
            try
            {
                Files.AddRange(files());
                if (after() is not { } run) return;
                foreach (var file in RunCleaning.Damaged(run).Where(file => !Files.Exists(f => f.File == file)))
                {
                    Damaged.Add(file);
                    output.Complain($"{file} is damaged; it is not what the run recorded, and nothing can go on from it.");
                }
            }
            catch (Exception e) when (e is BadInputException or StorageException or IOException or UnauthorizedAccessException && !named)
            {
                // One run in use or damaged does not keep the others from being cleaned.
                output.Complain($"Left out: {Failures.Sentence(e)}");
                LeftOut++;
            }
        }

        public IReadOnlyList<FreeableFile> Free(string folder)
        {
            try
            {
                return RunCleaning.Free(folder, (file, e) => Keep(file, StorageException.Reason(e)));
            }
            catch (StorageException e)
            {
                // No lock, as on a read-only file system: only what would have gone is missed.
                foreach (var file in RunCleaning.Freeable(RunFolderReader.Read(folder))) Keep(file, e.InnerException is { } cause ? StorageException.Reason(cause) : e.Message);
                return [];
            }
        }

        private void Keep(FreeableFile file, string reason)
        {
            Kept.Add(file);
            output.Complain($"Cannot free {file.File} ({Words.Bytes(file.Bytes)}): {reason}.");
        }
    }
}
