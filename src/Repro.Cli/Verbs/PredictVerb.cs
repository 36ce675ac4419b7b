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
using Repro.Training.Checkpoints;

namespace Repro.Cli.Verbs;

/// <summary><c>repro predict</c>: what a trained run says of a person's own images.</summary>
internal static class PredictVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var run = SharedOptions.Run();
        var images = new Argument<string[]>("IMAGE") { Description = "Image files: PNG, JPEG, BMP, GIF (its first picture), binary PPM or PGM", Arity = ArgumentArity.OneOrMore };
        var runs = SharedOptions.Runs();
        var store = SweepStores.Option();
        var objects = SiloRecords.Option();
        var top = new Option<int>("--top") { Description = "Classes shown for each image, at least 1", HelpName = "N", DefaultValueFactory = _ => 3 };
        var conditions = new ConditionOptions();
        var verb = new Verb("predict", "Lets a trained run classify images of your own.", "./repro predict last cat.png dog.jpg", "./repro predict resnet-quick photo.png --top 5 --json")
        {
            run, images, runs, store, objects, top,
        };
        conditions.AddTo(verb, seed: false);
        verb.SetAction(arguments =>
        {
            var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
            var records = new SiloRecords(arguments.GetValue(objects), output.Complain);
            var found = Find(surroundings, RunsFolder.FromEnvironment(arguments.GetValue(runs)), arguments.GetRequiredValue(run), arguments.GetValue(store), records);
            return Predict(surroundings, output, found, arguments.GetRequiredValue(images), conditions.Context(arguments), AtLeastOne(arguments.GetValue(top)));
        });
        return verb;
    }

    private static RunRecord Find(Surroundings surroundings, RunsFolder runs, string run, string? store, SiloRecords records) =>
        SweepRuns.Find(surroundings, runs, run, store, reader: null, (sweep, key) =>
        {
            records.Bring(sweep, key);
            records.BringCheckpoint(sweep, key);
        }) ?? RunFolderReader.Read(runs.Find(run));

    private static int AtLeastOne(int top) => top >= 1 ? top : throw new BadInputException($"--top takes a number of classes, at least 1; it was {top}.");

    private static int Predict(Surroundings surroundings, CommandOutput output, RunRecord run, string[] files, RunContext context, int top)
    {
        var experiment = ChosenExperiment.Find(surroundings, run.Experiment);
        var chosen = RunVerb.AsRecorded(experiment, run);
        // Read the images first: a wrong name should not wait for the engine.
        var images = files.Select(Read).ToList();
        foreach (var (file, image) in files.Zip(images)) SayIfSqueezed(output, file, image);
        var recorded = RunFolderReader.Checkpoints(run);
        var (checkpoint, newest) = RecordedCheckpoints.FirstWhole(recorded, output.Complain)
            ?? throw new BadInputException($"The run {run.Id} has no whole checkpoint to predict with. Train it again: {run.Command}");
        var step = recorded[newest].Step;
        var predictions = experiment.Predict(chosen.Options, context with { Seed = run.Seed }, checkpoint, images);
        if (run.State != Studies.Runs.RunState.Completed) output.Complain($"The run {run.Id} is {run.StateWord}: this is its checkpoint of step {step}, not a finished model.");
        var table = new TextTable("image", "class", "probability", "then") { Right = new HashSet<int> { 2 } };
        var listed = new JsonArray();
        foreach (var (file, prediction) in files.Zip(predictions))
        {
            var (best, probability) = prediction.Classes[0];
            table.Row(file, best, Percent(probability), string.Join(", ", prediction.Classes.Skip(1).Take(top - 1).Select(c => $"{c.Class} {Percent(c.Probability)}")));
            var classes = new JsonObject();
            foreach (var (name, share) in prediction.Classes) classes[name] = share;
            listed.Add(new JsonObject { ["image"] = Path.GetFullPath(file), ["class"] = best, ["probability"] = probability, ["classes"] = classes });
        }
        table.Write(output);
        output.Result(new JsonObject { ["run"] = run.Id, ["step"] = step, ["predictions"] = listed });
        return ExitCode.Done;
    }

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
            output.Complain($"{file} has {image.Width} x {image.Height} pixels; it is stretched to the square that the run was trained on, so do not expect much.");
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + "%";
}
