using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Figures.Images;
using Repro.Studies;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Inspection;

namespace Repro.Cli.Verbs;

/// <summary><c>repro data inspect</c>: balance, ranges, outliers and duplicates of a data set, and sheets of its images.</summary>
internal static class DataInspection
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Verb Create(Surroundings surroundings)
    {
        var data = SharedOptions.DataDir();
        var name = new Argument<string>("NAME") { Description = "Name of the data set; ./repro data list shows them" };
        var folder = new Option<string?>("--output", "-o") { Description = "Folder for sheets of examples, outliers and near duplicates (PNG)", HelpName = "DIR" };
        var verb = new Verb(
            "inspect", "Looks at every record: class balance, value ranges, outliers, duplicates within and across splits (near ones too).",
            "./repro data inspect cifar-10", "./repro data inspect cifar-10 --output sheets --json") { name, folder, data };
        verb.SetAction(arguments => Inspect(
            surroundings, new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json)), DatasetRegistry.Find(arguments.GetRequiredValue(name)),
            DataFolders.FromEnvironment(arguments.GetValue(data)), arguments.GetValue(folder) is { } given ? SharedOptions.Folder("--output", given) : null));
        return verb;
    }

    private static int Inspect(Surroundings surroundings, CommandOutput output, DatasetEntry entry, DataFolders folders, string? folder)
    {
        using var stop = new StopSignals(output, "Stopping.");
        if (entry.NearDuplicates is not { } nearness) throw new BadInputException($"The data set {entry.Name} holds no images, and only images are inspected. Whether it is whole and the right one: ./repro data verify {entry.Name}");
        var dataset = entry.LoadImages(folders);
        var inspection = DatasetInspector.Inspect(dataset, nearness, new InspectionLines(output, surroundings.Time), stop.Token);
        output.Say($"{inspection.Name} in {inspection.Folder}: {inspection.Shape}, identity {inspection.Identity}");
        foreach (var split in inspection.Splits) Say(output, split);
        Say(output, inspection.Duplicates);
        output.Say();
        foreach (var rule in inspection.Rules) output.Say(rule);
        var files = folder is null ? [] : Sheets(dataset, inspection, folder);
        if (files.Count > 0) output.Say($"Sheets: {string.Join(", ", files)}");
        else output.Say("Sheets of examples, outliers and near duplicates: add --output DIR.");
        var json = JsonSerializer.SerializeToNode(inspection, SnakeCase)!.AsObject();
        json["sheets"] = new JsonArray(files.Select(f => (JsonNode)f).ToArray());
        output.Result(json);
        return ExitCode.Done;
    }

    private static void Say(CommandOutput output, SplitInspection split)
    {
        output.Say();
        output.Say($"{split.Name}: {split.Count} records, bytes {split.Min} .. {split.Max}, {split.OutlierCount} outliers");
        output.Say($"  mean and deviation by channel: {string.Join(", ", split.Channels.Select(c => $"{Words.Number(c.Mean)} +- {Words.Number(c.Deviation)}"))}");
        var table = new TextTable("class", "records", "share") { Right = new HashSet<int> { 1, 2 } };
        foreach (var c in split.Classes) table.Row(c.Class, c.Count.ToString(), Words.Number(100 * c.Share) + "%");
        table.Write(output);
    }

    private static void Say(CommandOutput output, DuplicateFindings duplicates)
    {
        output.Say();
        var table = new TextTable("duplicates", "exact groups", "with other labels", "near pairs", "with other labels") { Right = new HashSet<int> { 1, 2, 3, 4 } };
        foreach (var c in duplicates.ByPlace) table.Row(c.Place, c.ExactGroups.ToString(), c.ExactConflicts.ToString(), c.NearPairs.ToString(), c.NearConflicts.ToString());
        table.Write(output);
        output.Say($"{duplicates.TestExamplesInTrain} test examples have an equal or nearly equal image in train.");
    }

    private static List<string> Sheets(ImageDataset dataset, DatasetInspection inspection, string folder)
    {
        Directory.CreateDirectory(folder);
        var files = new List<string>();
        foreach (var split in inspection.Splits)
        {
            Write($"{dataset.Name}-{split.Name}-examples.png", InspectionSheets.Examples(dataset, dataset.Split(split.Name)));
            Write($"{dataset.Name}-{split.Name}-outliers.png", InspectionSheets.Outliers(dataset, split));
        }
        Write($"{dataset.Name}-near-duplicates.png", InspectionSheets.NearPairs(dataset, inspection.Duplicates));
        return files;

        void Write(string name, RgbImage? image)
        {
            if (image is null) return;
            var file = Path.Combine(folder, name);
            ImageFile.WritePng(image, file);
            files.Add(file);
        }
    }

    /// <summary>A line every fifteen seconds.</summary>
    private sealed class InspectionLines(CommandOutput output, TimeProvider time) : IProgress<InspectionProgress>
    {
        private readonly Lock _lines = new();
        private long _shown;

        public void Report(InspectionProgress value)
        {
            lock (_lines)
            {
                if (time.GetElapsedTime(_shown) < TimeSpan.FromSeconds(15)) return;
                _shown = time.GetTimestamp();
                output.Say($"{value.Part}: {100 * value.Share:0}%");
            }
        }
    }
}
