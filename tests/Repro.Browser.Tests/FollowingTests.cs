using Microsoft.Playwright;

namespace Repro.Browser.Tests;

/// <summary>From a claim to its verdict, to the runs, to the command.</summary>
[Collection(OneBrowser.Name)]
public sealed class FollowingTests(ReportPage report)
{
    [SkippableFact]
    public async Task A_click_on_a_claim_leads_to_its_card_and_marks_it()
    {
        await using var open = await OpenReport.Open(report.Browser, report.Everything);
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Shortcuts help" }).ClickAsync();
        var heading = open.Page.Locator("#shortcuts");
        await Assertions.Expect(heading).ToBeInViewportAsync();
        await Assertions.Expect(heading).ToHaveCSSAsync("background-color", "rgb(255, 243, 196)");
    }

    [SkippableFact]
    public async Task A_link_into_a_folded_part_opens_it_also_a_second_time()
    {
        await using var open = await OpenReport.Open(report.Browser, report.Everything);
        var (row, link) = (open.Page.Locator("#trial-37"), open.Page.Locator("a[href='#trial-37']").First);
        Assert.False(await row.IsVisibleAsync());
        await link.ClickAsync();
        await Assertions.Expect(row).ToBeInViewportAsync();
        await open.Page.Locator("#trials + details > summary").ClickAsync();
        Assert.False(await row.IsVisibleAsync());
        await link.ClickAsync();
        await Assertions.Expect(row).ToBeInViewportAsync();
    }

    [SkippableFact]
    public async Task An_address_with_an_anchor_opens_what_it_leads_into()
    {
        await using var open = await OpenReport.Open(report.Browser, report.Everything, anchor: "#trial-37");
        await Assertions.Expect(open.Page.Locator("#trial-37")).ToBeInViewportAsync();
    }

    [SkippableFact]
    public async Task The_ledger_of_a_table_gives_its_command_and_the_whole_list_of_runs()
    {
        await using var open = await OpenReport.Open(report.Browser, report.Everything);
        var ledger = open.Page.Locator(".ledger").First;
        await ledger.Locator("summary").First.ClickAsync();
        Assert.Equal("./repro report resnet", await ledger.Locator("pre").First.InnerTextAsync());
        // The second ledger over the same runs leads to the first one's list.
        await open.Page.Locator("figure + .ledger > summary").ClickAsync();
        await open.Page.Locator("figure + .ledger a").ClickAsync();
        await Assertions.Expect(ledger.Locator(".long pre")).ToContainTextAsync("resnet-shortcuts/2-7");
        await Assertions.Expect(ledger.Locator(".long pre")).ToBeVisibleAsync();
    }
}
