using Repro.Cli.Tests.Fakes;
using Repro.Results.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Tests.Verbs;

public sealed class VerifyVerbTests : IDisposable
{
    private readonly CommandLine _cli = new();
    private readonly string _results = Directory.CreateTempSubdirectory("repro-results-").FullName;

    public void Dispose()
    {
        _cli.Dispose();
        Directory.Delete(_results, recursive: true);
    }

    [Fact]
    public void Exported_runs_and_sweeps_with_their_reports_are_verified_and_counted()
    {
        Fill();
        var result = _cli.Bare("verify", _results, "--json");
        Assert.Equal((0, true, 0), (result.Code, (bool)result.Last["verified"]!, (int)result.Last["differences"]!));
        Assert.Equal(["rates", "run"], result.Last["reports"]!.AsArray().Select(report => (string)report!["report"]!));
        Assert.True((int)result.Last["compared"]!["figures"]! >= 5);
        Assert.Contains("All the same.", _cli.Bare("verify", Path.Combine(_results, "run")).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rates/sweep/metrics.csv", "rates: 1 difference\n  differs: sweep/metrics.csv is not what was exported: its digest differs from the one in sweep.json\n")]
    [InlineData("rates/sweep/events.jsonl", "differs: sweep/events.jsonl is not what was exported")]
    [InlineData("rates/sweep/sweep.json", "sweep.json cannot be read")]
    [InlineData("rates/figures/curves.csv", "differs: figures/curves.csv is cut off")]
    [InlineData("rates/tables/best-trials.tex", "differs: tables/best-trials.tex ")]
    [InlineData("rates/report.md", "differs: report.md ")]
    [InlineData("rates/report.html", "differs: report.html ")]
    [InlineData("run/metrics.jsonl", "differs: metrics.jsonl is not what the report was made from")]
    [InlineData("run/predictions-test.safetensors", "differs: predictions-test.safetensors is not what the report was made from")]
    [InlineData("run/run.json", "differs: run.json is not what the report was made from")]
    public void A_file_that_was_cut_off_is_one_clear_line(string file, string expected)
    {
        Fill();
        var path = Path.Combine(_results, file);
        var content = File.ReadAllBytes(path);
        File.WriteAllBytes(path, content[..(content.Length * 2 / 3)]);
        var result = _cli.Bare("verify", _results);
        Assert.Equal((1, ""), (result.Code, result.Error));
        Assert.Contains(expected, result.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Unexpected", result.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_digit_that_was_changed_in_measured_values_is_told()
    {
        Fill();
        var path = Path.Combine(_results, "rates", "sweep", "metrics.csv");
        var lines = File.ReadAllLines(path);
        lines[5] = lines[5].Replace('1', '7');
        File.WriteAllLines(path, lines);
        var result = _cli.Bare("verify", _results);
        Assert.Equal(1, result.Code);
        Assert.Contains("rates: 1 difference\n  differs: sweep/metrics.csv is not what was exported", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_folders_and_what_nobody_made_are_told()
    {
        Fill();
        File.WriteAllText(Path.Combine(_results, "README.md"), "[rates](rates/report.md), [run](run/report.md#options), ![a picture](nowhere.png), [elsewhere](https://example.org), [gone](gone/report.md)");
        Directory.Delete(Path.Combine(_results, "rates", "sweep"), recursive: true);
        File.WriteAllText(Path.Combine(_results, "run", "figures", "old.png"), "");
        var result = _cli.Bare("verify", _results);
        Assert.Equal(1, result.Code);
        Assert.Contains("differs: README.md links to gone/report.md, which is not there\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("differs: rates has a report, and neither the run (run.json) nor the sweep (sweep/sweep.json) that it was made from\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("differs: figures/old.png is not made again", result.Out, StringComparison.Ordinal);
        Assert.Contains("3 differences.", result.Out, StringComparison.Ordinal);
        Directory.Delete(Path.Combine(_results, "run"), recursive: true);
        Assert.Contains("README.md links to run/report.md, which is not there", _cli.Bare("verify", _results).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Whether_test_is_shown_comes_out_as_it_was_and_no_reading_is_counted()
    {
        Fill();
        FilledSweep.Confirm(_cli.Runs, "rates", FilledSweep.Search(12), 3, Value);
        var folder = Path.Combine(_results, "rates");
        Report("--test");
        Assert.Contains("| `test_error` | 3 |", File.ReadAllText(Path.Combine(folder, "report.md")), StringComparison.Ordinal);
        Verified();
        // On a machine that has only the export, the same report again.
        var shown = File.ReadAllText(Path.Combine(folder, "report.md"));
        using (var elsewhere = new CommandLine()) Assert.Equal(0, elsewhere.Run("report", folder).Code);
        Assert.Equal(shown, File.ReadAllText(Path.Combine(folder, "report.md")));
        Report();
        Assert.DoesNotContain("test_error", File.ReadAllText(Path.Combine(folder, "report.md")), StringComparison.Ordinal);
        Verified();

        void Report(params string[] more)
        {
            Assert.Equal(0, _cli.Run(["report", "rates", "--output", folder, .. more]).Code);
            Assert.Equal(0, _cli.Run("export", "rates", "--output", Path.Combine(folder, "sweep")).Code);
        }

        void Verified() => Assert.Contains("All the same.", _cli.Bare("verify", folder).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ledger_that_would_show_test_without_a_counted_reading_shows_nothing()
    {
        Fill();
        FilledSweep.Confirm(_cli.Runs, "rates", FilledSweep.Search(12), 3, Value);
        var folder = Path.Combine(_results, "rates");
        Assert.Equal(0, _cli.Run("report", "rates", "--output", folder).Code);
        Assert.Equal(0, _cli.Run("export", "rates", "--output", Path.Combine(folder, "sweep")).Code);
        var ledger = Path.Combine(folder, "figures", "ledger.json");
        File.WriteAllText(ledger, File.ReadAllText(ledger).Replace("\"test_shown\": false", "\"test_shown\": true", StringComparison.Ordinal));
        var result = _cli.Bare("verify", folder);
        Assert.Equal(1, result.Code);
        Assert.Contains("differs: figures/ledger.json says otherwise: test_shown is \"true\", and made again \"false\"", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_below_the_verified_folder_is_touched()
    {
        Fill();
        File.AppendAllText(Path.Combine(_results, "rates", "report.md"), "more\n");
        var before = Entries();
        Assert.Equal(1, _cli.Bare("verify", _results).Code);
        Assert.Equal(before, Entries());

        List<(string, DateTime)> Entries() => [.. Directory.GetFileSystemEntries(_results, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(entry => (entry, File.GetLastWriteTimeUtc(entry)))];
    }

    [Fact]
    public void Without_a_renderer_all_but_the_pictures_is_compared()
    {
        Fill();
        _cli.Change = surroundings => surroundings with { Renderer = () => throw new Figures.FigureException("Nothing here draws figures.") };
        var result = _cli.Bare("verify", _results);
        Assert.Equal(0, result.Code);
        Assert.Contains("not compared: ", result.Out, StringComparison.Ordinal);
        Assert.Contains("nothing on this machine draws figures. Install gnuplot-nox.", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_paper_and_no_folder_of_exports_is_named()
    {
        Assert.Contains("There is no folder nowhere, and no paper of that name has results.", Refusal("nowhere"), StringComparison.Ordinal);
        Assert.Contains("so there is nothing to verify", Refusal(_results), StringComparison.Ordinal);

        string Refusal(string what)
        {
            var result = _cli.Bare("verify", what);
            Assert.Equal(2, result.Code);
            return result.Error;
        }
    }

    /// <summary>One run and one sweep as one commits them.</summary>
    private void Fill()
    {
        _cli.Run("run", "net");
        var run = Path.GetFileName(new RunsFolder(_cli.Runs).Find("last"));
        Assert.Equal(0, _cli.Run("report", run, "--output", Path.Combine(_results, "run")).Code);
        FilledSweep.Write(_cli.Runs, "rates", FilledSweep.Search(12), Value);
        Assert.Equal(0, _cli.Run("report", "rates", "--output", Path.Combine(_results, "rates")).Code);
        Assert.Equal(0, _cli.Run("export", "rates", "--output", Path.Combine(_results, "rates", "sweep")).Code);
    }

    private static double Value(Assignment run, long step) => 10 + run.Run.Trial + run.Run.Index + (1.0 / step);
}
