using Repro.Cli.Running;
using Repro.Cli.Tests.Fakes;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies.Sweeps;
using Repro.Training;

namespace Repro.Cli.Tests.Verbs.Sweeps;

/// <summary>Whatever shows a run of a sweep, nothing of test is seen before it may be.</summary>
public sealed class TestSealTests : IDisposable
{
    // The test error of every run of the confirmation, which nothing else has a value near to.
    private const string Secret = "7777";

    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Nothing_shows_test_before_every_run_of_the_confirmation_has_ended()
    {
        Fill("rates", done: 1);
        Fill("others", done: 2);
        string[][] commands =
        [
            ["status", "rates"], ["status", "rates", "--json"], ["status", "rates", "--trial", "12"], ["status", "rates", "--trial", "12", "--json"], ["status", "rates", "--where", "trial = 12", "--json"],
            ["report", "rates", "--json"], ["report", "rates/12-0", "--json"], ["report", "rates/12-1"], ["figures", "rates"], ["figures", "rates/12-0", "--format", "csv"], ["why", "rates"], ["why", "rates/12-0", "--json"],
            ["compare", "rates", "others", "--json"], ["compare", "rates/12-0", "rates/0", "--json"], ["compare", "rates/12-0", "others/12-1"], ["list", "--json"], ["export", "rates", "--output", Path.Combine(_cli.Runs, "exported"), "--json"],
            ["report", Path.Combine(_cli.Runs, "exported"), "--output", Path.Combine(_cli.Runs, "of-export")], ["why", Path.Combine(_cli.Runs, "exported", "12-0")], ["replay", "rates", "--orders", "2"],
        ];
        foreach (var command in commands)
        {
            var result = _cli.Run(command);
            Assert.True(result.Code == 0, $"{string.Join(' ', command)}: {result.Error}");
            Assert.False(Tells(result.Out + result.Error), $"{string.Join(' ', command)} tells test: {result.Out}");
        }
        Assert.NotEmpty(Written());
        Assert.All(Written(), file => Assert.False(Tells(File.ReadAllText(file)), $"{file} tells test."));
        string[][] asked = [["status", "rates", "--test"], ["status", "rates", "--trial", "12", "--test"], ["report", "rates", "--test"], ["report", "rates/12-0", "--test"], ["compare", "rates", "others", "--test"], ["compare", "rates/12-0", "rates/0", "--test"]];
        foreach (var command in asked)
        {
            var refused = _cli.Run(command);
            Assert.Equal(2, refused.Code);
            Assert.Contains("Test is sealed until every run of the confirmation has ended: of trial 12 of rates, 1 of 3 has. To go on: ./repro resume rates", refused.Error, StringComparison.Ordinal);
        }
        Assert.Equal((0, 0), (Readings("rates"), Readings("others")));
        Assert.Contains("Test was computed for 1 of these 3 runs. Its scores stay sealed until every one of them has ended.", File.ReadAllText(Path.Combine(_cli.Runs, "rates", "report.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_of_the_confirmation_shows_test_to_whoever_asks_once_all_have_ended_and_that_is_counted()
    {
        Fill("rates", done: 3);
        Assert.Equal(0, _cli.Run("report", "rates/12-0").Code);
        var report = File.ReadAllText(Report("rates", "12-0"));
        Assert.False(Tells(report));
        Assert.Contains("./repro report rates/12-0 --test", report, StringComparison.Ordinal);
        Assert.Contains("sealed: nothing of test is shown here", report, StringComparison.Ordinal);
        Assert.DoesNotContain("ein Hund", report, StringComparison.Ordinal);
        Assert.Equal(0, Readings("rates"));
        Assert.Equal(0, _cli.Run("report", "rates/12-0", "--test").Code);
        report = File.ReadAllText(Report("rates", "12-0"));
        Assert.Contains(Secret, report, StringComparison.Ordinal);
        Assert.Contains("ein Hund", report, StringComparison.Ordinal);
        Assert.Equal(1, Readings("rates"));
        Assert.Contains("Test scores were shown by repro report rates/12-0", _cli.Run("why", "rates").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_of_a_confirmations_run_says_evaluate_test_where_it_shows_test_and_its_command_computes_it()
    {
        Fill("rates", done: 3);
        _cli.Run("report", "rates/12-0", "--test");
        var report = File.ReadAllText(Report("rates", "12-0"));
        Assert.Matches(@"\| `evaluate` \| \**test\** \|", report);
        Assert.Contains("./repro run net --profile sweep --set learning_rate=0.1 --set evaluate=test --seed ", report, StringComparison.Ordinal);
        _cli.Run("report", "rates/12-0");
        var shut = File.ReadAllText(Report("rates", "12-0"));
        Assert.DoesNotContain("evaluate=test", shut, StringComparison.Ordinal);
        Assert.Contains("beside what its option evaluate says, test is evaluated once, at its end", shut, StringComparison.Ordinal);
    }

    [Fact]
    public void What_shows_no_test_score_counts_no_reading()
    {
        Fill("rates", done: 3);
        Fill("others", done: 3);
        Assert.Contains("Trial 0 of rates has no test scores: only the confirmation, trial 12, has.", Refused("status", "rates", "--trial", "0", "--test"), StringComparison.Ordinal);
        Assert.Contains("which does not fulfil 'trial = 0'", Refused("status", "rates", "--where", "trial = 0", "--test"), StringComparison.Ordinal);
        Assert.Contains("Trial 0 of rates has no test scores: only the confirmation, trial 12, has.", Refused("report", "rates/0", "--test"), StringComparison.Ordinal);
        Assert.Contains("which are part of the outcome", Refused("compare", "rates", "others", "--test", "--only", "options"), StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("figures", "rates/12-0").Code);
        Assert.Equal((0, 0), (Readings("rates"), Readings("others")));
        // Two runs of one sweep are one reading.
        Assert.Contains(Secret, _cli.Run("compare", "rates/12-0", "rates/12-1", "--test").Out, StringComparison.Ordinal);
        Assert.Equal(1, Readings("rates"));
    }

    [Fact]
    public void Where_the_data_have_no_test_split_nothing_is_shown_and_nothing_counted()
    {
        var study = FilledSweep.Search(12);
        FilledSweep.Write(_cli.Runs, "rates", study, Value);
        using (var store = new SqliteStore(Path.Combine(_cli.Runs, "sweeps.db")))
        {
            var person = new Coordinator(store, "rates", study, host: null, TimeProvider.System);
            person.Decide(d => d.Confirm(null, 1));
            var run = person.Decide(d => d.Claim("slot"))!;
            person.Decide(d => d.Complete(run.Run, run.Attempt, FilledSweep.Steps, new Dictionary<string, double> { ["validation_error"] = 3 }));
        }
        Assert.Contains("There is nothing to show: the runs of the confirmed choice of rates, trial 12, computed no test score.", Refused("status", "rates", "--test"), StringComparison.Ordinal);
        Assert.Equal(0, Readings("rates"));
    }

    [Fact]
    public void Of_a_confirmation_that_was_cut_short_what_completed_is_shown_with_its_number()
    {
        Fill("rates", done: 1);
        Assert.Equal(0, _cli.Run("cancel", "rates", "--trial", "12").Code);
        var shown = _cli.Run("status", "rates", "--test");
        Assert.Contains(Secret, shown.Out, StringComparison.Ordinal);
        Assert.Contains("(mean of the 1 of 3 runs that completed)", shown.Out.ReplaceLineEndings(" ").Replace("  ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(1, (int)_cli.Run("status", "rates", "--test", "--json").Last["trials"]![12]!["test_runs"]!);
    }

    private string Refused(params string[] command)
    {
        var result = _cli.Run(command);
        Assert.Equal(2, result.Code);
        return result.Error;
    }

    // Confirms trial 0 on three seeds, of which some are done; each done one has left what a worker leaves of test.
    private void Fill(string sweep, int done)
    {
        FilledSweep.Write(_cli.Runs, sweep, FilledSweep.Search(12), Value);
        FilledSweep.Confirm(_cli.Runs, sweep, FilledSweep.Search(12), 3, Value, done);
        for (var i = 0; i < done; i++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_cli.Runs, sweep, $"12-{i}", "attempt-1")).FullName;
            StoredPredictions.Write(folder, new StoredPredictions("test", FilledSweep.Steps, [0, 1], [0, 1], ["dark", "bright"], [-0.1f, -2, -3, -0.05f]));
            SampleFiles.Write(folder, new SampleSet("test", FilledSweep.Steps, [], [new TextSamples("pairs", "Translations", "Greedy.", [new TextSample("a dog", "ein hund", "ein Hund")])]));
            File.WriteAllText(Path.Combine(_cli.Runs, sweep, $"12-{i}", "log.txt"), $"test_error is {Secret}.\n");
        }
    }

    private IEnumerable<string> Written() => Directory.EnumerateFiles(_cli.Runs, "*", SearchOption.AllDirectories).Where(file =>
        Path.GetExtension(file) is ".md" or ".html" or ".csv" or ".yaml" && !file.StartsWith(Path.Combine(_cli.Runs, "exported"), StringComparison.Ordinal));

    private static bool Tells(string text) => text.Contains(Secret, StringComparison.Ordinal) || text.Contains("7,777", StringComparison.Ordinal) || text.Contains("7.777", StringComparison.Ordinal);

    private string Report(string sweep, string run) => Path.Combine(_cli.Runs, sweep, run, "report.md");

    private int Readings(string sweep) => (int)_cli.Run("status", sweep, "--json").Last["test_readings"]!;

    // The test error is twice as much.
    private static double Value(Assignment run, long step) => run.ReadsTest ? 3888.5 : 10 + run.Run.Trial + run.Run.Index + (1.0 / step);
}
