using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Studies.Options;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Fetching;

namespace Repro.Cli.Verbs;

/// <summary><c>repro data</c>: which data sets are here, whether they are the right ones, how to get them, and what is in them.</summary>
internal static class DataVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var verb = new Verb("data", "Lists, verifies, fetches and inspects data sets.", "./repro data list", "./repro data fetch cifar-10", "./repro data inspect fashion-mnist --output sheets")
        {
            List(surroundings), Verify(surroundings), Fetch(surroundings), DataInspection.Create(surroundings),
        };
        return verb;
    }

    private static Verb List(Surroundings surroundings)
    {
        var data = SharedOptions.DataDir();
        var verb = new Verb("list", "Lists the data sets that can be read, and where they are on this machine.", "./repro data list", "./repro data list --json") { data };
        verb.SetAction(arguments =>
        {
            var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var listings = DatasetRegistry.List(DataFolders.FromEnvironment(arguments.GetValue(data)));
            var table = new TextTable("data set", "records", "size", "here") { Right = new HashSet<int> { 1, 2 } };
            foreach (var l in listings)
            {
                var here = l.Folder is null ? $"no; ./repro data fetch {l.Name}" : l.MissingFiles.Count == 0 ? l.Folder : $"{l.Folder}, without {string.Join(", ", l.MissingFiles)}";
                table.RowWithNote($"{l.What}. Licence: {l.Licence}.", l.Name, l.Records.ToString(), Words.Bytes(l.Folder is null ? l.DownloadBytes : l.BytesOnDisk), here);
            }
            table.Write(output);
            output.Result(new JsonObject
            {
                ["data_sets"] = new JsonArray(listings.Select(l => (JsonNode)new JsonObject
                {
                    ["name"] = l.Name, ["folder"] = l.Folder, ["records"] = l.Records, ["bytes"] = l.BytesOnDisk, ["download_bytes"] = l.DownloadBytes, ["what"] = l.What,
                    ["licence"] = l.Licence, ["citation"] = l.Citation, ["homepage"] = l.Homepage,
                    ["missing_files"] = new JsonArray(l.MissingFiles.Select(f => (JsonNode)f).ToArray()),
                }).ToArray()),
            });
            return ExitCode.Done;
        });
        return verb;
    }

    private static Verb Verify(Surroundings surroundings)
    {
        var data = SharedOptions.DataDir();
        var names = new Argument<string[]>("NAME") { Description = "Names of data sets; ./repro data list shows them (default: all that are here)", Arity = ArgumentArity.ZeroOrMore };
        var verb = new Verb(
            "verify", "Reads data sets whole and compares every record with the official ones, whatever their order. Ends with 1 where one differs.",
            "./repro data verify", "./repro data verify cifar-10 --json") { names, data };
        verb.SetAction(arguments =>
        {
            var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var folders = DataFolders.FromEnvironment(arguments.GetValue(data));
            var asked = arguments.GetValue(names) ?? [];
            var entries = asked.Length > 0 ? asked.Select(DatasetRegistry.Find).ToList() : DatasetRegistry.Entries.Where(e => e.Find(folders) is not null).ToList();
            if (entries.Count == 0) output.Say($"None of the data sets is here. Looked in {string.Join(", ", folders.Candidates)}.");
            var found = new JsonArray();
            var different = false;
            foreach (var entry in entries)
            {
                var verification = DatasetVerification.Of(entry, entry.Load(folders));
                different |= verification.Verdict == DataVerdict.Different;
                output.Say(verification.Sentence);
                var json = Describe(verification);
                output.Event("verified", json.DeepClone().AsObject());
                found.Add(json);
            }
            output.Result(new JsonObject { ["data_sets"] = found, ["status"] = different ? "different" : entries.Count == 0 ? "missing" : "same" });
            return different ? ExitCode.Failed : entries.Count == 0 ? ExitCode.Missing : ExitCode.Done;
        });
        return verb;
    }

    private static Verb Fetch(Surroundings surroundings)
    {
        var names = new Argument<string[]>("NAME") { Description = "Names of data sets; ./repro data list shows them", Arity = ArgumentArity.OneOrMore };
        var folder = new Option<string?>("--data-dir") { Description = "Folder to put them in (default: REPRO_DATA, otherwise the per-user cache)", HelpName = "DIR" };
        var verb = new Verb(
            "fetch", "Downloads data sets from their official addresses, goes on where an earlier try broke off, and verifies them.",
            "./repro data fetch cifar-10", "./repro data fetch cifar-10 fashion-mnist --data-dir /data --json") { names, folder };
        verb.SetAction(arguments => Fetch(
            surroundings, new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json)),
            arguments.GetRequiredValue(names).Select(DatasetRegistry.Find).ToList(), SharedOptions.Folder("--data-dir", Target(arguments.GetValue(folder)))));
        return verb;
    }

    private static string Target(string? given) =>
        given is { Length: > 0 } ? given : Environment.GetEnvironmentVariable("REPRO_DATA") is { Length: > 0 } set ? set : DataFolders.Cache;

    private static int Fetch(Surroundings surroundings, CommandOutput output, List<DatasetEntry> entries, string folder)
    {
        using var stop = new StopSignals(output, "Stopping: what is downloaded is kept, and the next fetch goes on from there.");
        using var client = new HttpClient();
        var fetcher = new DatasetFetcher(folder, client, surroundings.Time);
        var fetched = new JsonArray();
        foreach (var entry in entries)
        {
            var result = fetcher.FetchAsync(entry, new FetchLines(output, surroundings.Time), stop.Token).GetAwaiter().GetResult();
            output.Say(result.AlreadyThere ? $"{entry.Name} is in {result.Folder} already." : $"{entry.Name} is in {result.Folder}; {Words.Bytes(result.TransferredBytes)} transferred.");
            output.Say(result.Verification.Sentence);
            fetched.Add(new JsonObject
            {
                ["name"] = entry.Name, ["folder"] = result.Folder, ["already_there"] = result.AlreadyThere, ["transferred_bytes"] = result.TransferredBytes,
                ["verdict"] = OptionText.Write(result.Verification.Verdict),
            });
        }
        output.Result(new JsonObject { ["data_sets"] = fetched, ["status"] = "fetched" });
        return ExitCode.Done;
    }

    private static JsonObject Describe(DatasetVerification v) => new()
    {
        ["name"] = v.Name,
        ["folder"] = v.Folder,
        ["verdict"] = OptionText.Write(v.Verdict),
        ["identity"] = v.Identity,
        ["file_order_hash"] = v.FileOrderHash,
        ["splits"] = new JsonArray(v.Splits.Select(s => (JsonNode)new JsonObject { ["name"] = s.Name, ["records"] = s.Records, ["identity"] = s.Actual, ["same"] = s.Same }).ToArray()),
    };

    /// <summary>A line when a phase or a file begins, and every five seconds.</summary>
    private sealed class FetchLines(CommandOutput output, TimeProvider time) : IProgress<FetchProgress>
    {
        private (FetchPhase, string)? _last;
        private long _shown;

        public void Report(FetchProgress value)
        {
            if (_last == (value.Phase, value.File) && time.GetElapsedTime(_shown) < TimeSpan.FromSeconds(5)) return;
            (_last, _shown) = ((value.Phase, value.File), time.GetTimestamp());
            var phase = OptionText.Write(value.Phase);
            output.Say(value.Total > 0 ? $"{phase} {value.File}: {Words.Bytes(value.Bytes)} of {Words.Bytes(value.Total)}" : $"{phase} {value.File}");
            output.Event("progress", new JsonObject { ["phase"] = phase, ["file"] = value.File, ["bytes"] = value.Bytes, ["total"] = value.Total });
        }
    }
}
