using Repro.Cli.Tests.Fakes;
using Repro.Results.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Tests.Verbs;

public sealed class WhyVerbTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_completed_run_took_its_steps()
    {
        _cli.Run("run", "net", "--check");
        var result = _cli.Run("why", "last");
        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Contains("It took all of the 6 steps that it was asked for, and was evaluated.", result.Out, StringComparison.Ordinal);
        Assert.Contains("4 checks of the recipe: 2 passed, 1 look, 1 not applicable", result.Out, StringComparison.Ordinal);
        Assert.Contains($"./repro report {Id} --runs {_cli.Runs}", result.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("diverge", "Training diverged: The loss is no number any more at step 4; lower the learning rate.", "--set fault=diverge --seed 0 --threads")]
    [InlineData("out_of_memory", "There was not enough memory: ", "--resume")]
    [InlineData("throw", "The program or the experiment failed: ", "REPRO_DEBUG=1 ./repro run net")]
    public void The_class_of_a_failure_is_recorded_with_the_run(string fault, string why, string command)
    {
        Assert.NotEqual(0, _cli.Run("run", "net", "--set", $"fault={fault}").Code);
        var account = _cli.Run("why", "last", "--json").Last;
        Assert.Equal("failed", (string)account["status"]!);
        Assert.StartsWith(why, (string)account["why"]!, StringComparison.Ordinal);
        Assert.Contains(account["next"]!.AsArray(), next => ((string)next!["command"]!).Contains(command, StringComparison.Ordinal));
    }

    [Fact]
    public void The_first_value_that_was_no_number_is_named_with_the_one_before()
    {
        _cli.Run("run", "net", "--set", "fault=diverge");
        var account = _cli.Run("why", "last", "--json").Last;
        Assert.Contains(account["findings"]!.AsArray(), finding => ((string)finding!).StartsWith("The first value that is no finite number is train_loss at step 4: not a number; before it was ", StringComparison.Ordinal));
        Assert.Contains("--set learning_rate=0.03", (string)account["next"]![0]!["command"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_was_killed_is_interrupted_and_a_copy_elsewhere_is_named_by_its_folder()
    {
        _cli.Run("run", "net");
        var log = Path.Combine(_cli.Runs, Id, "events.jsonl");
        File.WriteAllLines(log, File.ReadAllLines(log)[..^1]);
        var result = _cli.Run("why", Id);
        Assert.Contains("Its process ended without a word", result.Out, StringComparison.Ordinal);
        Assert.Contains($"./repro run net --resume {Id} --runs", result.Out, StringComparison.Ordinal);
        var copy = Path.Combine(_cli.Runs, "copies", "one");
        Assert.Equal(0, _cli.Run("report", Id, "--output", copy).Code);
        using var elsewhere = new CommandLine();
        Assert.Contains($"./repro run net --resume {copy} --runs", elsewhere.Run("why", copy).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_groups_its_failures_and_names_one_to_look_at()
    {
        FilledSweep.Write(_cli.Runs, "rates", FilledSweep.Search(6), Value, run => run.Run.Trial is 1 or 4);
        var account = _cli.Run("why", "rates", "--json").Last;
        Assert.Equal("All 6 trials of its budget are done. Its choice was not confirmed.", (string)account["why"]!);
        var cause = Assert.Single(account["failures"]!.AsArray())!;
        Assert.Equal(("bug", "It broke.", 2, "1-0,4-0"), ((string)cause["class"]!, (string)cause["message"]!, (int)cause["attempts"]!, string.Join(',', cause["runs"]!.AsArray())));
        Assert.Equal($"./repro why rates/1-0 --runs {_cli.Runs}", (string)account["next"]![0]!["command"]!);
        Assert.Contains("The program or the experiment failed: It broke. Not tried again: the study allows no retry of bug.", _cli.Run("why", "rates/1").Out.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("failed attempts  tried again  cause", _cli.Run("why", "rates").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void An_export_tells_as_much_as_the_store_and_says_how_to_get_it_into_one()
    {
        FilledSweep.Write(_cli.Runs, "rates", FilledSweep.Search(6), Value, run => run.Run.Trial == 1);
        var folder = Path.Combine(_cli.Runs, "rates-exported");
        Assert.Equal(0, _cli.Run("export", "rates", "--output", folder).Code);
        foreach (var part in (string[])["", "/1-0"])
        {
            var (stored, exported) = (_cli.Run("why", $"rates{part}", "--json").Last, _cli.Run("why", $"{folder}{part}", "--json").Last);
            Assert.Equal(stored["history"]!.ToJsonString(), exported["history"]!.ToJsonString());
            Assert.Equal((string)stored["why"]!, (string)exported["why"]!);
            Assert.Equal($"./repro import {folder} --runs {_cli.Runs}", (string)exported["next"]![0]!["command"]!);
        }
    }

    [Fact]
    public void A_run_of_an_export_is_not_reported_on_where_nothing_may_be_written()
    {
        FilledSweep.Write(_cli.Runs, "rates", FilledSweep.Search(6), Value);
        var folder = Path.Combine(_cli.Runs, "rates-exported");
        Assert.Equal(0, _cli.Run("export", "rates", "--output", folder).Code);
        var result = _cli.Run("report", $"{folder}/1");
        Assert.Equal(2, result.Code);
        Assert.Contains($"./repro import {folder}, then report on rates/1-0", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_diverged_run_that_cannot_be_asked_is_sent_here_and_not_trained_again()
    {
        _cli.Run("run", "net", "--set", "fault=diverge", "--set", "checkpoint_every=100");
        var refused = _cli.Run("predict", "last", "--text", "a dog");
        Assert.Equal((2, $"The run {Id} diverged, and has no whole checkpoint to predict with. What happened, and what may help: ./repro why last --runs {_cli.Runs}\n"), (refused.Code, refused.Error));
    }

    [Fact]
    public void A_name_of_nothing_says_what_there_is()
    {
        Assert.Equal(2, _cli.Run("why", "last").Code);
        _cli.Run("run", "net");
        Assert.Contains("Runs, nearest first: net-quick", _cli.Run("why", "nex").Error, StringComparison.Ordinal);
    }

    private string Id => new RunsFolder(_cli.Runs).Ids()[0];

    private static double Value(Assignment run, long step) => 10 + run.Run.Trial + run.Run.Index + (1.0 / step);
}
