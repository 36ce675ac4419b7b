using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Repro.Browser.Tests;

/// <summary>What every reader has of a report, on whatever screen, and without scripts.</summary>
[Collection(OneBrowser.Name)]
public sealed class ReadingTests(ReportPage report)
{
    [SkippableTheory]
    [InlineData(360)]
    [InlineData(1440)]
    public async Task The_page_is_no_wider_than_the_screen_asks_for_nothing_and_complains_of_nothing(int width)
    {
        await using var open = await OpenReport.Open(report.Browser, report.Everything, width);
        // Folded parts are as wide as open ones.
        await open.Page.EvaluateAsync("document.querySelectorAll('details').forEach(folded => folded.open = true)");
        Assert.Equal(width, await open.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Empty(open.Complaints);
        Assert.Empty(open.Requests);
    }

    [SkippableTheory]
    [InlineData(360, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    [InlineData(1440, ColorScheme.Light)]
    [InlineData(1440, ColorScheme.Dark)]
    public async Task Axe_finds_nothing_to_object_to(int width, ColorScheme scheme)
    {
        await using var open = await OpenReport.Open(report.Browser, report.Everything, width, scheme);
        await open.Page.EvaluateAsync("document.querySelectorAll('details').forEach(folded => folded.open = true)");
        var found = await open.Page.RunAxe();
        Assert.NotEmpty(found.Passes);
        Assert.Empty(found.Violations.Select(violation => $"{violation.Id}: {violation.Help}: {string.Join(" | ", violation.Nodes.Select(node => node.Html))}"));
    }

    [SkippableFact]
    public async Task Axe_sees_what_is_wrong()
    {
        var browser = report.Browser;
        var file = Path.Combine(Path.GetDirectoryName(report.Everything)!, "wrong.html");
        await File.WriteAllTextAsync(file, "<!DOCTYPE html><html lang=en><title>t</title><main><h1>t</h1><p style='color:#ccc;background:#fff'>faint</p></main>");
        await using var open = await OpenReport.Open(browser, file);
        Assert.Contains("color-contrast", (await open.Page.RunAxe()).Violations.Select(violation => violation.Id));
    }

    [SkippableFact]
    public async Task Without_scripts_every_word_is_there_and_folded_parts_open()
    {
        await using var open = await OpenReport.Open(report.Browser, report.Everything, script: false);
        Assert.Equal(0, await open.Page.Locator("thead button, .filter, .copy").CountAsync());
        await open.Page.Locator("#trials + details > summary").ClickAsync();
        Assert.True(await open.Page.Locator("#trial-37").IsVisibleAsync());
    }

    [SkippableFact]
    public async Task Tab_leads_to_the_skip_link_first_and_it_leads_past_the_navigation()
    {
        await using var open = await OpenReport.Open(report.Browser, report.Everything);
        await open.Page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the content", await open.Page.EvaluateAsync<string>("document.activeElement.textContent"));
        var box = await open.Page.Locator(".skip").BoundingBoxAsync();
        Assert.True(box!.X >= 0 && box.Y >= 0);
        await open.Page.Keyboard.PressAsync("Enter");
        Assert.Equal("content", await open.Page.EvaluateAsync<string>("document.activeElement.id"));
    }
}
