
namespace Repro.Cli.Tests.Verbs.Sweeps;

public sealed class DryRunTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_declared_study_is_shown_with_trial_0_its_promise_and_its_cost()
    {
        _cli.Run("run", "net", "--profile", "sweep");
        var result = _cli.Run("sweep", "net/learning-rate", "--dry-run", "--slots", "2");
        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Contains("learning_rate   log:0.001..1  scientific  0.1", result.Out, StringComparison.Ordinal);
        Assert.Contains("    0  profile quick  0.1", result.Out, StringComparison.Ordinal);
        Assert.Contains("... and 2 more.", result.Out, StringComparison.Ordinal);
        var words = Words(result.Out);
        Assert.StartsWith("net/learning-rate: Which rate is best? Profile sweep; minimize validation_error; sampler random; pruner none; 1 run a configuration; seed 0. hyperparameter", words, StringComparison.Ordinal);
        Assert.Contains("12 trials, 12 runs. 59 random configurations have a 95 % chance that one is among the best 5 % of all; 11 have 43 %.", words, StringComparison.Ordinal);
        // The fake's steps take a second each by its own account: 6 rounds of 4 seconds.
        Assert.Contains("Cost: 12 runs of 4 steps on 2 slots: about 0:24; 1 s a step, as net-sweep-", words, StringComparison.Ordinal);
    }

    [Fact]
    public void With_json_all_of_it_is_one_object()
    {
        _cli.Run("run", "net", "--profile", "sweep");
        var lines = _cli.Run("sweep", "net/learning-rate", "--dry-run", "--json", "--seed", "7", "--pruner", "asha_stopping").Lines;
        var plan = Assert.Single(lines);
        Assert.Equal(("planned", true, "net/learning-rate", 12, 7, 59), ((string)plan["status"]!, (bool)plan["dry_run"]!, (string)plan["study"]!, (int)plan["trials"]!, (int)plan["seed"]!, (int)plan["trials_for_target"]!));
        Assert.Equal(["paper", "sampler"], plan["first"]!.AsArray().Take(2).Select(trial => (string)trial!["from"]!));
        Assert.Equal(0.1, (double)plan["first"]![0]!["options"]!["learning_rate"]!);
        Assert.Equal((48.0, true, 1.0), ((double)plan["cost"]!["seconds"]!, (bool)plan["cost"]!["upper_bound"]!, (double)plan["cost"]!["seconds_per_step"]!));
        Assert.Equal([1], plan["rungs"]!.AsArray().Select(rung => (int)rung!));
        Assert.Contains("pruner: {name: asha_stopping, least: 1, most: 4}", (string)plan["text"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_seeds_show_equal_trials_and_other_seeds_others()
    {
        string First(string seed) => _cli.Run("sweep", "net/learning-rate", "--dry-run", "--json", "--seed", seed).Last["first"]!.ToJsonString();
        Assert.Equal(First("1"), First("1"));
        Assert.NotEqual(First("1"), First("2"));
    }

    [Fact]
    public void Without_a_run_of_the_setting_the_time_is_not_known_and_how_to_measure_it_is_said()
    {
        _cli.Run("run", "net", "--profile", "sweep", "--set", "steps=5");
        var result = _cli.Run("sweep", "net", "--vary", "learning_rate=log:1e-3..1", "--set", "checkpoint_every=3", "--dry-run");
        Assert.Contains("Measure one: ./repro run net --profile sweep --set checkpoint_every=3", Words(result.Out), StringComparison.Ordinal);
        Assert.Null(_cli.Run("sweep", "net", "--vary", "learning_rate=log:1e-3..1", "--dry-run", "--json").Last["cost"]!["seconds"]);
    }

    [Fact]
    public void The_time_is_estimated_from_a_sweep_of_the_setting_too()
    {
        _cli.Run("sweep", "net/learning-rate", "--trials", "2", "--in-process");
        var cost = _cli.Run("sweep", "net/learning-rate", "--trials", "9", "--dry-run", "--json").Last["cost"]!;
        Assert.StartsWith("net-learning-rate/", (string)cost["measured_by"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ablation_shows_its_arms_and_which_number_of_pairs_can_decide()
    {
        var result = _cli.Run("ablate", "net/rates", "--dry-run");
        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Contains("baseline  none", result.Out, StringComparison.Ordinal);
        Assert.Contains("slow      learning_rate=0.01  A tenth of Table 1's rate.", result.Out, StringComparison.Ordinal);
        var plan = _cli.Run("ablate", "net/rates", "--dry-run", "--json", "--seeds", "6").Last;
        Assert.Equal((7, false, 18, 6), ((int)plan["pairs_needed"]!, (bool)plan["can_decide"]!, (int)plan["cost"]!["runs"]!, (int)plan["seeds"]!));
        Assert.Contains("6 pairs cannot decide anything", (string)plan["warnings"]![0]!, StringComparison.Ordinal);
        Assert.StartsWith("Under Holm's correction over 2 arms a sign-flip test can reach 0.05 from 7 pairs on: 6 pairs cannot decide anything", _cli.Run("ablate", "net/rates", "--dry-run", "--seeds", "6").Error, StringComparison.Ordinal);
        Assert.Equal(["baseline", "slow", "fast"], plan["first"]!.AsArray().Select(trial => (string)trial!["arm"]!));
    }

    [Theory]
    [InlineData("fast", "baseline", "fast")]
    [InlineData("s*", "baseline", "slow")]
    [InlineData("fast,slow", "baseline", "slow", "fast")]
    [InlineData("*", "baseline", "slow", "fast")]
    public void Chosen_arms_are_compared_in_the_order_of_the_ablation(string chosen, params string[] arms) =>
        Assert.Equal(arms, _cli.Run("ablate", "net/rates", "--arms", chosen, "--dry-run", "--json").Last["first"]!.AsArray().Select(trial => (string)trial!["arm"]!));

    [Fact]
    public void A_study_that_depends_on_results_shows_only_what_does_not()
    {
        var result = _cli.Run("sweep", "net/learning-rate", "--sampler", "tpe", "--trials", "100", "--dry-run");
        Assert.Contains("... and 90 more, which depend on the results.", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_of_a_plan_is_a_study_s_file_with_the_same_trials()
    {
        var plan = _cli.Run("sweep", "net/learning-rate", "--set", "steps=3", "--dry-run", "--json").Last;
        var file = Path.Combine(_cli.Runs, "study.yaml");
        File.WriteAllText(file, (string)plan["text"]!);
        var again = _cli.Run("sweep", file, "--dry-run", "--json").Last;
        Assert.Equal(((string)plan["text"]!, plan["first"]!.ToJsonString()), ((string)again["text"]!, again["first"]!.ToJsonString()));
    }

    [Fact]
    public void Help_has_examples()
    {
        Assert.Contains("./repro sweep resnet/learning-rate --dry-run", _cli.Bare("sweep", "--help").Out, StringComparison.Ordinal);
        Assert.Contains("./repro ablate resnet/shortcuts --seeds 8", _cli.Bare("ablate", "--help").Out, StringComparison.Ordinal);
    }

    // Lines are broken where the screen ends.
    private static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
