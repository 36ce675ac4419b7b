using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Repro.Reports.Documents;

namespace Repro.Browser.Tests;

/// <summary>A thousand rows, written in groups that the browser lays out when they come into sight.</summary>
[Collection(OneBrowser.Name)]
public sealed class BigTableTests(ReportPage report)
{
    private const int Rows = 1000;

    [SkippableFact]
    public async Task Sorting_and_filtering_go_over_all_groups()
    {
        await using var open = await Open();
        var (first, last, shown) = (open.Page.Locator("tbody tr:visible th").First, open.Page.Locator("tbody tr th").Last, open.Page.Locator("tbody tr:not([hidden])"));
        // Row i has the value i * 7 mod 1,000, so that 0 and 999 are rows 0 and 857.
        await open.Page.Locator("thead button").Nth(1).ClickAsync();
        Assert.Equal(("0", "857"), (await first.TextContentAsync(), await last.TextContentAsync()));
        await open.Page.Locator("thead button").Nth(1).ClickAsync();
        Assert.Equal(("857", "0"), (await first.TextContentAsync(), await last.TextContentAsync()));
        await open.Page.GetByLabel("Filter the rows of: Every trial").FillAsync("value-13");
        // 13 and 130 to 139.
        await Assertions.Expect(open.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("11 of 1,000 rows");
        Assert.Equal((11, 11), (await shown.CountAsync(), await open.Page.Locator("tbody tr:visible").CountAsync()));
        Assert.Equal("139", await open.Page.Locator("tbody tr:visible td").First.TextContentAsync());
        await open.Page.GetByLabel("Filter the rows of: Every trial").FillAsync("");
        await Assertions.Expect(shown).ToHaveCountAsync(Rows);
        Assert.Equal(Enumerable.Repeat(100, 10), await open.Page.EvaluateAsync<int[]>("[...document.querySelectorAll('tbody')].map(group => group.rows.length)"));
    }

    [SkippableTheory]
    [InlineData(360)]
    [InlineData(1440)]
    public async Task A_link_leads_to_a_row_of_a_group_that_was_never_in_sight_and_columns_stay_in_line(int width)
    {
        await using var open = await Open(width, "#row-917");
        var row = open.Page.Locator("#row-917");
        await Assertions.Expect(row).ToBeInViewportAsync();
        Assert.Equal(width, await open.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        var head = await open.Page.Locator("thead th").Nth(1).BoundingBoxAsync();
        var cell = await row.Locator("td").First.BoundingBoxAsync();
        Assert.Equal(head!.X, cell!.X, 1.0);
        Assert.True(cell.Y >= head.Y + head.Height, "the row lies under the header");
    }

    [SkippableTheory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_nothing_to_object_to_and_rows_in_sight_are_rows_of_a_table(ColorScheme scheme)
    {
        await using var open = await Open(scheme: scheme);
        await Assertions.Expect(open.Page.Locator("tbody tr").First).ToHaveAttributeAsync("role", "row");
        await Assertions.Expect(open.Page.GetByRole(AriaRole.Rowheader).First).ToHaveTextAsync("0");
        Assert.Empty((await open.Page.RunAxe()).Violations.Select(violation => $"{violation.Id}: {violation.Help}"));
    }

    [SkippableFact]
    public async Task Printed_it_has_every_row()
    {
        await using var open = await Open();
        var text = await Pdf.Text(open.Page, Path.Combine(Path.GetDirectoryName(report.Everything)!, "big.pdf"));
        Assert.All(Enumerable.Range(0, Rows), i => Assert.Contains($"value-{i} ", text, StringComparison.Ordinal));
    }

    private async Task<OpenReport> Open(int width = 1440, string anchor = "", ColorScheme scheme = ColorScheme.Light)
    {
        var browser = report.Browser;
        var rows = Enumerable.Range(0, Rows).Select(i => (IReadOnlyList<Words>)[$"{i}", $"{i * 7 % Rows}", $"value-{i * 7 % Rows} of a cell", "x"]).ToList();
        var table = new Table("Every trial", ["row", "value", "text", "more"], rows) { RowIds = Enumerable.Range(0, Rows).Select(i => $"row-{i}").ToList() };
        return await OpenReport.Open(browser, report.Write("big.html", new Document("t", "s", [new Paragraph("Before.")], [new Section("rows", "Rows", [table])])), width, scheme, anchor: anchor);
    }
}
