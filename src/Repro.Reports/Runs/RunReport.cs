using Repro.Figures;
using Repro.Reports.Documents;
using Repro.Reports.Ledgers;
using Repro.Results.Runs;

namespace Repro.Reports.Runs;

/// <summary>
/// The report of one run: <c>report.md</c>, one self-contained <c>report.html</c> and the figures. The same stored run gives the same bytes,
/// so a report carries no time of its own making.
/// </summary>
public static class RunReport
{
    /// <param name="renderer">Draws the figures; null where nothing here does: the report then says so in their place.</param>
    /// <param name="folder">Where the report goes; figures into <c>figures/</c> below it. Usually the run's own folder.</param>
    /// <exception cref="StorageException">The disk refuses the report.</exception>
    public static RunReportFiles Write(RunReportInput input, IFigureRenderer? renderer, string folder)
    {
        DocumentFiles.RequireWritable(folder, input.ReportCommand);
        var run = input.Run;
        var pictures = new PictureFolder(renderer, folder, $"./repro report {run.Id}");
        List<RunOrigin> origin = [new RunOrigin(run.Id, [.. run.Attempts.Select(attempt => attempt.Environment)])];
        var document = new LedgerBook(run.Id, _ => origin).Fill(Compose(input, pictures));
        var (html, markdown) = DocumentFiles.Write(document, folder);
        pictures.WriteLedger(new LedgerFile(run.Id, $"./repro report {run.Id}") { Sources = RunExport.Digests(run.Folder) }, document);
        return new RunReportFiles(html, markdown, pictures.Files);
    }

    private static Document Compose(RunReportInput input, PictureFolder pictures)
    {
        var run = input.Run;
        var claims = input.Papers.SelectMany(paper => paper.Claims.Select(claim => ClaimReading.Read(claim, run, input.Subject) with { Card = paper.Name })).ToList();
        var concerned = ClaimReading.ByNearness(claims);
        // Papers that share an experiment are compared with where a claim of theirs is what the run comes nearest to.
        var nearest = concerned.Count > 0 ? input.Papers.First(paper => paper.Name == concerned[0].Card) : null;
        var curves = LearningCurves.Of(run.Metrics, input.MainMetric, concerned, input.BestPossible.TryGetValue(input.MainMetric, out var best) ? best : null);
        var lead = FirstScreen.Compose(input, claims);
        lead.AddRange(curves.Take(1).SelectMany(pictures.Draw));
        lead.AddRange(RunSections.Commands(run));

        var sections = new List<Section>();
        Add("claims", "Other claims", RunSections.OtherClaims(input, claims));
        Add("curves", "More learning curves", curves.Skip(1).SelectMany(pictures.Draw));
        Add("figures", "Figures", input.Figures.SelectMany(pictures.Draw));
        Add("texts", "What the model wrote", input.Texts.SelectMany(Texts));
        Add("options", "Options", RunSections.Options(input, concerned.Count > 0 ? concerned[0] : null));
        Add("checks", "Recipe checks", RunSections.Checks(run));
        Add("examples", "Examples", input.Examples.SelectMany(group => Examples(group, pictures)));
        Add("time", "Time and data", RunSections.Time(input));
        Add("history", "Attempts", RunSections.Attempts(run));
        Add("environment", "Environment", EnvironmentTable.Compose(run));
        Add("messages", "Messages", RunSections.Messages(run));
        if ((nearest ?? (input.Papers.Count > 0 ? input.Papers[0] : null)) is { } noted && noted.Prose.Trim().Length > 0)
            Add("paper", input.Papers.Count > 1 ? $"Notes on the paper, from papers/{noted.Name}.md" : "Notes on the paper", [new Prose(noted.Prose)]);
        var title = $"{run.Experiment}, profile {run.Profile}";
        var subtitle = string.Join(" · ", new[] { $"run {run.Id}", input.ExperimentTitle, nearest is null ? "" : $"compared with {nearest.Authors} ({nearest.Year}), {nearest.Title}, {nearest.Source}" }.Where(part => part.Length > 0));
        return new Document(title, subtitle, lead, sections);

        void Add(string id, string name, IEnumerable<Block> blocks)
        {
            var list = blocks.ToList();
            if (list.Count > 0) sections.Add(new Section(id, name, list));
        }
    }

    // Running text keeps its line breaks; sentences with a translation stand side by side.
    private static IEnumerable<Block> Texts(TextGroup group)
    {
        yield return new Paragraph($"{group.Title}. {group.Caption}");
        if (group.Items.Any(item => item.Reference.Length > 0))
        {
            yield return new Table(group.Title, ["given", "written by the model", "by a person"], [.. group.Items.Select(item => (IReadOnlyList<Words>)[item.Prompt, item.Text, item.Reference])]);
            yield break;
        }
        foreach (var (prompt, text, _) in group.Items) yield return new CodeBlock(prompt + text, "text");
    }

    private static IEnumerable<Block> Examples(ExampleGroup group, PictureFolder pictures)
    {
        yield return new Paragraph(group.Rule);
        if (group.Images.Count == 0) yield break;
        var grid = new ImageGrid(group.Images.Select(item => item.Image).ToList(), group.Images.Select(item => item.Caption).ToList(), 6);
        var figure = new Figure("examples-" + group.Name, group.Rule, new Axis(""), new Axis(""), [grid]);
        foreach (var block in pictures.Draw(figure)) yield return block is Picture picture ? new ImageSheet(group.Images, picture) : block;
    }
}
