using System.Text.RegularExpressions;
using Repro.Reports.Documents;

namespace Repro.Reports.Tests.Documents;

public sealed class HtmlWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-html-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_policy_allows_the_pages_own_script_by_its_hash_and_no_network()
    {
        var html = HtmlWriter.Write(EverythingDocument.Create(_folder));
        PagePolicy.AssertOnlyOwnScript(html);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\son[a-z]+\s*=\s*[""']", html[..html.IndexOf("<script>", StringComparison.Ordinal)]);
    }

    [Theory]
    [InlineData("#verdicts", "#verdicts")]
    [InlineData("runs/a b/run.json", "runs/a%20b/run.json")]
    [InlineData("https://arxiv.org/abs/1512.03385", "https://arxiv.org/abs/1512.03385")]
    [InlineData("mailto:ada@example.org", "mailto:ada@example.org")]
    public void A_link_to_an_anchor_a_file_beside_the_report_or_an_address_is_one(string address, string expected)
    {
        var words = Words.Link("there", address);
        Assert.Contains($"<a href=\"{expected}\">there</a>", HtmlWriter.Write(With(words)), StringComparison.Ordinal);
        Assert.Contains($"[there]({expected})", MarkdownWriter.Write(With(words)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#nowhere")]
    [InlineData("javascript:alert(1)")]
    [InlineData(" JavaScript:alert(1)")]
    [InlineData("java\nscript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("//evil.example/x")]
    [InlineData("\\\\evil.example\\x")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    public void A_link_to_anything_else_is_text(string address)
    {
        var words = Words.Link("there", address);
        Assert.Contains("<p>there</p>", HtmlWriter.Write(With(words)), StringComparison.Ordinal);
        Assert.DoesNotContain("[there]", MarkdownWriter.Write(With(words)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_cannot_leave_its_attribute()
    {
        var html = HtmlWriter.Write(With(Words.Link("x", "a\"><script>alert(1)</script>")));
        PagePolicy.AssertOnlyOwnScript(html);
        Assert.DoesNotContain("alert(1)", MarkdownWriter.Write(With(Words.Link("x", "a) <script>alert(1)</script>"))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(WordKind.Good, "✓")]
    [InlineData(WordKind.Bad, "✗")]
    [InlineData(WordKind.Open, "?")]
    [InlineData(WordKind.Muted, "–")]
    public void A_badge_has_a_sign_and_a_word_and_only_the_word_is_read_out(WordKind kind, string sign)
    {
        var html = HtmlWriter.Write(With(Words.Badge("verdict <b>", kind)));
        Assert.Contains($"<span aria-hidden=\"true\">{sign}</span> verdict &lt;b&gt;</span>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Headings_do_not_skip_a_level_and_ids_are_unique()
    {
        var html = HtmlWriter.Write(EverythingDocument.Create(_folder));
        var levels = Regex.Matches(html, "<h([1-6])").Select(match => match.Groups[1].Value[0] - '0').ToList();
        Assert.Equal([1, 2, 3, 3, 2, 3, 4, 2, 2], levels);
        var ids = Regex.Matches(html, @"\sid=[""']([^""']+)").Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(Regex.Matches(html, "href=\"#([^\"]+)\"").Select(match => match.Groups[1].Value), target => Assert.Contains(target, ids));
    }

    [Fact]
    public void A_subsection_of_the_first_screen_is_one_level_below_the_title()
    {
        var document = new Document("t", "s", [new Subsection("a", "A", [new Subsection("b", "B", [new Prose("#### deep")])])], []);
        Assert.Contains("<h2 id=\"a\">A</h2>", HtmlWriter.Write(document), StringComparison.Ordinal);
        Assert.Contains("<h4>deep</h4>", HtmlWriter.Write(document), StringComparison.Ordinal);
        Assert.Contains("## A\n\n<a id=\"b\"></a>\n### B\n\n#### deep", MarkdownWriter.Write(document), StringComparison.Ordinal);
    }

    [Fact]
    public void A_ledger_has_its_command_every_run_commits_data_and_engine()
    {
        var html = HtmlWriter.Write(EverythingDocument.Create(_folder));
        var ledger = html[html.IndexOf("<details class=\"ledger\">", StringComparison.Ordinal)..];
        ledger = ledger[..ledger.IndexOf("</dl></details>", StringComparison.Ordinal)];
        foreach (var expected in (string[])["<pre tabindex=\"0\"><code>./repro report resnet</code></pre>", "from 24 runs", "resnet-shortcuts: trials 0–2, runs 0–7 each", "fedcba9876543210fedcba9876543210fedcba98+dirty", new string('a', 64), "libtorch 1.13.1", "tables/claims.tex"])
            Assert.Contains(System.Net.WebUtility.HtmlEncode(expected).Replace("&lt;", "<").Replace("&gt;", ">").Replace("&quot;", "\""), ledger, StringComparison.Ordinal);
        Assert.All(EverythingDocument.Ledger(24).Runs, run => Assert.Contains(run, ledger, StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_list_of_runs_stands_once_and_the_other_ledgers_lead_to_it()
    {
        var html = HtmlWriter.Write(EverythingDocument.Create(_folder));
        Assert.Equal(2, html.Split("resnet-shortcuts/1-7").Length);
        Assert.Equal(3, Regex.Count(html, "#runs-of-ledger-1|id=\"runs-of-ledger-1\""));
    }

    [Fact]
    public void Rows_have_the_anchors_that_the_table_gives_them()
    {
        var html = HtmlWriter.Write(EverythingDocument.Create(_folder));
        Assert.Contains("<tr id=\"trial-37\"><th scope=\"row\">37</th>", html, StringComparison.Ordinal);
        Assert.Contains("<table id=\"table-trials\" class=\"sortable\">", html, StringComparison.Ordinal);
        var table = new Table("t", ["a"], [["1"], ["2"]]) { RowIds = ["only-one"] };
        Assert.Contains("2 rows and 1 row ids", Assert.Throws<ArgumentException>(() => HtmlWriter.Write(new Document("", "", [table], []))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_that_stands_twice_is_refused()
    {
        var document = new Document("t", "s", [new Subsection("claims", "A", [])], [new Section("claims", "Claims", [])]);
        Assert.Contains("'claims' stands twice", Assert.Throws<ArgumentException>(() => HtmlWriter.Write(document)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MarkdownWriter.Write(document));
    }

    [Fact]
    public void A_picture_of_thousands_of_points_is_its_bitmap_once()
    {
        var svg = Path.Combine(_folder, "many.svg");
        File.WriteAllText(svg, "<svg>" + string.Concat(Enumerable.Repeat("<use href='#p' x='1'/>", 20_000)) + "</svg>");
        File.WriteAllBytes(Path.ChangeExtension(svg, ".png"), [1, 2, 3]);
        var html = HtmlWriter.Write(new Document("t", "s", [new Picture("figures/many.png", svg, svg, "Many points.", "")], []));
        Assert.Contains("<img class=\"drawing\" src=\"data:image/png;base64,AQID\" alt=\"Many points.\">", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<use", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cell_of_a_big_table_costs_its_text_and_little_more()
    {
        Document Of(int rows) => new("t", "s", [new Table("t", ["a", "b", "c"], Enumerable.Range(0, rows).Select(_ => (IReadOnlyList<Words>)["12345678", "12345678", "12345678"]).ToList())], []);
        var perRow = (HtmlWriter.Write(Of(1200)).Length - HtmlWriter.Write(Of(200)).Length) / 1000.0;
        Assert.InRange(perRow, 24, 24 + (3 * 15) + 12);
    }

    private static Document With(Words words) => new("t", "s", [new Paragraph(words)], [new Section("verdicts", "Verdicts", [])]);
}
