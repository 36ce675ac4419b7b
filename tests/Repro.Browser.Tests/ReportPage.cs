using Repro.Reports.Documents;
using Repro.Reports.Tests.Documents;

namespace Repro.Browser.Tests;

/// <summary>One browser and one written report for all tests.</summary>
public sealed class ReportPage : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-browser-").FullName;
    private Chromium? _chromium;

    public string Everything { get; private set; } = "";

    /// <summary>The browser; skips the test where this machine has none.</summary>
    public Microsoft.Playwright.IBrowser Browser
    {
        get
        {
            Skip.If(_chromium is null, Chromium.Missing);
            return _chromium!.Browser;
        }
    }

    public async Task InitializeAsync()
    {
        Everything = Write("everything.html", EverythingDocument.Create(_folder));
        if (Chromium.Find() is { } program) _chromium = await Chromium.Start(program);
    }

    public string Write(string name, Document document)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllText(file, HtmlWriter.Write(document));
        return file;
    }

    public async Task DisposeAsync()
    {
        if (_chromium is not null) await _chromium.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
