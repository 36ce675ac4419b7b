using Repro.Reports.Claims;
using Repro.Reports.Documents;
using Repro.Reports.Runs;

namespace Repro.Reports.Papers;

/// <summary>The front page over all papers, in Markdown: how many claims of each hold, and where its report is.</summary>
public static class FrontPage
{
    public static string Write(IReadOnlyList<PaperReportInput> papers)
    {
        var all = papers.SelectMany(paper => paper.Judgements).ToList();
        var lead = new List<Block>
        {
            new Paragraph($"{Numbers.Count(papers.Count, "paper")}, {Numbers.Count(all.Count(judged => !judged.Claim.Transfer), "claim")} of theirs and {Numbers.Count(all.Count(judged => judged.Claim.Transfer), "transfer claim")}, which are tested elsewhere than in the paper and counted apart. "
                + "Verdicts follow from the exported runs below by rules that were fixed before; inconclusive is one of them."),
            new Table("Papers and their verdicts", ["paper", "its claims", "transfer claims", "runs", "hours", "GPU hours"], [.. papers.Select(Row)]),
            new Table("Claims", ["claim", "statement", "the paper", "ours", "n", "verdict"], [.. papers.SelectMany(paper => paper.Judgements.Select(judged => (IReadOnlyList<Words>)[
                Name(paper, judged), $"{judged.Claim.Statement} ({MetricWords.Of(judged.Claim.Metric)}{(judged.Claim.Transfer ? "; transfer" : "")})", JudgementText.Paper(judged.Claim), JudgementText.Ours(judged), JudgementText.Count(judged), VerdictWords.Badge(judged.Verdict),
            ]))]),
            new Paragraph("This page again, from the exported runs; and whether every figure, table and number of a paper is what its runs say:"),
            new CodeBlock("./repro report all\n./repro verify all"),
            new Paragraph(Words.FromString("How fast things are, beside their peers: ") + Words.Link("benchmarks", "benchmarks/README.md") + "."),
        };
        return MarkdownWriter.Write(new Document("Results", "Which claims of which papers hold, by committed evidence", lead, []));
    }

    private static IReadOnlyList<Words> Row(PaperReportInput paper) =>
    [
        Link(paper, $"{paper.Card.Title} ({paper.Card.Year})", ""), PaperSections.Summary([.. paper.Judgements.Where(judged => !judged.Claim.Transfer)]), PaperSections.Summary([.. paper.Judgements.Where(judged => judged.Claim.Transfer)]),
        paper.Runs.Count.ToString(), Numbers.Write(paper.Runs.Sum(run => run.Hours)), Numbers.Write(paper.Runs.Sum(run => run.GpuHours)),
    ];

    private static Words Name(PaperReportInput paper, Judgement judged) => Link(paper, $"{paper.Card.Name}/{judged.Claim.Id}", $"#claim-{judged.Claim.Id}");

    // A paper without an exported run has no report to link to.
    private static Words Link(PaperReportInput paper, string text, string anchor) => paper.Runs.Count > 0 ? Words.Link(text, $"{paper.Card.Name}/report.md{anchor}") : text;
}
