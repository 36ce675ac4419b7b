using Repro.Cli.Tests.Fakes;
using Repro.Figures;
using Repro.Reports.Ledgers;
using Repro.Results.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Tests.Verbs;

public sealed class FiguresVerbTests : IDisposable
{
    private readonly CommandLine _cli = new();

    private string Target => Path.Combine(_cli.Runs, "target");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void The_figures_of_a_run_go_beside_its_report_as_the_report_has_them()
    {
        _cli.Run("run", "net");
        var folder = new RunsFolder(_cli.Runs).Find("last");
        var figures = Path.Combine(folder, "figures");
        var before = Directory.GetFiles(figures).Order().ToDictionary(file => file, File.ReadAllText);
        Directory.Delete(figures, recursive: true);
        var result = _cli.Run("figures", "last", "--json");
        Assert.Equal(0, result.Code);
        Assert.Equal(before.Keys.Where(file => !file.EndsWith("ledger.json", StringComparison.Ordinal)), result.Last["figures"]!.AsArray().SelectMany(figure => figure!["files"]!.AsArray()).Select(file => (string)file!).Order());
        Assert.Equal(before, Directory.GetFiles(figures).Order().ToDictionary(file => file, File.ReadAllText));
    }

    [Fact]
    public void One_figure_in_one_format_and_for_one_column_is_three_files()
    {
        Fill();
        var result = _cli.Run("figures", "rates", "--only", "curves", "--format", "pdf", "--width", "column", "--output", Target);
        Assert.Equal(0, result.Code);
        Assert.Equal(["curves-column.pdf", "curves.csv", "ledger.json"], Directory.GetFiles(Target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Single(result.Out.TrimEnd('\n').Split('\n'));
        var entry = Assert.Single(LedgerFile.ReadFrom(Path.Combine(Target, "ledger.json"))!.Figures);
        Assert.Equal(("curves", "./repro figures rates --only curves"), (entry.Key, entry.Value.Command));
        Assert.Equal(0, _cli.Run("figures", "rates", "--only", "curves", "--only", "by-fault", "--format", "png,svg", "--width", "page", "--output", Target).Code);
        Assert.Equal(["by-fault.csv", "by-fault.png", "by-fault.svg", "curves-column.pdf", "curves.csv", "curves.png", "curves.svg", "ledger.json"], Directory.GetFiles(Target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(["by-fault", "curves"], LedgerFile.ReadFrom(Path.Combine(Target, "ledger.json"))!.Figures.Keys);
    }

    [Fact]
    public void A_folder_of_exports_has_a_folder_of_figures_for_each_report()
    {
        Fill();
        var results = Path.Combine(_cli.Runs, "results");
        foreach (var name in (string[])["one", "two"])
        {
            Assert.Equal(0, _cli.Run("report", "rates", "--output", Path.Combine(results, name)).Code);
            Assert.Equal(0, _cli.Run("export", "rates", "--output", Path.Combine(results, name, "sweep")).Code);
        }
        var before = Directory.GetFiles(results, "*", SearchOption.AllDirectories).Order().Select(file => (file, File.GetLastWriteTimeUtc(file))).ToList();
        Assert.Equal(0, _cli.Run("figures", results, "--only", "curves", "--output", Target).Code);
        Assert.Equal(File.ReadAllText(Path.Combine(results, "one", "figures", "curves.csv")), File.ReadAllText(Path.Combine(Target, "two", "curves.csv")));
        Assert.True(File.Exists(Path.Combine(Target, "one", "curves.png")));
        Assert.Equal(before, Directory.GetFiles(results, "*", SearchOption.AllDirectories).Order().Select(file => (file, File.GetLastWriteTimeUtc(file))));
    }

    [Fact]
    public void Data_alone_need_nothing_that_draws_and_pictures_say_what_is_missing()
    {
        Fill();
        _cli.Change = surroundings => surroundings with { Renderer = () => throw new FigureException("Nothing here draws figures: install gnuplot-nox.") };
        var result = _cli.Run("figures", "rates", "--output", Target);
        Assert.Equal((3, "Nothing here draws figures: install gnuplot-nox. The data alone need nothing: --format csv\n"), (result.Code, result.Error));
        Assert.Equal(0, _cli.Run("figures", "rates", "--output", Target, "--format", "csv").Code);
        Assert.True(File.Exists(Path.Combine(Target, "curves.csv")));
    }

    [Fact]
    public void Unknown_figures_formats_widths_and_names_are_refused_with_what_there_is()
    {
        Fill();
        Assert.Contains("There is no figure 'curve'. Figures, nearest first: curves,", Refusal("rates", "--only", "curve"), StringComparison.Ordinal);
        Assert.Equal("--format takes png, svg, pdf, csv, or several with commas; it was 'gif'.\n", Refusal("rates", "--format", "gif"));
        Assert.Equal("--width takes column or page; it was '7'.\n", Refusal("rates", "--width", "7"));
        Assert.Contains("There is no sweep 'nothing'", Refusal("nothing"), StringComparison.Ordinal);
        Assert.Contains("Papers with results, nearest first:", Refusal("nothing"), StringComparison.Ordinal);
        // It lies under results/ too, and is no paper.
        Assert.DoesNotContain("benchmarks", Refusal("nothing"), StringComparison.Ordinal);
        Assert.StartsWith("Name what to draw", Refusal(), StringComparison.Ordinal);
        Assert.Contains("--gallery shows generated data", Refusal("rates", "--gallery", Target), StringComparison.Ordinal);

        string Refusal(params string[] arguments)
        {
            var result = _cli.Run(["figures", .. arguments]);
            Assert.Equal(2, result.Code);
            return result.Error;
        }
    }

    [Fact]
    public void The_gallery_is_a_page_that_names_its_command()
    {
        var result = _cli.Run("figures", "--gallery", Target, "--json");
        Assert.Equal((0, Path.Combine(Target, "README.md")), (result.Code, (string)result.Last["gallery"]!));
        Assert.Contains($"./repro figures --gallery {Target}", File.ReadAllText(Path.Combine(Target, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweeps_figures_read_no_sealed_test()
    {
        Fill();
        FilledSweep.Confirm(_cli.Runs, "rates", FilledSweep.Search(12), 3, Value);
        Assert.Equal(0, _cli.Run("figures", "rates", "--output", Target).Code);
        Assert.Equal(0, (int)_cli.Run("report", "rates", "--json").Last["test_readings"]!);
    }

    private void Fill() => FilledSweep.Write(_cli.Runs, "rates", FilledSweep.Search(12), Value);

    private static double Value(Assignment run, long step) => 10 + run.Run.Trial + run.Run.Index + (1.0 / step);
}
