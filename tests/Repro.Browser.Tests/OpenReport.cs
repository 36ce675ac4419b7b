using Microsoft.Playwright;

namespace Repro.Browser.Tests;

/// <summary>A page as one reader has it open, with all that it asked for and complained about.</summary>
public sealed class OpenReport : IAsyncDisposable
{
    private readonly IBrowserContext _context;

    private OpenReport(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>Warnings and errors of the console, broken policies among them, and exceptions of scripts.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Addresses beside the page's own; what is written within the page (<c>data:</c>) is no request.</summary>
    public List<string> Requests { get; } = [];

    public static async Task<OpenReport> Open(IBrowser browser, string file, int width = 1440, ColorScheme scheme = ColorScheme.Light, bool script = true, string anchor = "")
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = width, Height = 900 }, ColorScheme = scheme, JavaScriptEnabled = script });
        var open = new OpenReport(context, await context.NewPageAsync());
        var address = new Uri(file).AbsoluteUri;
        open.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") open.Complaints.Add(message.Text);
        };
        open.Page.PageError += (_, error) => open.Complaints.Add(error);
        open.Page.Request += (_, request) =>
        {
            if (request.Url.Split('#')[0] != address && !request.Url.StartsWith("data:", StringComparison.Ordinal)) open.Requests.Add(request.Url);
        };
        await open.Page.GotoAsync(address + anchor);
        return open;
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
