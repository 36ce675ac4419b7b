using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Repro.Browser.Tests;

/// <summary>What a page says on paper.</summary>
internal static partial class Pdf
{
    /// <summary>The words of the printed page with single spaces; a form feed ends each sheet. Skips the test where pdftotext is missing.</summary>
    public static async Task<string> Text(IPage page, string file)
    {
        await page.PdfAsync(new() { Path = file });
        try
        {
            using var process = Process.Start(new ProcessStartInfo("pdftotext", ["-layout", file, "-"]) { RedirectStandardOutput = true })!;
            var text = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return Spaces().Replace(text, " ");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new SkipException("pdftotext is not installed; to have it: sudo apt-get install poppler-utils");
        }
    }

    [GeneratedRegex(@"[^\S\f]+")]
    private static partial Regex Spaces();
}
