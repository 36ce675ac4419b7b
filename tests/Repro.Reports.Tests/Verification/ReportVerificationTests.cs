using System.Text.RegularExpressions;
using Repro.Figures;
using Repro.Figures.Verification;
using Repro.Reports.Runs;
using Repro.Reports.Sweeps;
using Repro.Reports.Tests.Sweeps;
using Repro.Reports.Verification;

namespace Repro.Reports.Tests.Verification;

public sealed class ReportVerificationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-verify-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_report_that_nobody_touched_is_the_same_and_what_was_compared_is_counted()
    {
        Write();
        var verification = Verify();
        Assert.Empty(verification.Differences);
        var lines = new[] { "report.md", "report.html", "study.yaml" }.Sum(file => File.ReadAllLines(Path.Combine(_folder, file)).Length);
        Assert.Equal((7, lines), (verification.Compared.Data, verification.Compared.Lines));
    }

    [Theory]
    [InlineData("figures/curves.csv", "$", "", "figures/curves.csv is cut off: it has ")]
    [InlineData("figures/by-momentum.csv", ",1[0-9],", ",99,", "figures/by-momentum.csv has other data than are made again: ")]
    [InlineData("report.md", "13 completed", "14 completed", "report.md line ")]
    [InlineData("report.html", "13 completed", "14 completed", "report.html line ")]
    [InlineData("study.yaml", "trials: 14", "trials: 15", "study.yaml line ")]
    [InlineData("figures/ledger.json", "rates/3-0", "rates/3-1", "figures/ledger.json says otherwise: the runs of the figure ")]
    [InlineData("figures/ledger.json", "\"sha256\": \"[0-9a-f]{8}", "\"sha256\": \"00000000", "figures/ledger.json says otherwise: the digest of the data of the figure ")]
    [InlineData("figures/ledger.json", "\"format\": 1", "\"format\": 99", "has format 99")]
    [InlineData("figures/ledger.json", "\"runs\": \\[", "\"run\": [", "cannot be read")]
    public void A_change_to_a_file_is_told_of_that_file(string file, string pattern, string replacement, string expected)
    {
        Write();
        var path = Path.Combine(_folder, file);
        var text = File.ReadAllText(path);
        // Nothing but the end: the file loses its last lines.
        File.WriteAllText(path, pattern == "$" ? string.Join('\n', text.Split('\n')[..^5]) + "\n" : new Regex(pattern).Replace(text, replacement, 1));
        Assert.NotEqual(text, File.ReadAllText(path));
        var differences = Verify().Differences;
        Assert.Contains(differences, difference => difference.ToString().Contains(expected, StringComparison.Ordinal));
        Assert.All(differences, difference => Assert.DoesNotContain('\n', difference.ToString()));
    }

    [Fact]
    public void Of_a_changed_line_both_are_told_where_they_differ()
    {
        Write();
        Edit("report.md", text => text.Replace("13 completed, 1 failed", "13 completed, 0 failed", StringComparison.Ordinal));
        var line = 1 + Array.FindIndex(File.ReadAllLines(Path.Combine(_folder, "report.md")), text => text.Contains("0 failed", StringComparison.Ordinal));
        var difference = Verify().Differences[0].ToString();
        Assert.StartsWith($"report.md line {line} is \"", difference, StringComparison.Ordinal);
        Assert.Contains("13 completed, 0 failed", difference, StringComparison.Ordinal);
        Assert.Contains("and made again \"", difference, StringComparison.Ordinal);
        Assert.Contains("13 completed, 1 failed", difference, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_were_put_in_or_taken_out_do_not_make_all_that_follow_differ()
    {
        Write();
        Edit("report.md", text => "An introduction.\n" + text.TrimEnd('\n') + "\nAn end.\n");
        Assert.Equal(
            ["report.md line 1 is not there when it is made again: \"An introduction.\"", $"report.md line {File.ReadAllLines(Path.Combine(_folder, "report.md")).Length} is not there when it is made again: \"An end.\""],
            Verify().Differences.Select(difference => difference.ToString()));
        Write();
        var (last, lines) = ("", File.ReadAllLines(Path.Combine(_folder, "report.md")));
        last = lines[^1];
        Edit("report.md", _ => string.Join('\n', lines[..^1]) + "\n");
        Assert.Equal([$"report.md a line is missing at the end: \"{last}\""], Verify().Differences.Select(difference => difference.ToString()).Select(text => text.Replace($"before line {lines.Length}", "at the end", StringComparison.Ordinal)));
    }

    [Fact]
    public void Missing_and_superfluous_files_are_told()
    {
        Write();
        File.Delete(Path.Combine(_folder, "figures", "curves.csv"));
        File.Delete(Path.Combine(_folder, "figures", "by-network.pdf"));
        File.WriteAllText(Path.Combine(_folder, "figures", "old.png"), "");
        File.WriteAllText(Path.Combine(_folder, "README.md"), "A person's own.");
        Assert.Equal(
            ["figures/by-network.pdf is missing", "figures/curves.csv is missing", "figures/old.png is not made again: it does not belong to the report"],
            Verify().Differences.Select(difference => difference.ToString()));
    }

    [Fact]
    public void A_report_without_a_ledger_says_so_and_the_rest_is_compared()
    {
        Write();
        File.Delete(Path.Combine(_folder, "figures", "ledger.json"));
        Edit("report.md", text => text.Replace("13 completed", "14 completed", StringComparison.Ordinal));
        var verification = Verify();
        Assert.StartsWith("figures/ledger.json is missing", verification.Differences[0].ToString(), StringComparison.Ordinal);
        Assert.Contains("./repro report rates", verification.Differences[0].ToString(), StringComparison.Ordinal);
        Assert.Contains(verification.Differences, difference => difference.ToString().StartsWith("report.md line", StringComparison.Ordinal));
        Assert.Contains("the ledger does not say what drew them", Assert.Single(verification.NotCompared), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_as_it_was_exported_is_told_and_nothing_is_made_from_it()
    {
        Write();
        var made = false;
        var report = Report() with { SourceFaults = () => ["sweep/metrics.csv is missing"], Write = (_, _) => { made = true; return []; } };
        var verification = ReportVerification.Of(report, new FlatRenderer(), [], _ => { });
        Assert.Equal((false, "sweep/metrics.csv is missing"), (made, Assert.Single(verification.Differences).ToString()));
    }

    [SkippableFact]
    public void A_picture_in_which_a_digit_was_changed_is_told_and_rounding_at_edges_is_not()
    {
        RequireFonts();
        Write();
        var picture = Path.Combine(_folder, "figures", "curves.png");
        FlatRenderer.Write(picture, 104);
        Assert.Empty(Verify().Differences);
        FlatRenderer.Write(picture, 100, others: 50);
        var difference = Assert.Single(Verify().Differences).ToString();
        Assert.StartsWith("figures/curves.png is another picture than the one made again: 50 of 120,000 pixels", difference, StringComparison.Ordinal);
        File.WriteAllText(picture, "not a picture");
        Assert.StartsWith("figures/curves.png is another file than the one made again", Assert.Single(Verify().Differences).ToString(), StringComparison.Ordinal);
        Write();
        File.AppendAllText(Path.Combine(_folder, "figures", "curves.svg"), " ");
        Assert.Equal("figures/curves.svg is another file than the one made again", Assert.Single(Verify().Differences).ToString());
    }

    [SkippableFact]
    public void Pictures_that_another_renderer_drew_are_not_compared_nor_drawn_and_it_is_said_why()
    {
        RequireFonts();
        Write();
        FlatRenderer.Write(Path.Combine(_folder, "figures", "curves.png"), 0);
        var other = new FlatRenderer("flat 2.0");
        var verification = ReportVerification.Of(Report(), other, [], _ => { });
        Assert.Empty(verification.Differences);
        Assert.Empty(other.Drawn);
        Assert.Equal("28 pictures: one was drawn by flat 1.0, the other by flat 2.0.", Assert.Single(verification.NotCompared));
        Assert.Equal((7, 0), (verification.Compared.Data, verification.Compared.Pictures));
        Assert.Contains("nothing on this machine draws figures", Assert.Single(ReportVerification.Of(Report(), null, [], _ => { }).NotCompared), StringComparison.Ordinal);
    }

    [Fact]
    public void Sections_that_need_data_which_are_not_here_are_left_out_and_named()
    {
        var input = ExampleRuns.Input(ExampleRuns.Run());
        RunReport.Write(input, new FlatRenderer(), _folder);
        var report = new RepeatableReport("run", _folder, (renderer, folder) =>
        {
            RunReport.Write(input with { Examples = [] }, renderer, folder);
            return [new UnmadeSection("Examples", "examples-", "The data set cifar-10 is not here.")];
        });
        var verification = ReportVerification.Of(report, new FlatRenderer(), [], _ => { });
        Assert.Empty(verification.Differences);
        Assert.Contains("The section \"Examples\": The data set cifar-10 is not here.", verification.NotCompared);
        Edit("report.md", text => text.Replace("8.93 %", "7.93 %", StringComparison.Ordinal));
        Assert.NotEmpty(ReportVerification.Of(report, new FlatRenderer(), [], _ => { }).Differences);
    }

    [Fact]
    public void Nothing_is_written_into_the_folder_that_is_verified()
    {
        Write();
        Edit("report.md", text => text + "more\n");
        var before = Directory.GetFileSystemEntries(_folder, "*", SearchOption.AllDirectories).Order().Select(entry => (entry, File.GetLastWriteTimeUtc(entry))).ToList();
        Verify();
        Assert.Equal(before, Directory.GetFileSystemEntries(_folder, "*", SearchOption.AllDirectories).Order().Select(entry => (entry, File.GetLastWriteTimeUtc(entry))));
    }

    [Fact]
    public void Asked_to_stop_it_stops_and_leaves_nothing_behind()
    {
        Write();
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var seen = "";
        var report = Report() with { Write = (renderer, folder) => { seen = folder; return Report().Write(renderer, folder); } };
        Assert.Throws<OperationCanceledException>(() => ReportVerification.Of(report, new FlatRenderer(), [], _ => { }, stop.Token));
        Assert.False(Directory.Exists(seen));
    }

    private void Write() => SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search), new FlatRenderer(), _folder);

    private ReportVerification Verify() => ReportVerification.Of(Report(), new FlatRenderer(), [], _ => { });

    private RepeatableReport Report() => new("rates", _folder, (renderer, folder) =>
    {
        SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search), renderer, folder);
        return [];
    })
    {
        IsSource = file => file == "README.md",
    };

    private void Edit(string file, Func<string, string> change) => File.WriteAllText(Path.Combine(_folder, file), change(File.ReadAllText(Path.Combine(_folder, file))));

    // Pictures of fonts that are not known are compared with none.
    private static void RequireFonts() => Skip.If(RendererIdentity.Of(new FlatRenderer()).FontHash.Length == 0, "fc-match is not installed (apt-get install fontconfig).");
}
