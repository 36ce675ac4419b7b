using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Repro.Browser.Tests;

public sealed class PrintTests(ReportPage report) : IClassFixture<ReportPage>
{
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Printed_to_pdf_the_report_has_several_pages_and_the_text_of_folded_parts_with_and_without_scripts(bool script)
    {
        await using var open = await OpenReport.Open(report.Browser, report.Everything, script: script);
        var pdf = Path.ChangeExtension(report.Everything, ".pdf");
        await open.Page.PdfAsync(new() { Path = pdf });
        var text = await Text(pdf);
        Assert.True(text.Count('\f') > 1, "one page");
        text = Regex.Replace(text, @"\s+", " ");
        foreach (var expected in (string[])["Deep Residual Learning", "8.81 ± 0.12 %", "TOST at", "Every trial", "fedcba9876543210", "resnet-shortcuts: trials 0–2, runs 0–7 each"]) Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.DoesNotContain("Skip to the content", text, StringComparison.Ordinal);
        // Every row of the folded table, with its own number and state.
        Assert.Equal(40, Regex.Matches(text, @"\b(\d+) (completed|failed)\b").Select(match => match.Groups[1].Value).Distinct().Count());
    }

    /// <summary>The text of a PDF; a form feed ends each page.</summary>
    private static async Task<string> Text(string pdf)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo("pdftotext", ["-layout", pdf, "-"]) { RedirectStandardOutput = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new SkipException("pdftotext is not installed; to have it: sudo apt-get install poppler-utils");
        }
        using (process)
        {
            var text = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return text;
        }
    }
}
