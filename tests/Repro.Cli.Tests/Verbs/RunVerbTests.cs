using System.Text.Json.Nodes;
using Repro.Cli.Tests.Fakes;
using Repro.Results.Runs;
using Repro.Studies.Runs;

namespace Repro.Cli.Tests.Verbs;

public sealed class RunVerbTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_run_ends_with_its_id_status_report_and_metrics()
    {
        var result = _cli.Run("run", "net", "--seed", "7", "--json");
        Assert.Equal(0, result.Code);
        var last = result.Last;
        Assert.Equal("completed", (string)last["status"]!);
        Assert.StartsWith("net-quick-", (string)last["run"]!, StringComparison.Ordinal);
        Assert.Equal(Path.Combine(_cli.Runs, (string)last["run"]!), (string)last["folder"]!);
        Assert.Equal(Path.Combine((string)last["folder"]!, "report.md"), (string)last["report"]!);
        Assert.Equal(FakeTraining.Loss(7, 6), (double)last["metrics"]!["test_error"]!);
        Assert.Equal("Infinity", (string)last["metrics"]!["test_loss_non_finite"]!);
    }

    [Fact]
    public void The_name_of_a_paper_that_another_experiment_reproduces_leads_to_that_experiment()
    {
        _cli.Change = parts => parts with { Experiments = () => Repro.Experiments.Catalog.All };
        var result = _cli.Run("run", "ddim");
        Assert.Equal((2, "There is no experiment 'ddim'; the card of that name, papers/ddim.md, is about the experiment 'ddpm'. Name ddpm in its place.\n"), (result.Code, result.Error));
    }

    [Fact]
    public void With_json_standard_output_has_JSON_lines_only_and_people_read_standard_error()
    {
        var result = _cli.Run("run", "net", "--json");
        var kinds = result.Lines.Select(l => (string?)l["event"]).ToList();
        Assert.Equal("started", kinds[0]);
        Assert.Equal(6, kinds.Count(k => k == "metric"));
        Assert.Equal(3, kinds.Count(k => k == "checkpoint"));
        Assert.Null(kinds[^1]);
        Assert.Contains("Completed 6 steps", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_json_people_read_plain_lines_without_escapes()
    {
        var result = _cli.Run("run", "net");
        Assert.Equal(0, result.Code);
        Assert.Contains("Completed 6 steps in 0:06", result.Out, StringComparison.Ordinal);
        Assert.Contains("step 1/6", result.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Out);
        Assert.Empty(result.Error);
    }

    [Theory]
    [InlineData("The device 'cuda:9' is not there.", "--device", "cuda:9")]
    [InlineData("The data set cifar-10 is not on this machine;", "--set", "needs_data=true", "--data-dir", "/nowhere")]
    public void What_is_missing_is_said_before_a_run_is_announced(string sentence, params string[] missing)
    {
        var result = _cli.Run(["run", "net", .. missing]);
        Assert.Equal(3, result.Code);
        Assert.StartsWith(sentence, result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Out);
        Assert.Empty(Directory.GetDirectories(_cli.Runs));
    }

    [Fact]
    public void A_run_that_goes_on_where_its_device_is_missing_stays_as_it_was()
    {
        _cli.Run("run", "net", "--set", "fault=throw");
        var before = File.ReadAllText(Path.Combine(Only().Folder, "events.jsonl"));
        var result = _cli.Run("run", "net", "--resume", "--device", "cuda");
        Assert.Equal(3, result.Code);
        Assert.Equal(before, File.ReadAllText(Path.Combine(Only().Folder, "events.jsonl")));
    }

    [Fact]
    public void The_folder_holds_what_was_asked_and_what_happened()
    {
        _cli.Run("run", "net", "--profile", "smoke", "--set", "learning_rate=0.5", "--seed", "3", "--threads", "1");
        var run = Only();
        Assert.Equal(("net", "smoke", 3UL, RunState.Completed), (run.Experiment, run.Profile, run.Seed, run.State));
        Assert.Equal("0.5", run.Options.Single(o => o.Key == "learning_rate").Value);
        Assert.Equal("./repro run net --profile smoke --set learning_rate=0.5 --seed 3 --threads 1", run.Command);
        Assert.Equal(0.25, run.WaitingShare);
        Assert.Equal("a fake engine", run.Attempts[0].Environment.Engine);
        Assert.Equal([FakeTraining.Loss(3, 1), FakeTraining.Loss(3, 2)], run.Metrics.Select(m => m.Value));
        Assert.Equal(["dark", "bright"], StoredPredictions.Read(run.Folder, "test").Classes);
    }

    [Fact]
    public void The_command_of_a_run_does_the_same_run_again()
    {
        _cli.Run("run", "net", "--set", "steps=4", "--set", "learning_rate=1e-3", "--seed", "9");
        var first = Only();
        _cli.Run(first.Command.Split(' ')[1..]);
        var again = Read("last");
        Assert.NotEqual(first.Id, again.Id);
        Assert.Equal(first.Options, again.Options);
        Assert.Equal(first.Scores, again.Scores);
        Assert.Equal(first.Metrics.Select(m => m.Value), again.Metrics.Select(m => m.Value));
    }

    [Theory]
    [InlineData("There is no experiment 'ner'. Experiments, nearest first: net, forest.", "run", "ner")]
    [InlineData("The experiment 'net' has no profile 'quik'. Profiles, nearest first: quick,", "run", "net", "--profile", "quik")]
    [InlineData("There is no option 'learnig_rate'. Valid options, nearest first: learning_rate,", "run", "net", "--set", "learnig_rate=1")]
    [InlineData("Option 'learning_rate' must be a finite number in the range 0 .. 10; it was 11.", "run", "net", "--set", "learning_rate=11")]
    [InlineData("--set takes name=value; 'steps' has no '='.", "run", "net", "--set", "steps")]
    [InlineData("Thirteen steps bring bad luck", "run", "net", "--set", "steps=13")]
    [InlineData("--device takes cpu, cuda or cuda:N; it was 'gpu'.", "run", "net", "--device", "gpu")]
    [InlineData("--threads takes a number in the range 1 .. 1024; it was 0.", "run", "net", "--threads", "0")]
    [InlineData("There is no unfinished run of 'net'", "run", "net", "--resume")]
    [InlineData("leave --set and --seed out", "run", "net", "--resume", "--set", "steps=3")]
    public void Bad_input_ends_with_2_a_sentence_and_no_folder(string sentence, params string[] arguments)
    {
        var result = _cli.Run([.. arguments, "--json"]);
        Assert.Equal(2, result.Code);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Equal("bad_input", (string)result.Last["status"]!);
        Assert.Contains(sentence, (string)result.Last["error"]!, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(_cli.Runs));
    }

    [Theory]
    [InlineData("missing", 3, "missing")]
    [InlineData("bad_input", 2, "bad_input")]
    public void A_run_that_never_began_leaves_no_folder(string fault, int code, string status)
    {
        var result = _cli.Run("run", "net", "--set", $"fault={fault}", "--set", "fault_at=0", "--json");
        Assert.Equal((code, status), (result.Code, (string)result.Last["status"]!));
        Assert.Empty(Directory.GetDirectories(_cli.Runs));
    }

    [Fact]
    public void A_run_that_diverges_ends_with_1_says_why_and_keeps_its_records()
    {
        var result = _cli.Run("run", "net", "--set", "fault=diverge", "--json");
        Assert.Equal((1, "failed"), (result.Code, (string)result.Last["status"]!));
        Assert.Contains("lower the learning rate", (string)result.Last["failure"]!, StringComparison.Ordinal);
        var run = Only();
        Assert.Equal(RunState.Failed, run.State);
        Assert.Equal(double.NaN, run.Metrics[^1].Value);
        Assert.Equal([2], RunFolderReader.Checkpoints(run).Select(c => c.Step));
    }

    [Fact]
    public void An_unexpected_error_is_one_line_and_a_file_with_the_details()
    {
        var result = _cli.Run("run", "net", "--set", "fault=throw", "--json");
        Assert.Equal(1, result.Code);
        Assert.Contains("Unexpected error: something nobody thought of (InvalidOperationException). The details are in ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Contains("Kept: the run folder with its checkpoint of step 2.", (string)result.Last["failure"]!, StringComparison.Ordinal);
        Assert.Contains($"--resume {Only().Id}", (string)result.Last["resume"]!, StringComparison.Ordinal);
        var details = result.Error.Split("details are in ")[1].Split(".txt")[0] + ".txt";
        Assert.Contains("   at ", File.ReadAllText(details), StringComparison.Ordinal);
        File.Delete(details);
    }

    [Fact]
    public void A_failed_run_goes_on_from_its_newest_checkpoint_and_ends_as_if_nothing_had_happened()
    {
        _cli.Run("run", "net", "--set", "fault=throw", "--set", "fault_at=5", "--seed", "4");
        var failed = Only();
        Forgive(failed);
        var result = _cli.Run("run", "net", "--resume", "--json");
        Assert.Equal(0, result.Code);
        Assert.Equal((2, 4L), ((int)result.Lines[0]["attempt"]!, (long)result.Lines[0]["resumed_from"]!));
        var run = Only();
        Assert.Equal(Enumerable.Range(1, 6).Select(step => (step, FakeTraining.Loss(4, step))), run.Metrics.Select(m => ((int)m.Step, m.Value)));
        Assert.Equal(FakeTraining.Loss(4, 6), run.Scores["test_error"]);
        Assert.Equal([null, 4L], run.Attempts.Select(a => a.ResumedFrom));
    }

    [Fact]
    public void A_damaged_checkpoint_is_passed_over_with_a_message_for_the_one_before_it()
    {
        _cli.Run("run", "net", "--set", "fault=throw", "--set", "fault_at=5");
        Forgive(Only());
        var newest = RunFolderReader.Checkpoints(Only())[0];
        File.WriteAllBytes(newest.File, File.ReadAllBytes(newest.File)[..^5]);
        var result = _cli.Run("run", "net", "--resume", Only().Id, "--json");
        Assert.Equal(0, result.Code);
        Assert.Equal(2, (long)result.Lines[0]["resumed_from"]!);
        var run = Only();
        Assert.Contains(run.Messages, m => m.StartsWith("The checkpoint of step 4 cannot be used", StringComparison.Ordinal));
        Assert.Equal([1, 2, 3, 4, 5, 6], run.Metrics.Select(m => m.Step));
    }

    [Fact]
    public void Where_every_checkpoint_is_damaged_the_run_begins_anew()
    {
        _cli.Run("run", "net", "--set", "fault=throw", "--set", "fault_at=5");
        Forgive(Only());
        foreach (var checkpoint in RunFolderReader.Checkpoints(Only())) File.WriteAllText(checkpoint.File, "torn");
        var result = _cli.Run("run", "net", "--resume");
        Assert.Equal(0, result.Code);
        Assert.Contains("begins anew", result.Out, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3, 4, 5, 6], Only().Metrics.Select(m => m.Step));
    }

    [Fact]
    public void Only_recorded_checkpoints_are_gone_on_from()
    {
        _cli.Run("run", "net", "--set", "fault=throw", "--set", "fault_at=5");
        Forgive(Only());
        var newest = RunFolderReader.Checkpoints(Only())[0].File;
        File.Copy(newest, newest.Replace("000000004", "000000005", StringComparison.Ordinal));
        Assert.Equal(4, (long)_cli.Run("run", "net", "--resume", "--json").Lines[0]["resumed_from"]!);
    }

    [Fact]
    public void Going_on_with_other_threads_is_labelled()
    {
        _cli.Run("run", "net", "--set", "fault=throw", "--set", "fault_at=5", "--threads", "1");
        Forgive(Only());
        var result = _cli.Run("run", "net", "--resume", "--threads", "2");
        Assert.Contains("threads 1 -> 2", result.Out, StringComparison.Ordinal);
        Assert.Equal([true, false], Only().Attempts.Select(a => a.SameConditions));
    }

    [Fact]
    public void A_run_goes_on_under_its_own_threads_where_no_others_are_named()
    {
        _cli.Run("run", "net", "--set", "fault=throw", "--set", "fault_at=5", "--threads", "7");
        Forgive(Only());
        _cli.Run("run", "net", "--resume");
        Assert.Equal([7, 7], Only().Attempts.Select(a => a.Environment.Threads));
        Assert.True(Only().Attempts[1].SameConditions);
    }

    [Fact]
    public void A_run_that_was_killed_before_its_first_attempt_goes_on_under_the_threads_of_its_command()
    {
        _cli.Run("run", "net", "--set", "steps=2", "--threads", "7");
        var folder = Only().Folder;
        File.Delete(Path.Combine(folder, "events.jsonl"));
        Directory.Delete(Path.Combine(folder, "attempt-1"), recursive: true);
        Assert.Empty(Only().Attempts);
        Assert.Equal(0, _cli.Run("run", "net", "--resume").Code);
        Assert.Equal([7], Only().Attempts.Select(a => a.Environment.Threads));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("NaN")]
    public void Checkpoints_need_a_time_between_them(string seconds)
    {
        var result = _cli.Run("run", "net", $"--checkpoint-every={seconds}");
        Assert.Equal(2, result.Code);
        Assert.Contains("--checkpoint-every takes seconds above 0", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_cannot_be_gone_on_with_here_keeps_everything()
    {
        _cli.Run("run", "net", "--set", "fault=throw", "--set", "fault_at=5");
        Forgive(Only());
        var before = Only();
        _cli.Change = parts => parts with { Engine = () => throw new Repro.Studies.MissingComponentException("libtorch is not here. Run ./setup.") };
        Assert.Equal(3, _cli.Run("run", "net", "--resume").Code);
        var after = Only();
        Assert.Equal(before.Metrics, after.Metrics);
        Assert.All(RunFolderReader.Checkpoints(before), checkpoint => Assert.True(File.Exists(checkpoint.File)));
    }

    [Fact]
    public void The_command_that_goes_on_finds_the_runs_folder()
    {
        var result = _cli.Run("run", "net", "--set", "fault=throw", "--json");
        Assert.EndsWith($"--resume {Only().Id} --runs {_cli.Runs}", (string)result.Last["resume"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_that_is_not_the_recorded_one_is_not_gone_on_from()
    {
        _cli.Run("run", "net", "--set", "fault=throw", "--set", "fault_at=5");
        Forgive(Only());
        var recorded = RunFolderReader.Checkpoints(Only());
        File.Copy(recorded[1].File, recorded[0].File, overwrite: true);
        var result = _cli.Run("run", "net", "--resume");
        Assert.Contains("is another checkpoint", result.Out + result.Error, StringComparison.Ordinal);
        Assert.Equal(recorded[1].Step, Only().Attempts[1].ResumedFrom);
    }

    [Fact]
    public void A_completed_run_is_not_gone_on_with()
    {
        _cli.Run("run", "net");
        var result = _cli.Run("run", "net", "--resume", "last");
        Assert.Equal(2, result.Code);
        Assert.Contains("is completed: there is nothing to go on with. Its command again: ./repro run net", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_of_another_experiment_is_not_gone_on_with()
    {
        _cli.Run("run", "forest", "--set", "fault=throw");
        Assert.Contains("is of the experiment 'forest', not of 'net'", _cli.Run("run", "net", "--resume", "last").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_that_cannot_be_drawn_never_loses_the_run()
    {
        using var cli = new CommandLine { Change = parts => parts with { Renderer = () => new RefusingRenderer() } };
        var result = cli.Run("run", "net", "--json");
        Assert.Equal((0, "completed"), (result.Code, (string)result.Last["status"]!));
        Assert.Contains("gnuplot is not installed", result.Error, StringComparison.Ordinal);
        Assert.True(File.Exists((string)result.Last["report"]!));
    }

    [Fact]
    public void A_machine_without_any_renderer_never_loses_the_run()
    {
        using var cli = new CommandLine { Change = parts => parts with { Renderer = () => throw new Figures.FigureException("Nothing here draws figures.") } };
        var result = cli.Run("run", "net", "--json");
        Assert.Equal((0, "completed"), (result.Code, (string)result.Last["status"]!));
        Assert.Contains("Nothing here draws figures.", result.Error, StringComparison.Ordinal);
        Assert.True(File.Exists((string)result.Last["report"]!));
    }

    [Fact]
    public void Without_a_report_a_run_leaves_none()
    {
        var result = _cli.Run("run", "net", "--no-report", "--json");
        Assert.Equal(0, result.Code);
        Assert.Null(result.Last["report"]);
        Assert.False(File.Exists(Path.Combine((string)result.Last["folder"]!, "report.md")));
    }

    [Fact]
    public void Options_are_shown_with_type_range_default_and_where_it_was_published()
    {
        var result = _cli.Bare("run", "net", "--profile", "paper", "--set", "learning_rate=0.5", "--show-options", "--json");
        var options = result.Last["options"]!.AsArray().Select(o => o!.AsObject()).ToDictionary(o => (string)o["name"]!);
        Assert.Equal(["steps", "learning_rate", "checkpoint_every", "needs_data", "evaluate", "fault", "fault_at"], options.Keys);
        JsonObject rate = options["learning_rate"];
        Assert.Equal(("number", "0 .. 10", "0.1", "0.5", "Table 1"), ((string)rate["type"]!, (string)rate["range"]!, (string)rate["default"]!, (string)rate["value"]!, (string)rate["source"]!));
        Assert.Equal(("6", "100"), ((string)options["steps"]["default"]!, (string)options["steps"]["value"]!));
        Assert.Contains("learning_rate", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_column_of_defaults_is_called_after_the_profile_that_has_them_and_not_after_a_paper()
    {
        var result = _cli.Bare("run", "net", "--profile", "paper", "--show-options");
        Assert.Matches(@"option +paper +profile quick +type", result.Out);
        Assert.Matches(@"\n *steps +100 +6 ", result.Out);
        Assert.DoesNotContain("the paper", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_shown_no_wider_than_a_page()
    {
        var result = _cli.Bare("run", "net", "--show-options");
        Assert.All(result.Out.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
        Assert.Contains("Rate of the first steps. [Table 1]", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_completed_run_ends_with_its_scores_report_and_what_to_do_next()
    {
        var result = _cli.Run("run", "net");
        var lines = result.Out.TrimEnd('\n').Split('\n');
        Assert.Equal("Completed 6 steps in 0:06, 1.0 steps/s, 25.0 % of it waiting for data.", lines[^6]);
        Assert.StartsWith("  test_error  ", lines[^5], StringComparison.Ordinal);
        Assert.EndsWith(" %", lines[^5], StringComparison.Ordinal);
        Assert.Equal($"Report:    {Path.Combine(Only().Folder, "report.html")}", lines[^3]);
        Assert.StartsWith($"Sample:    ./repro sample {Only().Id} --runs {_cli.Runs}", lines[^2], StringComparison.Ordinal);
        Assert.Equal($"Export it: ./repro report {Only().Id} --output DIR --runs {_cli.Runs}", lines[^1]);
    }

    [Fact]
    public void More_threads_than_processors_are_taken_with_a_warning()
    {
        var result = _cli.Run("run", "net", "--threads", "1024");
        Assert.Equal(0, result.Code);
        Assert.StartsWith($"1024 threads share {Environment.ProcessorCount} processors", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_is_checked_first_keeps_what_the_checks_found()
    {
        var result = _cli.Run("run", "net", "--check");
        Assert.Equal(0, result.Code);
        Assert.True(result.Out.IndexOf("passed  loss-at-init", StringComparison.Ordinal) < result.Out.IndexOf("Run net-quick", StringComparison.Ordinal));
        var run = Only();
        Assert.Equal(["passed", "passed", "look", "not_applicable"], run.Checks.Select(c => c.Verdict));
        Assert.Equal(("loss-at-init", 2.3, "2.303 +- 0.05"), (run.Checks[0].Name, run.Checks[0].Value, run.Checks[0].Expected));
        Assert.Equal(double.NaN, run.Checks[2].Value);
        Assert.True(File.Exists(Path.Combine(run.Folder, "checks", "batch.png")));
        Assert.EndsWith(" --check", run.Command, StringComparison.Ordinal);
        Assert.Contains("## Recipe checks", File.ReadAllText(Path.Combine(run.Folder, "report.md")), StringComparison.Ordinal);
        using var elsewhere = new CommandLine();
        Assert.Equal(0, _cli.Run("report", "last", "--output", Path.Combine(elsewhere.Runs, "copy")).Code);
        Assert.True(File.Exists(Path.Combine(elsewhere.Runs, "copy", "checks", "batch.png")));
    }

    [Fact]
    public void A_run_whose_recipe_fails_a_check_is_not_started()
    {
        var result = _cli.Run("run", "net", "--check", "--set", "learning_rate=5", "--json");
        Assert.Equal(1, result.Code);
        Assert.Equal(("failed", "The run was not started: a check of the recipe failed (overfit-batch)."), ((string)result.Last["status"]!, (string)result.Last["failure"]!));
        Assert.True(result.Last.ContainsKey("run") && result.Last.ContainsKey("report") && result.Last.ContainsKey("metrics"));
        Assert.Equal([Path.Combine(_cli.Runs, "checks")], Directory.GetDirectories(_cli.Runs));
    }

    [Fact]
    public void A_run_that_was_not_checked_says_nothing_of_checks()
    {
        _cli.Run("run", "net");
        Assert.DoesNotContain("Recipe checks", File.ReadAllText(Path.Combine(Only().Folder, "report.md")), StringComparison.Ordinal);
    }

    private Results.RunRecord Read(string run) => RunFolderReader.Read(new RunsFolder(_cli.Runs).Find(run));

    private Results.RunRecord Only() => RunFolderReader.Read(Assert.Single(Directory.GetDirectories(_cli.Runs)));

    /// <summary>Mends the cause of a run's failure, which with a fake is one of its options.</summary>
    private static void Forgive(Results.RunRecord run)
    {
        var file = Path.Combine(run.Folder, "run.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"throw\"", "\"none\"", StringComparison.Ordinal));
    }
}
