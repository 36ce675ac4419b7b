using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Cli.Verbs;

/// <summary><c>repro new paper</c>: the skeleton of an experiment that works from the first minute.</summary>
internal static class NewVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var name = new Argument<string>("NAME") { Description = "Name of the model family, as in DoubleDescent or double-descent" };
        var root = new Option<string?>("--root") { Description = "The checkout to write into (default: the program's own)", HelpName = "DIR" };
        var paper = new Verb(
            "paper", "Writes the folder of an experiment, the paper's card and the catalog's line. docs/add-a-paper.md goes on from there.",
            "./repro new paper DoubleDescent", "./repro new paper double-descent --json") { name, root };
        paper.SetAction(arguments => Write(
            new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json)), PaperSkeleton.Of(arguments.GetRequiredValue(name), Path.GetFullPath(arguments.GetValue(root) ?? ProgramRoot.Path))));
        return new Verb("new", "Writes the skeleton of a new paper: an experiment that runs from the first minute.", "./repro new paper DoubleDescent") { paper };
    }

    private static int Write(CommandOutput output, PaperSkeleton skeleton)
    {
        var files = skeleton.Write();
        foreach (var file in files) output.Say($"wrote {file}");
        output.Say($"It is a working experiment already: ./repro run {skeleton.Name} --profile smoke");
        output.Say("What to write where: docs/add-a-paper.md");
        output.Result(new JsonObject
        {
            ["status"] = "written",
            ["experiment"] = skeleton.Name,
            ["files"] = new JsonArray(files.Select(f => (JsonNode)f).ToArray()),
        });
        return ExitCode.Done;
    }
}

/// <summary>The files of a new paper, made from the templates in <c>docs/templates/paper</c>.</summary>
/// <param name="Name">The word on the command line: <c>double-descent</c>.</param>
/// <param name="Class">Folder, namespace and beginning of the classes' names: <c>DoubleDescent</c>.</param>
/// <param name="Root">The checkout.</param>
internal sealed record PaperSkeleton(string Name, string Class, string Root)
{
    private string Templates => Path.Combine(Root, "docs", "templates", "paper");

    private string Folder => Path.Combine(Root, "experiments", Class);

    private string Card => Path.Combine(Root, "papers", Name + ".md");

    private string CatalogFile => Path.Combine(Root, "experiments", "Catalog.cs");

    /// <exception cref="BadInputException">The name cannot be one of a folder, a namespace and an experiment.</exception>
    public static PaperSkeleton Of(string given, string root)
    {
        var words = given.Split('-', '_');
        if (words.Any(w => w.Length == 0) || !given.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') || !char.IsAsciiLetter(given[0]))
            throw new BadInputException($"A paper's name begins with a letter and has letters, digits and '-': LeNet, double-descent. '{given}' is none.");
        // LeNet is one name, on the command line lenet, as ResNet is resnet; who wants a hyphen writes it.
        var pascal = string.Concat(words.Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
        return new PaperSkeleton(string.Join('-', words).ToLowerInvariant(), pascal, root);
    }

    /// <returns>Full paths of what was written; nothing was there before but the catalog.</returns>
    /// <exception cref="BadInputException">There is such a paper already.</exception>
    /// <exception cref="MissingComponentException">The folder is no checkout.</exception>
    public IReadOnlyList<string> Write()
    {
        if (!Directory.Exists(Templates) || !File.Exists(CatalogFile))
            throw new MissingComponentException($"{Root} is no checkout of the repository: it has no {Path.GetRelativePath(Root, Templates)}. Clone it, and start ./repro there, or name it with --root DIR.");
        var catalog = File.ReadAllText(CatalogFile);
        foreach (var there in (string[])[Folder, Card])
        {
            if (Path.Exists(there)) throw new BadInputException($"{there} is there already; take another name.");
        }
        if (catalog.Contains($"new {Class}.{Class}Experiment()", StringComparison.Ordinal)) throw new BadInputException($"{CatalogFile} names {Class}Experiment already; take another name.");

        var contents = new Dictionary<string, string>
        {
            [Path.Combine(Folder, Class + "Model.cs")] = Fill("Model.cs.txt"),
            [Path.Combine(Folder, Class + "Options.cs")] = Fill("Options.cs.txt"),
            [Path.Combine(Folder, Class + "Experiment.cs")] = Fill("Experiment.cs.txt"),
            [Path.Combine(Folder, Class + "Studies.cs")] = Fill("Studies.cs.txt"),
            [Card] = Fill("card.md.txt"),
            // Last, so that a skeleton that could not be written whole is not compiled in.
            [CatalogFile] = WithLine(catalog),
        };
        Directory.CreateDirectory(Folder);
        Directory.CreateDirectory(Path.GetDirectoryName(Card)!);
        foreach (var (file, text) in contents) DurableFile.Write(file, Encoding.UTF8.GetBytes(text));
        return contents.Keys.ToList();
    }

    private string Fill(string template) =>
        File.ReadAllText(Path.Combine(Templates, template)).Replace("{{Name}}", Class, StringComparison.Ordinal).Replace("{{name}}", Name, StringComparison.Ordinal);

    private string WithLine(string catalog)
    {
        var lines = catalog.Split('\n').ToList();
        var end = lines.FindIndex(line => line.Trim() == "];");
        if (end < 0) throw new BadInputException($"{CatalogFile} has no line '];' that ends the list of experiments; add new {Class}.{Class}Experiment() to it by hand.");
        // With its namespace, so that no second line, a using, is needed.
        lines.Insert(end, $"        new {Class}.{Class}Experiment(),");
        return string.Join('\n', lines);
    }
}
