using System.Text.Json.Nodes;
using Repro.Results.Stores;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Tests.Verbs.Sweeps;

/// <summary>Sweeps by the command line, trained by the fake in this process.</summary>
public sealed class SweepVerbTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_sweep_tries_its_budget_and_says_the_best_which_is_at_the_known_rate()
    {
        var result = Sweep("net", "--vary", "learning_rate=0.001,0.01,0.1,1", "--json");
        Assert.Equal(0, result.Code);
        var last = result.Last;
        Assert.Equal(("net", "completed", 4), ((string)last["sweep"]!, (string)last["status"]!, (int)last["trials"]!["completed"]!));
        Assert.Equal(0.1, (double)last["best"]!["options"]!["learning_rate"]!);
        Assert.Equal(2.5, (double)last["best"]!["value"]!, 0.01);
        // The paper's own rate is one of the four, and is not tried twice.
        Assert.Equal(4, result.Lines.Count(line => (string?)line["event"] == "run_ended"));
        Assert.All(result.Lines.SkipLast(1), line => Assert.NotNull(line["event"]));
    }

    [Fact]
    public void The_same_command_again_goes_on_with_the_same_sweep_and_trains_nothing_twice()
    {
        Sweep("net/learning-rate", "--trials", "3");
        var again = Sweep("net/learning-rate", "--trials", "3");
        Assert.Contains("going on with it", again.Out, StringComparison.Ordinal);
        Assert.Equal(3, Log("net-learning-rate").OfType<RunStarted>().Count());
        Sweep("net/learning-rate", "--trials", "3", "--seed", "4");
        Assert.Equal(3, Log("net-learning-rate-2").OfType<RunStarted>().Count());
        Assert.Equal(2, Sweep("net/learning-rate", "--trials", "4", "--name", "net-learning-rate").Code);
    }

    [Fact]
    public void A_recipe_that_fails_keeps_the_sweep_from_starting_unless_that_is_wanted_and_kept()
    {
        var refused = _cli.Run("sweep", "net", "--vary", "checkpoint_every=1,2", "--set", "learning_rate=2", "--in-process", "--json");
        Assert.Equal((1, "failed"), (refused.Code, (string)refused.Last["status"]!));
        Assert.Contains("overfit-batch", refused.Error, StringComparison.Ordinal);
        using (var store = new SqliteStore(Store)) Assert.Empty(store.Sweeps());
        Assert.Equal(0, _cli.Run("sweep", "net", "--vary", "checkpoint_every=1,2", "--set", "learning_rate=2", "--in-process", "--skip-checks").Code);
        Assert.Equal("skipped", (string)Status("last").Last["tags"]!["checks"]!);
    }

    [Fact]
    public void Test_is_computed_by_a_confirmation_alone_and_every_showing_of_it_is_counted()
    {
        Sweep("net/learning-rate", "--trials", "4");
        Assert.All(Log("net-learning-rate").OfType<RunCompleted>(), run => Assert.DoesNotContain("test_error", run.Scores.Keys));
        var early = _cli.Run("status", "last", "--test");
        Assert.Equal(2, early.Code);
        Assert.Contains("test has not been computed", early.Error, StringComparison.Ordinal);
        Assert.Equal(0, Sweep("last", "--confirm", "2").Code);
        var confirmed = Log("net-learning-rate").OfType<RunCompleted>().Where(run => run.Scores.ContainsKey("test_error")).ToList();
        Assert.Equal(2, confirmed.Count);
        var shut = Status("last");
        Assert.DoesNotContain("test_error", shut.Out, StringComparison.Ordinal);
        Assert.Contains("\"test_error\":50", _cli.Run("status", "last", "--test", "--json").Out, StringComparison.Ordinal);
        Assert.Equal(1, (int)Status("last").Last["test_readings"]!);
        Assert.Contains("was confirmed as trial 4", Sweep("last", "--confirm", "2").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_finished_sweep_is_extended_and_given_configurations()
    {
        Sweep("net/learning-rate", "--trials", "2");
        Assert.Equal(0, Sweep("last", "--extend", "3").Code);
        var result = Sweep("last", "--enqueue", "learning_rate=0.1,fault_at=0", "--json");
        Assert.Equal((0, 6), (result.Code, (int)result.Last["trials"]!["completed"]!));
        Assert.Equal(0.1, (double)result.Last["best"]!["options"]!["learning_rate"]!);
        Assert.Contains("learning_rate", Sweep("last", "--enqueue", "lerning_rate=0.1").Error, StringComparison.Ordinal);
        Assert.Equal(2, Sweep("last", "--extend", "3", "--trials", "4").Code);
    }

    [Fact]
    public void A_sweep_that_another_host_works_on_is_left_to_it_wherever_that_keeps_its_files()
    {
        Sweep("net/learning-rate", "--trials", "2");
        using var store = new SqliteStore(Store);
        using (SweepLock.Take(store.LockFolderOf("net-learning-rate")))
        {
            var elsewhere = Path.Combine(_cli.Runs, "elsewhere");
            var asked = _cli.Bare("sweep", "last", "--in-process", "--extend", "3", "--store", $"sqlite:{Store}", "--runs", elsewhere);
            Assert.Contains("its host goes on with it", asked.Out, StringComparison.Ordinal);
            var refused = _cli.Bare("resume", "last", "--in-process", "--store", $"sqlite:{Store}", "--runs", elsewhere);
            Assert.Equal(2, refused.Code);
            Assert.Contains("is being worked on by another process", refused.Error, StringComparison.Ordinal);
        }
        Assert.Equal(2, Log("net-learning-rate").OfType<RunStarted>().Count());
    }

    [Fact]
    public void What_is_about_one_sweep_is_not_taken_without_its_name()
    {
        Sweep("net/learning-rate", "--trials", "2");
        foreach (var option in (string[][])[["--where", "trial = 1"], ["--trial", "0"], ["--note", "x"], ["--tag", "a=b"], ["--test"]])
        {
            var refused = _cli.Run(["status", .. option]);
            Assert.Equal(2, refused.Code);
            Assert.Contains($"./repro status SWEEP {option[0]}", refused.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_export_beside_its_report_is_found_by_whatever_reads_exports()
    {
        Sweep("net/learning-rate", "--trials", "2");
        var folder = Path.Combine(_cli.Runs, "results");
        Assert.Equal(0, _cli.Run("export", "last", "--output", Path.Combine(folder, "sweep")).Code);
        Assert.Equal(0, _cli.Run("report", folder).Code);
        Assert.Contains("net-learning-rate", File.ReadAllText(Path.Combine(folder, "report.md")), StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("import", folder, "--name", "again").Code);
        Assert.Contains("in which readings of test are not counted", _cli.Run("report", folder, "--test").Error, StringComparison.Ordinal);
        Assert.Contains("--output DIR", _cli.Run("report", Path.Combine(folder, "sweep")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_metric_that_no_run_reports_fails_the_trials_instead_of_spending_the_budget_in_silence()
    {
        var result = Sweep("net/learning-rate", "--trials", "9", "--metric", "validation_accurcy", "--direction", "maximize", "--json");
        Assert.Equal(1, result.Code);
        Assert.True((int)result.Last["trials"]!["failed"]! < 9);
        Assert.Contains("without the objective 'validation_accurcy'; it reported: ", (string)Status("last").Last["trials"]![0]!["runs"]![0]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_program_says_of_a_sweep_nobody_else_says()
    {
        Sweep("net/learning-rate", "--trials", "2", "--skip-checks");
        foreach (var tag in (string[])["checks=10 passed", "commit=deadbeef", "confirms=0"]) Assert.Contains("the program's own", _cli.Run("status", "last", "--tag", tag).Error, StringComparison.Ordinal);
        Assert.Equal("skipped", (string)Status("last").Last["tags"]!["checks"]!);
    }

    [Fact]
    public void What_is_for_a_sweep_that_begins_does_not_go_with_what_changes_one()
    {
        Sweep("net/learning-rate", "--trials", "2");
        foreach (var request in (string[][])[["--extend", "2"], ["--confirm", "1"], ["--enqueue", "learning_rate=0.1"]])
        {
            foreach (var other in (string[][])[["--dry-run"], ["--seed", "3"], ["--name", "x"], ["--skip-checks"]])
                Assert.Equal(2, _cli.Run(["sweep", "last", .. request, .. other]).Code);
        }
        Assert.Equal(2, Log("net-learning-rate").OfType<TrialPlanned>().Count());
    }

    [Fact]
    public void A_confirmation_that_was_cut_short_says_what_it_computed()
    {
        Sweep("net/learning-rate", "--trials", "2");
        using (var store = new SqliteStore(Store))
        {
            var study = Studies.StudyFiles.StudyFile.Read(Log("net-learning-rate").OfType<SweepCreated>().Single().Study, "the study", subjects: null);
            store.Renew("net-learning-rate", "h", TimeSpan.FromHours(1));
            var host = new Coordinator(store, "net-learning-rate", study, "h", TimeProvider.System);
            host.Decide(d => d.Confirm(null, 2));
            var run = host.Decide(d => d.Claim("s"))!;
            host.Decide(d => d.Complete(run.Run, 1, 5, new Dictionary<string, double> { ["validation_error"] = 3, ["test_error"] = 4 }));
            host.Decide([d => d.CancelTrial(run.Run.Trial)]);
        }
        Assert.Equal(0, _cli.Run("report", "net-learning-rate").Code);
        var report = File.ReadAllText(Path.Combine(_cli.Runs, "net-learning-rate", "report.md"));
        Assert.DoesNotContain("test was not computed", report, StringComparison.Ordinal);
        Assert.Contains("test was computed for some of its runs", report, StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("status", "net-learning-rate", "--test").Code);
    }

    [Theory]
    [InlineData("sweeps.db")]
    [InlineData("Sweeps.DB-journal")]
    public void A_sweep_is_not_called_like_the_stores_files(string name) => Assert.Equal(2, Sweep("net/learning-rate", "--trials", "2", "--name", name).Code);

    [Fact]
    public void A_trial_that_fails_says_why_and_is_tried_again_when_asked()
    {
        var failed = Sweep("net", "--vary", "learning_rate=0.1", "--set", "fault=throw", "--trials", "1", "--json");
        Assert.Equal((1, "failed", 1), (failed.Code, (string)failed.Last["status"]!, (int)failed.Last["trials"]!["failed"]!));
        var trial = Status("last").Last["trials"]![0]!;
        Assert.Equal("bug", (string)trial["runs"]![0]!["failure"]!);
        Assert.Contains("something nobody thought of", (string)trial["runs"]![0]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(1, _cli.Run("resume", "last", "--trial", "0", "--in-process").Code);
        Assert.Equal(2, Log("net").OfType<RunStarted>().Count());
        Assert.Contains("something nobody thought of", _cli.Run("status", "last", "--trial", "0").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_sweep_gives_out_nothing_more_and_a_cancelled_trial_can_be_taken_up_again()
    {
        Sweep("net/learning-rate", "--trials", "2");
        Assert.Equal(2, _cli.Run("cancel", "last", "--trial", "9").Code);
        Assert.Equal(0, _cli.Run("cancel", "last", "--pause").Code);
        Assert.Equal("held", (string)Status("last").Last["status"]!);
        Assert.Equal(0, Sweep("last", "--extend", "1").Code);
        Assert.Equal(2, (int)Status("last").Last["counts"]!["completed"]!);
        Assert.Equal(0, _cli.Run("resume", "last", "--in-process").Code);
        Assert.Equal(3, (int)Status("last").Last["counts"]!["completed"]!);
        Assert.Contains("there is nothing to cancel", _cli.Run("cancel", "last").Out, StringComparison.Ordinal);
        Assert.Contains("there is nothing to cancel", _cli.Run("cancel", "last", "--trial", "0").Out, StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("cancel", "last", "--pause").Code);
        Assert.Equal(0, Sweep("last", "--extend", "1").Code);
        Assert.Equal(0, _cli.Run("cancel", "last").Code);
        var resumed = _cli.Run("resume", "last", "--in-process");
        Assert.Equal(2, resumed.Code);
        Assert.Contains("cancelled for good", resumed.Error, StringComparison.Ordinal);
        Assert.Equal(2, Sweep("last", "--extend", "1").Code);
        Assert.Equal(2, Sweep("last", "--enqueue", "learning_rate=0.1").Code);
        // What it had found is not lost.
        Assert.Equal((0, "completed"), (Sweep("last", "--confirm", "1").Code, (string)Status("last").Last["status"]!));
        Assert.Single(Log("net-learning-rate").OfType<RunCompleted>(), run => run.Scores.ContainsKey("test_error"));
    }

    [Fact]
    public void An_ablation_compares_its_arms_in_pairs_and_says_first_what_so_many_pairs_can_decide()
    {
        var few = _cli.Run("ablate", "net/rates", "--seeds", "2", "--in-process");
        Assert.Contains("pairs", few.Error, StringComparison.Ordinal);
        var result = _cli.Run("ablate", "net/rates", "--seeds", "8", "--in-process");
        Assert.Equal(0, result.Code);
        Assert.Matches(@"slow +8 +\S+ +\+10 +0\.0078 +differs", result.Out);
        Assert.Equal(["baseline", "slow", "fast"], Status("last").Last["trials"]!.AsArray().Select(trial => (string)trial!["arm"]!));
    }

    [Fact]
    public void A_part_of_an_ablation_is_a_sweep_of_its_own_whose_report_says_which_part()
    {
        var part = _cli.Run("ablate", "net/rates", "--arms", "fast", "--seeds", "2", "--in-process");
        Assert.Equal(0, part.Code);
        Assert.Contains("Holm's correction counts the 1 chosen arm alone", part.Error, StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("report", "net-rates").Code);
        var report = File.ReadAllText(Path.Combine(_cli.Runs, "net-rates", "report.md"));
        Assert.Contains("./repro ablate net/rates --arms fast --seeds 2", report, StringComparison.Ordinal);
        Assert.Contains("This is a part: the comparison has 1 more arm, which the correction does not count.", report, StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("ablate", "net/rates", "--arms", "slow", "--seeds", "2", "--in-process").Code);
        Assert.Equal(["baseline", "slow"], Status("net-rates-2").Last["trials"]!.AsArray().Select(trial => (string)trial!["arm"]!));
    }

    [Theory]
    [InlineData("depth = 20", "depth")]
    [InlineData("validation_error > 20 and", "column")]
    [InlineData("validaton_error > 1", "validation_error")]
    public void A_query_that_cannot_be_says_where_and_what_was_meant(string query, string hint)
    {
        Sweep("net/learning-rate", "--trials", "2");
        var result = _cli.Run("status", "last", "--where", query);
        Assert.Equal(2, result.Code);
        Assert.Contains(hint, result.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Trials_are_found_by_options_metrics_tags_and_state()
    {
        Sweep("net", "--vary", "learning_rate=0.001,0.01,0.1,1");
        Assert.Equal(0, _cli.Run("status", "last", "--trial", "2", "--tag", "seen=yes", "--note", "odd").Code);
        Assert.Equal([2], Found("seen = yes"));
        Assert.Equal(Found("validation_error < 5"), Found("error < 5"));
        Assert.Equal(Found("error < 5"), Found("accuracy > 0.95"));
        Assert.Equal([0], Found("learning_rate = 0.1"));
        Assert.Equal(4, Found("state = completed and steps = 4").Count);
        Assert.Empty(Found("state = failed"));
        Assert.Equal([0], Found("origin = paper"));

        List<int> Found(string query) => _cli.Run("status", "last", "--where", query, "--json").Last["trials"]!.AsArray().Select(trial => (int)trial!["id"]!).ToList();
    }

    [Fact]
    public void An_exported_sweep_is_imported_and_looked_at_elsewhere()
    {
        Sweep("net/learning-rate", "--trials", "3");
        using var elsewhere = new CommandLine();
        var copy = Path.Combine(elsewhere.Runs, "copy");
        Assert.Equal(0, _cli.Run("export", "last", "-o", copy).Code);
        Assert.Equal(0, elsewhere.Run("import", copy).Code);
        Assert.Equal(
            Status("last").Last["trials"]!.ToJsonString(), elsewhere.Run("status", "net-learning-rate", "--json").Last["trials"]!.ToJsonString());
        Assert.Equal(2, elsewhere.Run("import", copy).Code);
        Assert.Equal(0, elsewhere.Run("import", copy, "--name", "again").Code);
        Assert.Equal(2, elsewhere.Run("import", copy, "--name", "not a/name").Code);
    }

    [Fact]
    public void A_run_of_a_sweep_is_reported_on_and_predicts_as_any_run_does()
    {
        Sweep("net", "--vary", "learning_rate=0.01,0.1");
        var report = _cli.Run("report", "net/1", "--json");
        Assert.Equal((0, "net/1-0"), (report.Code, (string)report.Last["run"]!));
        var text = File.ReadAllText((string)report.Last["report"]!);
        Assert.Contains("./repro run net --profile sweep --set learning_rate=0.01 --seed", text, StringComparison.Ordinal);
        Assert.Contains("validation_error", text, StringComparison.Ordinal);
        Assert.Contains("has no run 9-0", _cli.Run("report", "net/9").Error, StringComparison.Ordinal);
        Assert.Contains("exported as a whole", _cli.Run("report", "net/1", "-o", Path.Combine(_cli.Runs, "copy")).Error, StringComparison.Ordinal);
        var picture = Path.Combine(_cli.Runs, "grey.ppm");
        File.WriteAllBytes(picture, [.. "P6 8 8 255\n"u8, .. Enumerable.Repeat((byte)200, 192)]);
        var prediction = _cli.Run("predict", "net/1", picture, "--json");
        Assert.Equal("bright", (string)prediction.Last["predictions"]![0]!["class"]!);
    }

    [Fact]
    public void A_store_that_is_not_there_or_none_is_said_with_what_to_do()
    {
        Assert.Contains("does not exist", _cli.Run("status").Error, StringComparison.Ordinal);
        Assert.Equal(2, _cli.Run("status", "--store", "mysql://x").Code);
        File.WriteAllText(Store, new string('x', 4096));
        var broken = _cli.Run("status");
        Assert.Equal(1, broken.Code);
        Assert.Contains("is no SQLite database", broken.Error, StringComparison.Ordinal);
        File.Delete(Store);
        Sweep("net/learning-rate", "--trials", "1");
        var unknown = _cli.Run("status", "net-lerning-rate");
        Assert.Contains("nearest first: net-learning-rate", unknown.Error, StringComparison.Ordinal);
    }

    private string Store => Path.Combine(_cli.Runs, "sweeps.db");

    private CommandResult Sweep(params string[] arguments) => _cli.Run(["sweep", .. arguments, "--in-process"]);

    private CommandResult Status(string sweep) => _cli.Run("status", sweep, "--json");

    private IReadOnlyList<SweepEvent> Log(string sweep)
    {
        using var store = new SqliteStore(Store);
        return store.Read(sweep);
    }
}
