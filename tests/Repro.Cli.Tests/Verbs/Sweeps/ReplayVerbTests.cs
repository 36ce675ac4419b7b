using System.Text.Json.Nodes;
using Repro.Cli.Tests.Fakes;
using Repro.Studies.Pruners;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Tests.Verbs.Sweeps;

public sealed class ReplayVerbTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_row_for_each_pruner_says_what_it_saves_and_how_often_it_loses_the_best()
    {
        Fill(trials: 32);
        var result = _cli.Run("replay", "rates", "--json");
        Assert.Equal((0, 32, 16, 50), (result.Code, (int)result.Last["trials"]!, (int)result.Last["steps"]!, (int)result.Last["orders"]!));
        Assert.Equal(PrunerCatalog.Names, result.Last["pruners"]!.AsArray().Select(row => (string)row!["pruner"]!));
        var none = Row(result, "none");
        Assert.Equal((1, 1, 0, 32 * 16), ((double)none["share"]!, (double)none["best_chosen"]!, (double)none["regret"]!, (double)none["makespan"]!));
        // Rungs 1 and 4 of 16 steps: 32 x 1 + 8 x 3 + 2 x 12 of 512 steps, whatever the order; the ranking never changes.
        var halving = Row(result, "successive_halving");
        Assert.Equal((80 / 512.0, 80 / 512.0, 1, 0), ((double)halving["share_low"]!, (double)halving["share_high"]!, (double)halving["best_chosen"]!, (double)halving["regret"]!));
        Assert.Equal([1, 4], halving["rungs"]!.AsArray().Select(rung => (int)rung!["at"]!));
        Assert.Contains("32 trials with full curves of 16 steps, 16 of them evaluated", result.Error, StringComparison.Ordinal);
        Assert.Matches(@"successive_halving +15\.6 % +15\.6-15\.6 % +100 % +0 +80", result.Error);
    }

    [Fact]
    public void An_exported_folder_replays_as_the_store_does_and_leaves_nothing_behind()
    {
        Fill(trials: 12);
        string[] replay = ["--pruner", "median", "--pruner", "asha_stopping", "--slots", "3", "--eta", "3", "--json"];
        var stored = _cli.Run(["replay", "rates", .. replay]);
        using var elsewhere = new CommandLine();
        var folder = Path.Combine(elsewhere.Runs, "copy");
        Assert.Equal(0, _cli.Run("export", "rates", "--output", folder).Code);
        var exported = elsewhere.Run(["replay", folder, .. replay]);
        Assert.Equal(stored.Out, exported.Out);
        Assert.Equal([folder], Directory.GetFileSystemEntries(elsewhere.Runs));
        Assert.Equal(["median", "asha_stopping"], stored.Last["pruners"]!.AsArray().Select(row => (string)row!["pruner"]!));
    }

    [Fact]
    public void Trials_without_a_full_curve_are_named_and_left_out()
    {
        FilledSweep.Write(_cli.Runs, "rates", FilledSweep.Search(12), Rank, run => run.Run.Trial is 3 or 5);
        var result = _cli.Run("replay", "rates", "--pruner", "none", "--json");
        Assert.Equal((0, 10), (result.Code, (int)result.Last["trials"]!));
        Assert.Contains("Left out, without a full curve: 3, 5 (failed).", result.Error, StringComparison.Ordinal);
        Assert.Equal([3, 5], result.Last["left_out"]!.AsArray().Select(trial => (int)trial!["trial"]!));
    }

    [Fact]
    public void A_rung_between_evaluated_steps_is_said_to_decide_at_the_next_one()
    {
        FilledSweep.Write(_cli.Runs, "rates", FilledSweep.Search(20), Rank, every: 4);
        var result = _cli.Run("replay", "rates", "--pruner", "asha_stopping", "--eta", "2", "--least", "1");
        Assert.Contains("asha_stopping decides at the next evaluated step where its rung was not evaluated: 1, 2 at 4.", result.Out, StringComparison.Ordinal);
        var beyond = _cli.Run("replay", "rates", "--pruner", "asha_stopping", "--least", "13");
        Assert.Contains("nothing was evaluated between the rung 13 and the end", beyond.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Few_orders_and_a_sweep_that_was_pruned_itself_are_warned_about()
    {
        FilledSweep.Write(_cli.Runs, "rates", FilledSweep.Search(20, "median"), Rank);
        var result = _cli.Run("replay", "rates", "--orders", "49", "--pruner", "none");
        Assert.Equal(0, result.Code);
        Assert.Contains("49 orders of arrival say little", result.Error, StringComparison.Ordinal);
        Assert.Contains("rates was itself pruned (median)", result.Error, StringComparison.Ordinal);
        Assert.Contains("(pruned)", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pruner_that_so_few_trials_cannot_have_is_left_out_of_all_and_refused_by_name()
    {
        Fill(trials: 5);
        var all = _cli.Run("replay", "rates", "--json");
        Assert.Equal(0, all.Code);
        Assert.Contains("needs at least 16 trials", (string)Row(all, "successive_halving")["left_out"]!, StringComparison.Ordinal);
        Assert.Contains("successive_halving was left out.", all.Error, StringComparison.Ordinal);
        var named = _cli.Run("replay", "rates", "--pruner", "successive_halving");
        Assert.Equal(2, named.Code);
        Assert.Contains("needs at least 16 trials", named.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_replayed_is_said_with_the_reason()
    {
        FilledSweep.Write(_cli.Runs, "broken", FilledSweep.Search(3), Rank, _ => true);
        FilledSweep.Write(_cli.Runs, "arms", FilledSweep.Search(0) with { Trials = 0, Arms = [new AblationArm("slow", "Slower.", Studies.SearchSpaces.Configuration.Parse("learning_rate=0.01"))], Space = new([]) }, Rank);
        foreach (var (arguments, says) in new (string[], string)[]
        {
            (["broken"], "No trial of broken has a full curve of validation_error, so there is nothing to replay: 0, 1, 2 (failed)."),
            (["arms"], "arms is an ablation"),
            (["brokn"], "Sweeps, nearest first: broken"),
            ([Path.Combine(_cli.Runs, "no", "such")], "is no export of a sweep"),
            (["broken", "--pruner", "medain"], "There is no pruner 'medain'. Valid pruners, nearest first: median"),
            (["broken", "--orders", "0"], "--orders takes a number in the range 1 .. 100000; it was 0."),
            (["broken", "--slots", "0"], "--slots takes a number in the range 1 .. 1024; it was 0."),
            (["broken", "--eta", "1"], "--eta takes a number in the range 2 .. 1000000; it was 1."),
        })
        {
            var result = _cli.Run(["replay", .. arguments]);
            Assert.Equal(2, result.Code);
            Assert.Contains(says, result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_help_has_examples()
    {
        var help = _cli.Bare("replay", "--help");
        Assert.Equal(0, help.Code);
        Assert.Contains("./repro replay last", help.Out, StringComparison.Ordinal);
        Assert.Contains("--orders", help.Out, StringComparison.Ordinal);
    }

    private void Fill(int trials) => FilledSweep.Write(_cli.Runs, "rates", FilledSweep.Search(trials), Rank);

    /// <summary>Errors that fall alike in all trials, so that their ranking never changes: trial 0 is the best.</summary>
    private static double Rank(Assignment run, long step) => run.Run.Trial + (1.0 / step);

    private static JsonObject Row(CommandResult result, string pruner) => result.Last["pruners"]!.AsArray().Single(row => (string)row!["pruner"]! == pruner)!.AsObject();
}
