using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Drawing;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Cli.Sweeping;
using Repro.Figures;
using Repro.Reports.Figures;
using Repro.Reports.Verification;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Training;
using Repro.Training.Datasets;

namespace Repro.Cli.Verbs;

/// <summary><c>repro figures</c>: the figures of a run, a sweep or a paper's results, without their reports.</summary>
internal sealed class FiguresVerb(Surroundings surroundings)
{
    private static readonly string[] Formats = ["png", "svg", "pdf", "csv"];

    private readonly Argument<string?> _what = new("RUN|SWEEP|PAPER|all") { Description = "Id of a run or name of a sweep as ./repro report takes them, a paper with results under results/, all for every paper, or the folder of an exported run or sweep", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Where the figures go (default: figures/ beside the report). Of a paper: a folder for each of its reports", HelpName = "DIR" };
    private readonly Option<string[]> _only = new("--only") { Description = "Makes one figure alone; may be repeated", HelpName = "NAME", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _format = new("--format") { Description = "png, svg, pdf, or several with commas (default: all). The data are always written, as CSV; csv alone draws nothing", HelpName = "LIST" };
    private readonly Option<string?> _width = new("--width") { Description = "column: 252 points, as NAME-column; page: 516 (default: what a report has: page in every format, column as SVG)", HelpName = "column|page" };
    private readonly Option<string?> _gallery = new("--gallery") { Description = "Instead: a page in DIR with one picture of every kind that reports draw, of generated data, and how to read it", HelpName = "DIR" };
    private readonly Option<string?> _runs = SharedOptions.Runs();
    private readonly Option<string?> _store = SweepStores.Option();
    private readonly Option<string?> _objects = SiloRecords.Option();
    private readonly Option<string?> _data = SharedOptions.DataDir();

    public static Command Create(Surroundings surroundings)
    {
        var figures = new FiguresVerb(surroundings);
        var verb = new Verb(
            "figures", "Makes the figures of a run, a sweep, or all of a paper's results: PNG, SVG, PDF, and the exact data as CSV. Trains nothing.",
            "./repro figures last", "./repro figures resnet-learning-rate --only curves --format pdf --width column --output paper/figures", "./repro figures resnet --output figures", "./repro figures all --output figures", "./repro figures --gallery docs/gallery", "./repro figures last --format csv --json")
        {
            figures._what, figures._output, figures._only, figures._format, figures._width, figures._gallery, figures._runs, figures._store, figures._objects, figures._data,
        };
        verb.SetAction(figures.Act);
        return verb;
    }

    private int Act(ParseResult arguments)
    {
        var output = new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json));
        using var signals = new StopSignals(output, "Stopping; the figures that are drawn stay.");
        if (arguments.GetValue(_gallery) is { } gallery) return DrawGallery(output, SharedOptions.Folder("--gallery", gallery), gallery, arguments.GetValue(_what), signals.Token);
        var (formats, widths) = (FormatsOf(arguments.GetValue(_format)), WidthsOf(arguments.GetValue(_width)));
        var target = arguments.GetValue(_output) is { } given ? SharedOptions.Folder("--output", given) : null;
        var what = arguments.GetValue(_what) ?? throw new BadInputException("Name what to draw: a run, a sweep, or a paper with results. ./repro figures --help shows examples.");
        var context = new RunContext { Data = DataFolders.FromEnvironment(arguments.GetValue(_data)) };
        var reports = new StoredReports(surroundings, output, RunsFolder.FromEnvironment(arguments.GetValue(_runs)), arguments.GetValue(_store), new SiloRecords(arguments.GetValue(_objects), output.Complain), context).Find(what);
        var renderer = formats.Count > 0 ? Renderer(signals.Token) : null;
        var drawing = new FigureDrawing(renderer, formats, widths);
        var figures = drawing.Of(reports, FolderOf, section => output.Complain($"Without the figures of the section \"{section.Title}\": {section.Why}"));
        figures = FigureDrawing.Only(figures, arguments.GetValue(_only) ?? []);
        if (figures.Count == 0) output.Say("There are no figures: nothing was measured that could be drawn.");
        Draw(output, drawing, figures, signals.Token);
        return ExitCode.Done;

        string FolderOf(RepeatableReport report) => target is null ? Path.Combine(report.Folder, "figures") : reports.Count == 1 ? target : Path.Combine(target, report.Name);
    }

    private int DrawGallery(CommandOutput output, string folder, string given, string? what, CancellationToken stop)
    {
        if (what is not null) throw new BadInputException($"--gallery shows generated data and takes no run, sweep or paper; leave '{what}' out.");
        var renderer = Renderer(stop);
        var files = new WorkBar(output).During(2 * Gallery.Figures().Count, begin =>
        {
            renderer.Drawing = begin;
            return Gallery.Write(renderer, folder, $"./repro figures --gallery {Words.Shell(given)}");
        });
        foreach (var file in files) output.Say(file);
        output.Result(new JsonObject { ["gallery"] = files[0], ["files"] = new JsonArray([.. files.Select(file => (JsonNode)file)]) });
        return ExitCode.Done;
    }

    private static void Draw(CommandOutput output, FigureDrawing drawing, IReadOnlyList<WantedFigure> figures, CancellationToken stop)
    {
        var (drawn, json) = (new List<(WantedFigure Figure, IReadOnlyList<string> Files)>(), new JsonArray());
        try
        {
            new WorkBar(output).During(figures.Count, begin =>
            {
                foreach (var wanted in figures)
                {
                    stop.ThrowIfCancellationRequested();
                    begin(wanted.Figure.Name);
                    drawn.Add((wanted, drawing.Draw(wanted)));
                    output.Event("figure", Json(wanted, drawn[^1].Files));
                }
                return 0;
            });
        }
        finally
        {
            // Also where it was stopped: what was drawn is what the ledger says.
            drawing.Record(drawn.Select(one => one.Figure));
            foreach (var (wanted, files) in drawn)
            {
                output.Say($"{Path.Combine(wanted.Folder, wanted.Figure.Name)}  {string.Join(", ", files.Select(file => Path.GetFileName(file)[wanted.Figure.Name.Length..].TrimStart('.', '-')))}  {wanted.Figure.Title}");
                json.Add(Json(wanted, files));
            }
        }
        output.Result(new JsonObject { ["figures"] = json });
    }

    private static JsonObject Json(WantedFigure wanted, IReadOnlyList<string> files) => new()
    {
        ["report"] = wanted.Report.Name, ["name"] = wanted.Figure.Name, ["title"] = wanted.Figure.Title, ["files"] = new JsonArray([.. files.Select(file => (JsonNode)file)]),
    };

    private WatchedRenderer Renderer(CancellationToken stop)
    {
        try
        {
            return new WatchedRenderer(surroundings.Renderer(), stop);
        }
        catch (FigureException e)
        {
            throw new MissingComponentException($"{e.Message} The data alone need nothing: --format csv", e);
        }
    }

    private static List<FigureFormat> FormatsOf(string? text)
    {
        var words = text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? Formats;
        if (words.Length == 0 || words.FirstOrDefault(word => !Formats.Contains(word)) is not null)
            throw new BadInputException($"--format takes {string.Join(", ", Formats)}, or several with commas; it was '{text}'.");
        return [.. words.Where(word => word != "csv").Distinct().Select(word => word switch { "png" => FigureFormat.Png, "svg" => FigureFormat.Svg, _ => FigureFormat.Pdf })];
    }

    private static FigureWidths WidthsOf(string? text) => text switch
    {
        null => FigureWidths.Report,
        "column" => FigureWidths.Column,
        "page" => FigureWidths.Page,
        _ => throw new BadInputException($"--width takes column or page; it was '{text}'."),
    };
}
