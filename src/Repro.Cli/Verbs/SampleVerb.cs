using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Cli.Sweeping;
using Repro.Figures;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Training;

namespace Repro.Cli.Verbs;

/// <summary><c>repro sample</c>: texts, translations or images from a trained run.</summary>
internal sealed class SampleVerb(Surroundings surroundings)
{
    private const int MostSamples = 10_000;

    private readonly Argument<string[]> _run = new("RUN") { Description = "A run as ./repro predict takes it; the name of its experiment may stand before it", Arity = new ArgumentArity(1, 2) };
    private readonly Option<string[]> _texts = new("--text", "-t") { Description = "What to go on from, or to translate; may be repeated", HelpName = "TEXT", Arity = ArgumentArity.OneOrMore };
    private readonly Option<int?> _count = new("--count", "-n") { Description = "Samples, of each text where there are texts, 1 .. 10000 (default: 1 of each text, otherwise 16)", HelpName = "N" };
    private readonly Option<string[]> _set = new("--set", "-s") { Description = "How to sample: temperature=0.8, for instance; may be repeated. --show-options lists them", HelpName = "name=value", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> _show = new("--show-options") { Description = "Prints how the run's experiment can sample, with defaults and ranges; samples nothing" };
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Folder for pictures, where samples are such (default: samples/RUN, or samples/RUN-2, -3 ... where that has pictures already)", HelpName = "DIR" };
    private readonly Option<string?> _runs = SharedOptions.Runs();
    private readonly Option<string?> _store = SweepStores.Option();
    private readonly Option<string?> _objects = SiloRecords.Option();
    private readonly ConditionOptions _conditions = new();

    public static Command Create(Surroundings surroundings)
    {
        var sample = new SampleVerb(surroundings);
        var verb = new Verb(
            "sample", "Samples from a trained run: goes on with a text, translates one, or draws images. The same seed gives the same samples.",
            "./repro sample transformer last --text \"a man rides a bicycle .\"", "./repro sample nanogpt-quick --text \"ROMEO:\" --set temperature=0.8 --seed 3", "./repro sample ddpm-quick --count 64 --output digits",
            "./repro sample last --show-options")
        {
            sample._run, sample._texts, sample._count, sample._set, sample._show, sample._output, sample._runs, sample._store, sample._objects,
        };
        sample._conditions.AddTo(verb);
        verb.SetAction(sample.Act);
        return verb;
    }

    private int Act(ParseResult arguments)
    {
        var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
        var named = arguments.GetRequiredValue(_run);
        var given = arguments.GetValue(_texts) ?? [];
        var count = arguments.GetValue(_count) ?? (given.Length > 0 ? 1 : 16);
        if (count is < 1 or > MostSamples) throw new BadInputException($"--count takes a number in the range 1 .. {MostSamples}; it was {count}.");
        if (named.Length == 2) _ = ChosenExperiment.Find(surroundings, named[0]);
        var records = new SiloRecords(arguments.GetValue(_objects), output.Complain);
        RunRecord Find() => TrainedRun.Find(surroundings, RunsFolder.FromEnvironment(arguments.GetValue(_runs)), named[^1], arguments.GetValue(_store), records, named.Length == 2 ? named[0] : null);
        var run = Find();
        if (named.Length == 2 && run.Experiment != named[0])
            throw new BadInputException($"The run {run.Id} is of the experiment '{run.Experiment}', not of '{named[0]}'; leave the name out, or name a run of {named[0]}: ./repro list --runs shows them.");
        var experiment = ChosenExperiment.Find(surroundings, run.Experiment);
        var defaults = experiment.SampleOptions(RunVerb.AsRecorded(experiment, run).Options) ?? throw new BadInputException($"The experiment '{experiment.Name}' generates nothing that could be sampled; ./repro predict asks its runs.");
        if (arguments.GetValue(_show)) return OptionListing.ShowSampling(output, experiment.Name, defaults);
        var options = OptionSchema.Apply(defaults, ChosenExperiment.Pairs(arguments.GetValue(_set) ?? []));
        var trained = TrainedRun.Load(surroundings, output, run, "sample from", Find, Words.Shell(named[^1]) + SweepStores.Options(arguments.GetValue(_store), arguments.GetValue(_runs)));
        var result = experiment.Sample(trained.Chosen.Options, trained.On(_conditions.Context(arguments)), trained.Checkpoint, new SampleRequest(given, count, options) { CountIsGiven = arguments.GetValue(_count) is not null });
        foreach (var warning in result.Warnings) output.Complain(warning);
        // Texts first: a disk without room for the pictures takes nothing from them.
        var texts = Say(output, result);
        var files = Draw(output, result.Figures, SharedOptions.Folder("--output", arguments.GetValue(_output) ?? Unused(Path.Combine("samples", run.Id))));
        foreach (var file in files) output.Say(file);
        output.Result(new JsonObject { ["run"] = trained.Run.Id, ["step"] = trained.Step, ["texts"] = texts, ["files"] = new JsonArray([.. files.Select(file => (JsonNode)file)]) });
        return ExitCode.Done;
    }

    private List<string> Draw(CommandOutput output, IReadOnlyList<Figure> figures, string folder)
    {
        if (figures.Count == 0) return [];
        var renderer = surroundings.Renderer();
        try
        {
            Directory.CreateDirectory(folder);
            return new WorkBar(output).During(figures.Count, begin =>
            {
                var files = new List<string>();
                foreach (var figure in figures)
                {
                    begin(figure.Name);
                    if (Path.Combine(folder, $"{figure.Name}.png") is var earlier && File.Exists(earlier)) output.Complain($"{earlier} was there and is replaced.");
                    files.AddRange(renderer.Render(figure, folder, FigureFormat.Png));
                }
                return files;
            });
        }
        catch (Exception e) when (Refusal(e) is not null && !StorageException.IsNoRoom(e))
        {
            throw new BadInputException($"The pictures cannot be written into {folder}: {StorageException.Reason(Refusal(e)!)}. Name a folder that can be written with --output DIR.", e);
        }
    }

    private static string Unused(string folder)
    {
        bool IsUsed(string path) => Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any();
        return !IsUsed(folder) ? folder : Enumerable.Range(2, int.MaxValue - 2).Select(i => $"{folder}-{i}").First(path => !IsUsed(path));
    }

    // What the file system said, where it is that which failed.
    private static Exception? Refusal(Exception error) => (error is FigureException ? error.InnerException : error) is { } cause and (IOException or UnauthorizedAccessException) ? cause : null;

    private static JsonArray Say(CommandOutput output, SampleResult result)
    {
        var listed = new JsonArray();
        foreach (var group in result.Texts)
        {
            foreach (var item in group.Items)
            {
                // Running texts have line breaks of their own.
                if (group.Continues && listed.Count > 0) output.Say();
                output.Say(group.Continues || item.Prompt.Length == 0 ? item.Prompt + item.Text : $"{item.Prompt}\n  {item.Text}");
                listed.Add(new JsonObject { ["group"] = group.Name, ["prompt"] = item.Prompt, ["text"] = item.Text });
            }
        }
        return listed;
    }
}
