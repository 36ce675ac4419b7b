using System.Text.RegularExpressions;
using Repro.Reports.Documents;

namespace Repro.Reports.Tests.Documents;

public sealed class MarkdownWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-markdown-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_link_within_the_file_has_an_anchor_that_does_not_hang_on_a_forges_own_naming()
    {
        var markdown = MarkdownWriter.Write(EverythingDocument.Create(_folder));
        var anchors = Regex.Matches(markdown, "<a id=\"([^\"]+)\"></a>").Select(match => match.Groups[1].Value).ToList();
        Assert.Contains("<a id=\"verdicts\"></a>\n## Verdicts\n", markdown, StringComparison.Ordinal);
        Assert.Contains("<a id=\"resnet20\"></a>\n### Claim resnet20\n", markdown, StringComparison.Ordinal);
        Assert.Contains("[ResNet-20](#resnet20)", markdown, StringComparison.Ordinal);
        var links = Regex.Matches(markdown, @"\]\(#([^)]+)\)").Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(links);
        Assert.All(links, link => Assert.Contains(link, anchors));
        Assert.Equal(anchors.Count, anchors.Distinct().Count());
    }

    [Fact]
    public void A_long_table_ends_with_how_many_rows_are_left_out_and_where_they_are()
    {
        var markdown = MarkdownWriter.Write(EverythingDocument.Create(_folder));
        Assert.Contains("| <a id=\"trial-9\"></a>9 |", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("trial-10", markdown, StringComparison.Ordinal);
        Assert.Contains("*The first 10 of 40 rows; the other 30 stand in [report.html](report.html#table-trials).*", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_to_a_row_that_is_left_out_leads_into_the_page_that_has_it() =>
        Assert.Contains("[trial 37](report.html#trial-37)", MarkdownWriter.Write(EverythingDocument.Create(_folder)), StringComparison.Ordinal);

    [Fact]
    public void Badges_are_told_apart_by_sign_and_word()
    {
        var markdown = MarkdownWriter.Write(EverythingDocument.Create(_folder));
        foreach (var badge in (string[])["**✓ reproduced**", "**✗ not reproduced**", "**? inconclusive**", "**– not comparable at this scale**"]) Assert.Contains(badge, markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ledger_is_folded_below_its_table_with_command_runs_commits_data_engine_and_its_file()
    {
        var markdown = MarkdownWriter.Write(EverythingDocument.Create(_folder));
        var ledger = markdown[markdown.IndexOf("<details><summary>Made by", StringComparison.Ordinal)..];
        foreach (var expected in (string[])[
            "<details><summary>Made by <code>./repro report resnet</code></summary>\n\n```sh\n./repro report resnet\n```\n", "- runs: 24: resnet-shortcuts: trials 0–2, runs 0–7 each\n",
            "- commits: `0123456789abcdef0123456789abcdef01234567`; `fedcba9876543210fedcba9876543210fedcba98+dirty`\n", $"- data: cifar-10 `{new string('a', 64)}`\n", "- engine: Repro.Torch over libtorch 1.13.1\n",
            "- LaTeX: [tables/claims.tex](tables/claims.tex)\n", "<details><summary>All 24 ids</summary>", "`resnet-shortcuts/2-7`",
        ]) Assert.Contains(expected, ledger, StringComparison.Ordinal);
        Assert.Equal(2, markdown.Split("`resnet-shortcuts/2-7`").Length);
        Assert.Equal(Regex.Count(markdown, "<details>"), Regex.Count(markdown, "</details>"));
    }

    [Fact]
    public void Ten_thousand_runs_are_short_in_markdown_and_whole_on_the_page()
    {
        var document = new Document("t", "s", [new Table("t", ["a"], [["1"]]) { Ledger = EverythingDocument.Ledger(10_000) }], []);
        var markdown = MarkdownWriter.Write(document);
        Assert.Contains("- runs: 10,000: resnet-shortcuts: trials 0–1249, runs 0–7 each ([all ids](report.html#runs-of-ledger-1))", markdown, StringComparison.Ordinal);
        var html = HtmlWriter.Write(document);
        Assert.Contains("id=\"runs-of-ledger-1\"", html, StringComparison.Ordinal);
        Assert.Contains("resnet-shortcuts/1249-7</code>", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/0-0 a/0-1 a/2-0 a/2-1 b/5-3 run-1", "a: trials 0, 2, runs 0–1 each; b: trial 5, run 3; run-1")]
    [InlineData("a/0-0 a/1-0 a/2-0 a/4-0", "a: trials 0–2, 4, run 0 each")]
    [InlineData("a/0-0 a/0-1 a/1-0", "a: trial 0, runs 0–1; a: trial 1, run 0")]
    public void Many_runs_are_written_by_sweep_and_trial(string runs, string expected) => Assert.Equal(expected, RunLists.Short(runs.Split(' ')));
}
