using Microsoft.Playwright;

namespace Repro.Browser;

/// <summary>The Chromium of this machine, without a window. Playwright drives it; the browsers that Playwright itself would fetch are not used.</summary>
public sealed class Chromium : IAsyncDisposable
{
    public const string Missing = "Chromium is not installed; to have it: sudo apt-get install chromium";

    private readonly IPlaywright _playwright;

    private Chromium(IPlaywright playwright, IBrowser browser) => (_playwright, Browser) = (playwright, browser);

    public IBrowser Browser { get; }

    /// <summary>The first of its names on PATH; null where there is none.</summary>
    public static string? Find() =>
        (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
         from name in (string[])["chromium", "chromium-browser", "google-chrome"]
         select Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <param name="program">What <see cref="Find"/> found.</param>
    public static async Task<Chromium> Start(string program)
    {
        var playwright = await Playwright.CreateAsync();
        try
        {
            return new Chromium(playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = program, Args = ["--disable-dev-shm-usage"] }));
        }
        catch
        {
            playwright.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
    }
}
