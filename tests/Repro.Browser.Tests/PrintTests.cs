using System.Text.RegularExpressions;

namespace Repro.Browser.Tests;

[Collection(OneBrowser.Name)]
public sealed class PrintTests(ReportPage report)
{
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Printed_to_pdf_the_report_has_several_pages_and_the_text_of_folded_parts_with_and_without_scripts(bool script)
    {
        await using var open = await OpenReport.Open(report.Browser, report.Everything, script: script);
        var text = await Pdf.Text(open.Page, Path.ChangeExtension(report.Everything, ".pdf"));
        Assert.True(text.Count(c => c == '\f') > 1, "one page");
        foreach (var expected in (string[])["Deep Residual Learning", "8.81 ± 0.12 %", "TOST at", "Every trial", "fedcba9876543210", "resnet-shortcuts: trials 0–2, runs 0–7 each"]) Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.DoesNotContain("Skip to the content", text, StringComparison.Ordinal);
        // Every row of the folded table, with its own number and state.
        Assert.Equal(40, Regex.Matches(text, @"\b(\d+) (completed|failed)\b").Select(match => match.Groups[1].Value).Distinct().Count());
    }
}
