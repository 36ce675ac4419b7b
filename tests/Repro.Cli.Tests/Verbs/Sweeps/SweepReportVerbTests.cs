using Repro.Cli.Tests.Fakes;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Tests.Verbs.Sweeps;

public sealed class SweepReportVerbTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_sweep_is_reported_on_in_its_own_folder_where_no_run_has_the_name()
    {
        Fill();
        var result = _cli.Run("report", "rates", "--json");
        var folder = Path.Combine(_cli.Runs, "rates");
        Assert.Equal((0, "completed", Path.Combine(folder, "report.md")), (result.Code, (string)result.Last["status"]!, (string)result.Last["report"]!));
        Assert.Equal(FilledSweep.Search(12).Text, File.ReadAllText((string)result.Last["study"]!));
        var report = File.ReadAllText(Path.Combine(folder, "report.md"));
        foreach (var expected in (string[])["Which rate is best?", "checks: 4 passed", "| commit | 0123abc |", "./repro report rates", "./repro sweep study.yaml --seed 7 --name rates"]) Assert.Contains(expected, report, StringComparison.Ordinal);
        Assert.Equal(["best-of-n.png", "by-fault.png", "by-learning-rate.png", "curves.png", "parallel.png", "trials.png"], Directory.GetFiles(Path.Combine(folder, "figures"), "*.png").Select(Path.GetFileName).Order());
        Assert.Equal(0, _cli.Run("report", "last", "--output", Path.Combine(_cli.Runs, "elsewhere")).Code);
        Assert.Equal(report, File.ReadAllText(Path.Combine(_cli.Runs, "elsewhere", "report.md")));
    }

    [Fact]
    public void A_run_comes_before_a_sweep_and_has_no_sealed_test_scores()
    {
        _cli.Run("run", "net");
        Fill();
        Assert.StartsWith("net-quick", (string)_cli.Run("report", "last", "--json").Last["run"]!, StringComparison.Ordinal);
        Assert.Equal("rates", (string)_cli.Run("report", "rates", "--json").Last["sweep"]!);
        var result = _cli.Run("report", "last", "--test");
        Assert.Equal((2, "--test is for sweeps, whose test scores are sealed; last is a run, and its report shows what it measured.\n"), (result.Code, result.Error));
    }

    [Fact]
    public void Test_scores_are_shown_on_demand_only_and_every_reading_is_counted()
    {
        Fill();
        var early = _cli.Run("report", "rates", "--test");
        Assert.Equal(2, early.Code);
        Assert.Contains("Test is sealed", early.Error, StringComparison.Ordinal);
        FilledSweep.Confirm(_cli.Runs, "rates", FilledSweep.Search(12), 3, Value);
        Assert.DoesNotContain("test_error", Report(), StringComparison.Ordinal);
        Assert.Contains("| `test_error` | 3 |", Report("--test"), StringComparison.Ordinal);
        Assert.Contains("were shown 2 times, this report included", Report("--test"), StringComparison.Ordinal);
        Assert.Contains("were shown 2 times, and this report leaves them out", Report(), StringComparison.Ordinal);

        string Report(params string[] more)
        {
            Assert.Equal(0, _cli.Run(["report", "rates", .. more]).Code);
            return File.ReadAllText(Path.Combine(_cli.Runs, "rates", "report.md"));
        }
    }

    [Fact]
    public void A_report_says_how_often_the_experiments_test_set_was_read_elsewhere()
    {
        Fill();
        Assert.Contains("no other confirmations (never shown), no single runs that computed it", Report(), StringComparison.Ordinal);
        _cli.Run("run", "net");
        FilledSweep.Write(_cli.Runs, "others", FilledSweep.Search(12), Value);
        FilledSweep.Confirm(_cli.Runs, "others", FilledSweep.Search(12), 3, Value);
        Assert.Equal(0, _cli.Run("status", "others", "--test").Code);
        Assert.Contains("1 other confirmation (shown once), 1 single run that computed it", Report(), StringComparison.Ordinal);

        string Report()
        {
            Assert.Equal(0, _cli.Run("report", "rates").Code);
            return File.ReadAllText(Path.Combine(_cli.Runs, "rates", "report.md"));
        }
    }

    [Fact]
    public void A_study_that_an_experiment_declares_is_started_again_by_its_name_and_asks_its_question()
    {
        FilledSweep.Write(_cli.Runs, "arms", new FakeExperiment("net").Ablations[0].Of("net") with { Seeds = 6 }, Value);
        Assert.Contains("ablate study.yaml", Written("arms"), StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("sweep", "net/learning-rate", "--in-process", "--skip-checks", "--name", "declared").Code);
        Assert.Contains("./repro sweep net/learning-rate --seed 0 --name declared", Written("declared"), StringComparison.Ordinal);
        Assert.Contains("Which rate is best?", Written("declared"), StringComparison.Ordinal);
        Assert.Contains("The recipe's checks were skipped", Written("declared"), StringComparison.Ordinal);

        string Written(string sweep)
        {
            Assert.Equal(0, _cli.Run("report", sweep).Code);
            return File.ReadAllText(Path.Combine(_cli.Runs, sweep, "report.md"));
        }
    }

    [Fact]
    public void A_name_of_neither_lists_both()
    {
        Assert.Contains("There are no runs in", _cli.Run("report", "rates").Error, StringComparison.Ordinal);
        Fill();
        _cli.Run("run", "net");
        var result = _cli.Run("report", "other");
        Assert.Equal(2, result.Code);
        Assert.Contains("There is no run 'other'", result.Error, StringComparison.Ordinal);
        Assert.Contains("There is no sweep 'other'", result.Error, StringComparison.Ordinal);
    }

    private void Fill() => FilledSweep.Write(_cli.Runs, "rates", FilledSweep.Search(12), Value);

    private static double Value(Assignment run, long step) => 10 + run.Run.Trial + run.Run.Index + (1.0 / step);
}
