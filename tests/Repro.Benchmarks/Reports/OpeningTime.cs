using System.Diagnostics;
using Repro.Browser;

namespace Repro.Benchmarks.Reports;

/// <summary>How long a reader waits for a page: from the address to the first picture of it after everything in it has loaded, in Chromium without a window.</summary>
internal static class OpeningTime
{
    private const int Openings = 5;

    /// <summary>Frames are drawn in turn, so that the second one from now has been preceded by a whole one.</summary>
    private const string TwoFrames = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))";

    /// <param name="then">A script to run before the picture that ends the time, such as one that unfolds the page; empty for none.</param>
    /// <returns>Seconds, the median of five openings, each in a window of its own; null where there is no Chromium.</returns>
    public static double? Measure(string file, string then = "")
    {
        if (Chromium.Find() is not { } program) return null;
        // The driver comes with the tests of the browser, which are built together with this; a second copy would have 160 MB.
        var driver = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../Repro.Browser.Tests/bin/Release/net10.0"));
        if (Directory.Exists(driver)) Environment.SetEnvironmentVariable("PLAYWRIGHT_DRIVER_SEARCH_PATH", driver);
        return Measure(program, file, then).GetAwaiter().GetResult();
    }

    private static async Task<double> Measure(string program, string file, string then)
    {
        await using var chromium = await Chromium.Start(program);
        var seconds = new List<double>();
        for (var i = 0; i < Openings; i++)
        {
            var page = await chromium.Browser.NewPageAsync();
            var begun = Stopwatch.GetTimestamp();
            await page.GotoAsync(new Uri(file).AbsoluteUri);
            if (then.Length > 0) await page.EvaluateAsync(then);
            await page.EvaluateAsync(TwoFrames);
            seconds.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
            await page.CloseAsync();
        }
        return Processes.Median(seconds);
    }
}
