using Repro.Figures;
using Repro.Reports.Claims;
using Repro.Reports.Documents;
using Repro.Reports.Figures;
using Repro.Reports.Ledgers;
using Repro.Reports.Runs;
using Repro.Results.Runs;

namespace Repro.Reports.Papers;

/// <summary>
/// The report of a paper: which of its claims hold, by which runs, under which rule. The same stored runs, card and history give the same bytes, so a report carries no time of
/// its own making.
/// </summary>
public static class PaperReport
{
    /// <param name="renderer">Draws the figures; null where nothing here does: the report then says so in their place.</param>
    /// <param name="folder">Where the report goes, usually <c>results/PAPER</c>; figures into <c>figures/</c> below it, tables as LaTeX into <c>tables/</c>.</param>
    /// <exception cref="StorageException">The disk refuses the report.</exception>
    /// <exception cref="Studies.BadInputException">A reference in the card's prose or the notes names nothing.</exception>
    public static PaperReportFiles Write(PaperReportInput input, IFigureRenderer? renderer, string folder)
    {
        DocumentFiles.RequireWritable(folder, input.Command);
        var pictures = new PictureFolder(renderer, folder, input.Command);
        var document = new LedgerBook(input.Card.Name, section => Origins(input, section)).Fill(Compose(input, pictures));
        var (html, markdown) = DocumentFiles.Write(document, folder);
        pictures.WriteLedger(new LedgerFile(input.Card.Name, input.Command), document);
        return new PaperReportFiles(html, markdown, pictures.Files);
    }

    /// <summary>The runs that a section's numbers come from: on the first screen those that are about claims, of all else every one. Each claim's tables say it by themselves.</summary>
    private static List<RunOrigin> Origins(PaperReportInput input, string section) =>
        [.. (section is "" ? input.Judgements.SelectMany(judged => judged.Evidence.Settings.SelectMany(runs => runs)) : input.Runs).DistinctBy(run => run.Run.Id).Select(run => run.Origin)];

    private static Document Compose(PaperReportInput input, PictureFolder pictures)
    {
        var references = References.Of(input);
        var sections = new List<Section>();
        Add("claims", "Claim by claim", input.Judgements.Select(judged => ClaimSection.Of(judged, input)));
        Add("found", "What was found", Prose($"results/{input.Card.Name}/notes.md", input.Notes));
        Add("departures", "Departures, tolerances, traps", Prose($"papers/{input.Card.Name}.md", input.Card.Prose));
        Add("untested", "What was not tested", PaperSections.Untested(input));
        Add("checks", "Recipe checks", PaperSections.Checks(input));
        Add("environment", "Environment", PaperSections.Environments(input));
        Add("evidence", "Evidence", PaperSections.Folders(input));
        Add("costs", "Cost ledger", CostLedger.Of(input));
        Add("checklist", "Reproducibility checklist", Checklist.Of(input));
        var lead = PaperSections.FirstScreen(input);
        foreach (var figure in Figures(input)) lead.AddRange(pictures.Draw(figure));
        lead.Add(new Paragraph("This report and its figures again, from the exported runs; and whether they are what the runs say:"));
        lead.Add(new CodeBlock($"{input.Command}\n./repro verify {input.Card.Name}"));
        return new Document(input.Card.Title, $"{input.Card.Authors} ({input.Card.Year}), {input.Card.Source} · {input.ExperimentTitle}", lead, sections);

        void Add(string id, string name, IEnumerable<Block> blocks)
        {
            var list = blocks.ToList();
            if (list.Count > 0) sections.Add(new Section(id, name, list));
        }

        IEnumerable<Block> Prose(string file, string text) => text.Trim().Length > 0 ? [new Prose(references.Resolve(text, file))] : [];
    }

    // What has a number in the paper and runs here stands on one picture, and what was compared by windows on another; other orderings have theirs in the sweeps' reports.
    private static IEnumerable<Figure> Figures(PaperReportInput input)
    {
        if (Values(input) is { } values) yield return values;
        var compared = input.Judgements.Where(judged => judged.Claim.OverWindows && judged.Comparisons.Count == 1).GroupBy(judged => (judged.Claim.Metric, judged.Claim.Unit));
        foreach (var (same, i) in compared.Select((same, i) => (same, i)))
        {
            if (TestedDifferences.Of(i == 0 ? "differences" : $"differences-{i + 1}", "Differences between settings, window by window", same.Key.Metric, same.Key.Unit, "losses of the same windows by Diebold and Mariano's test",
                [.. same.Select(judged => new DifferenceRow(judged.Claim.Id, judged.Comparisons[0].Difference.Value, judged.Comparisons[0].Interval, (judged.Comparisons[0].Low, judged.Comparisons[0].High)))]) is { } figure)
                yield return figure;
        }
    }

    private static Figure? Values(PaperReportInput input)
    {
        var rows = input.Judgements.Where(judged => judged.Claim is { Kind: Studies.Papers.ClaimKind.Value, Tolerance: not null } && judged.Settings.Any(setting => setting.Values.Count > 0)).ToList();
        return rows.Count == 0 ? null : ValueBeside.Of("claims", "Ours beside the paper's values", [.. rows.Select(judged => new ValueRow(
            judged.Claim.Id, new PaperValue(judged.Claim.Stands, judged.Claim.Value!.Value) { Digits = judged.Claim.Published! }, judged.Claim.Tolerance!.Value, judged.Claim.Unit, judged.Settings[0].Values,
            judged.Comparisons is [{ Interval: { } interval }] ? new Studies.Statistics.Interval(interval.Low + judged.Claim.Value.Value, interval.High + judged.Claim.Value.Value, interval.Level) : null))], "ones that the verdicts were made from");
    }
}
