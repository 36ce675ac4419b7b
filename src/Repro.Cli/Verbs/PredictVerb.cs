using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Cli.Sweeping;
using Repro.Figures.Images;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Formats;
using Repro.Training;

namespace Repro.Cli.Verbs;

/// <summary><c>repro predict</c>: what a trained run says of a person's own images or texts.</summary>
internal static class PredictVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var run = SharedOptions.Run();
        var images = new Argument<string[]>("IMAGE") { Description = "Image files: PNG, JPEG, BMP, GIF (its first picture), binary PPM or PGM", Arity = ArgumentArity.ZeroOrMore };
        var texts = new Option<string[]>("--text", "-t") { Description = "A text of your own, for models of language; may be repeated", HelpName = "TEXT", Arity = ArgumentArity.OneOrMore };
        var runs = SharedOptions.Runs();
        var store = SweepStores.Option();
        var objects = SiloRecords.Option();
        var top = new Option<int>("--top") { Description = "Classes shown for each input, at least 1", HelpName = "N", DefaultValueFactory = _ => 3 };
        var conditions = new ConditionOptions();
        var verb = new Verb(
            "predict", "Asks a trained run about images or texts of your own.",
            "./repro predict last cat.png dog.jpg", "./repro predict resnet-quick photo.png --top 5 --json", "./repro predict lstm-quick --text \"the company said it\"")
        {
            run, images, texts, runs, store, objects, top,
        };
        conditions.AddTo(verb, seed: false);
        verb.SetAction(arguments =>
        {
            var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var records = new SiloRecords(arguments.GetValue(objects), output.Complain);
            var named = arguments.GetRequiredValue(run);
            var (files, given, most) = (arguments.GetValue(images) ?? [], arguments.GetValue(texts) ?? [], AtLeastOne(arguments.GetValue(top)));
            string? experiment = null;
            // As with ./repro sample, the experiment may stand before the run: the second word is a run unless it reads as a file, there or not.
            if (surroundings.Experiments().Any(known => known.Name == named) && files is [var second, ..] && (given.Length > 0 || !(Path.HasExtension(second) || File.Exists(second))))
                (experiment, named, files) = (named, second, files[1..]);
            if (files.Length == 0 == (given.Length == 0))
                throw new BadInputException(files.Length == 0 ? "Name what to predict: image files, or --text \"...\" for models of language." : "A run takes images or texts, not both; leave the files or --text out.");
            RunRecord Find() => TrainedRun.Find(surroundings, RunsFolder.FromEnvironment(arguments.GetValue(runs)), named, arguments.GetValue(store), records, experiment);
            var found = Find();
            // Read the images first: a wrong name should not wait for the engine.
            var read = files.Select(Read).ToList();
            foreach (var (file, image) in files.Zip(read)) SayIfSqueezed(output, file, image);
            var trained = TrainedRun.Load(surroundings, output, found, "predict with", Find, Words.Shell(named) + SweepStores.Options(arguments.GetValue(store), arguments.GetValue(runs)));
            var context = trained.On(conditions.Context(arguments)) with { Seed = found.Seed };
            return given.Length > 0 ? PredictTexts(output, trained, given, context, most) : Predict(output, trained, files, read, context, most);
        });
        return verb;
    }

    private static int AtLeastOne(int top) => top >= 1 ? top : throw new BadInputException($"--top takes a number of classes, at least 1; it was {top}.");

    private static int Predict(CommandOutput output, TrainedRun trained, string[] files, IReadOnlyList<RgbImage> images, RunContext context, int top)
    {
        var predictions = trained.Chosen.Experiment.Predict(trained.Chosen.Options, context, trained.Checkpoint, images);
        var measured = predictions.SelectMany(prediction => prediction.Metrics.Keys).Distinct().ToList();
        var classifies = predictions.Any(prediction => prediction.Classes.Count > 0);
        var table = new TextTable(["image", .. classifies ? ["class", "probability", "then"] : Array.Empty<string>(), .. measured.Select(name => name.Replace('_', ' '))]) { Right = new HashSet<int> { classifies ? 2 : 1 } };
        var listed = new JsonArray();
        foreach (var (file, prediction) in files.Zip(predictions))
        {
            var values = measured.Select(name => prediction.Metrics.TryGetValue(name, out var value) ? Words.Number(value) : "");
            var image = new JsonObject { ["image"] = Path.GetFullPath(file) };
            if (prediction.Classes is [var (best, probability), ..])
            {
                table.Row([file, best, Percent(probability), Then(prediction.Classes, top), .. values]);
                (image["class"], image["probability"], image["classes"]) = (best, probability, Json(prediction.Classes));
            }
            else
            {
                table.Row([file, .. values]);
            }
            if (prediction.Metrics.Count > 0) image["metrics"] = Json(prediction.Metrics);
            listed.Add(image);
        }
        table.Write(output);
        output.Result(new JsonObject { ["run"] = trained.Run.Id, ["step"] = trained.Step, ["predictions"] = listed });
        return ExitCode.Done;
    }

    private static int PredictTexts(CommandOutput output, TrainedRun trained, string[] texts, RunContext context, int top)
    {
        var predictions = trained.Chosen.Experiment.PredictTexts(trained.Chosen.Options, context, trained.Checkpoint, texts);
        var listed = new JsonArray();
        foreach (var (text, prediction) in texts.Zip(predictions))
        {
            foreach (var warning in prediction.Warnings) output.Complain(warning);
            output.Say(text);
            if (prediction.Answer is { } answer) output.Say($"  {answer}");
            foreach (var (name, value) in prediction.Metrics) output.Say($"  {name.Replace('_', ' ')} {Words.Number(value)}");
            if (prediction.Classes is [var (best, probability), ..]) output.Say($"  {best} {Percent(probability)}{(top > 1 ? ", " + Then(prediction.Classes, top) : "")}");
            listed.Add(new JsonObject
            {
                ["text"] = text, ["answer"] = prediction.Answer, ["classes"] = Json(prediction.Classes.Take(top)),
                ["metrics"] = Json(prediction.Metrics),
            });
        }
        output.Result(new JsonObject { ["run"] = trained.Run.Id, ["step"] = trained.Step, ["predictions"] = listed });
        return ExitCode.Done;
    }

    private static string Then(IReadOnlyList<(string Class, double Probability)> classes, int top) =>
        string.Join(", ", classes.Skip(1).Take(top - 1).Select(c => $"{c.Class} {Percent(c.Probability)}"));

    private static JsonObject Json(IEnumerable<(string Class, double Probability)> classes)
    {
        var json = new JsonObject();
        foreach (var (name, share) in classes) json[name] = share;
        return json;
    }

    private static JsonObject Json(IReadOnlyDictionary<string, double> metrics) =>
        new(metrics.Select(metric => KeyValuePair.Create(metric.Key, (JsonNode?)JsonValue.Create(double.IsFinite(metric.Value) ? metric.Value : null))));

    private static RgbImage Read(string file)
    {
        if (Directory.Exists(file)) throw new BadInputException($"{Path.GetFullPath(file)} is a folder; name image files, for example {Words.Shell(Path.Combine(file, "cat.png"))}.");
        if (!File.Exists(file)) throw new BadInputException($"There is no image {Path.GetFullPath(file)}.");
        RegularFile.Require(file);
        try
        {
            return ImageFile.Read(file);
        }
        catch (ImageFileException e)
        {
            throw new BadInputException(e.Message, e);
        }
    }

    // Networks take images of one size: what is far from a square, or has hardly a pixel, is no longer what a person saw.
    private static void SayIfSqueezed(CommandOutput output, string file, RgbImage image)
    {
        var (shorter, longer) = (Math.Min(image.Width, image.Height), Math.Max(image.Width, image.Height));
        if (longer > 3 * shorter || longer < 8)
            output.Complain($"{file} has {image.Width} x {image.Height} pixels; its middle square is taken, at the size that the run was trained on, so do not expect much.");
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + "%";
}
