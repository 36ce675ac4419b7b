using Microsoft.Playwright;
using Repro.Reports.Documents;

namespace Repro.Browser.Tests;

/// <summary>Sorting and filtering, as the page's script does them.</summary>
[Collection(OneBrowser.Name)]
public sealed class TableTests(ReportPage report)
{
    [SkippableFact]
    public async Task A_column_sorts_by_keyboard_up_down_and_back_to_how_it_was_written()
    {
        await using var open = await Open(["b 2", "b 10", "a 3"]);
        var written = await Column(open.Page);
        await open.Page.Locator("thead button").Nth(1).FocusAsync();
        foreach (var (key, direction, expected) in new[] { ("Enter", "ascending", "a 3,b 2,b 10"), ("Space", "descending", "b 10,b 2,a 3"), ("Enter", null, string.Join(',', written)) })
        {
            await open.Page.Keyboard.PressAsync(key);
            Assert.Equal(expected.Split(','), await Column(open.Page));
            Assert.Equal(direction, await open.Page.Locator("th[scope=col]").Nth(1).GetAttributeAsync("aria-sort"));
            // Focus stays where the reader is.
            Assert.Equal("value", await open.Page.EvaluateAsync<string>("document.activeElement.textContent"));
        }
    }

    public static TheoryData<string[]> InOrder() =>
    [
        ["−12 %", "-3.5 %", "+0.2 ± 9 %", "0.3 %", "10 %"],
        ["9 ± 0.1", "10 ± 5", "88", "1,204", "9,100.5"],
        ["1E-4", "0.001", "1.5e-2", "2E3"],
        ["812 ms", "1.2 s", "8 min 12 s", "1 h 05 min", "1 h 30 min"],
        ["900 MiB", "1.2 GiB", "1 TiB"],
        ["−infinite", "−1", "0", "infinite"],
        ["≈ 2", "~3", "> 4"],
        ["2 of 10", "3 of 5", "12"],
        ["2026-01-02 03:04:05 UTC", "2026-01-02 13:00:00 UTC", "2026-11-01 00:00:00 UTC"],
        ["sweep/2-0", "sweep/2-10", "sweep/10-1"],
        ["1", "2", "none of the two"],
    ];

    [SkippableTheory]
    [MemberData(nameof(InOrder))]
    public async Task Cells_are_ordered_by_what_they_mean_and_missing_ones_come_last_in_both_directions(string[] ordered)
    {
        var shuffled = ordered.Where((_, i) => i % 2 == 1).Concat(["–"]).Concat(ordered.Where((_, i) => i % 2 == 0).Reverse()).Append("not recorded").ToList();
        await using var open = await Open(shuffled);
        var button = open.Page.Locator("thead button").Nth(1);
        await button.ClickAsync();
        Assert.Equal([.. ordered, "–", "not recorded"], await Column(open.Page));
        await button.ClickAsync();
        Assert.Equal([.. ordered.Reverse(), "–", "not recorded"], await Column(open.Page));
    }

    [SkippableFact]
    public async Task A_long_table_is_filtered_by_words_and_says_how_many_rows_fit()
    {
        await using var open = await OpenReport.Open(report.Browser, report.Everything);
        await open.Page.Locator("#trials + details > summary").ClickAsync();
        Assert.Equal(1, await open.Page.Locator("input[type=search]").CountAsync());
        await open.Page.GetByLabel("Filter the rows of: Trials").FillAsync("failed nan");
        await Assertions.Expect(open.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("6 of 40 rows");
        Assert.Equal(6, await open.Page.Locator("#table-trials tbody tr:visible").CountAsync());
        // A link to a row that is filtered away shows it all the same.
        await open.Page.Locator("a[href='#trial-37']").First.ClickAsync();
        await Assertions.Expect(open.Page.Locator("#trial-37")).ToBeVisibleAsync();
    }

    private async Task<OpenReport> Open(IEnumerable<string> cells)
    {
        var browser = report.Browser;
        var table = new Table("Values", ["name", "value", "more"], cells.Select((cell, i) => (IReadOnlyList<Words>)[$"row {i}", cell, "x"]).ToList());
        return await OpenReport.Open(browser, report.Write("table.html", new Document("t", "s", [table], [])));
    }

    private static async Task<IReadOnlyList<string>> Column(IPage page) => await page.Locator("tbody td:nth-child(2)").AllTextContentsAsync();
}
