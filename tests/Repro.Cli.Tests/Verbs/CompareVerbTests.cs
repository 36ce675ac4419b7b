using System.Text.Json.Nodes;
using Repro.Cli.Tests.Fakes;
using Repro.Results.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Tests.Verbs;

public sealed class CompareVerbTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void The_same_run_twice_differs_in_nothing_and_ends_with_0_even_where_differences_end_with_1()
    {
        var (first, second) = (Run("--seed", "6"), Run("--seed", "6"));
        var result = _cli.Run("compare", first, second, "--exit-code");
        Assert.Equal((0, ""), (result.Code, result.Error));
        foreach (var part in (string[])["Options: nothing differs", "Code: nothing differs", "Environment: nothing differs", "Outcome: nothing differs.", "They end with the same bits: 2 final metrics and 6 measured values are equal."])
            Assert.Contains(part, result.Out, StringComparison.Ordinal);
        Assert.False((bool)_cli.Run("compare", first, second, "--json").Last["differ"]!);
    }

    [Fact]
    public void Another_seed_is_said_and_ends_with_1_on_demand_only()
    {
        var (first, second) = (Run("--seed", "6"), Run("--seed", "7", "--set", "steps=8"));
        Assert.Equal(0, _cli.Run("compare", first, second).Code);
        Assert.Equal(1, _cli.Run("compare", first, second, "--exit-code").Code);
        Assert.Equal(0, _cli.Run("compare", first, second, "--exit-code", "--only", "code", "--only", "environment").Code);
        Assert.Equal(1, _cli.Run("compare", first, second, "--exit-code", "--only", "outcome").Code);
        var result = _cli.Run("compare", first, second, "--json").Last;
        Assert.Equal([("seed", "6", "7"), ("steps", "6", "8")], result["options"]!["differences"]!.AsArray().Select(d => ((string)d!["fact"]!, (string)d["a"]!, (string)d["b"]!)));
        Assert.Equal(("train_loss", 1), ((string)result["outcome"]!["curves"]!["first"]!["metric"]!, (int)result["outcome"]!["curves"]!["first"]!["step"]!));
        // An infinite loss has a place of its own, and no difference.
        var loss = result["outcome"]!["metrics"]!.AsArray().Single(metric => (string)metric!["metric"]! == "test_loss")!;
        Assert.Equal(("Infinity", null), ((string)loss["a_non_finite"]!, loss["difference"]));
        Assert.Contains("n = 1", string.Join(' ', result["outcome"]!["conclusions"]!.AsArray().Select(text => (string)text!)), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_parts_that_were_asked_for_are_shown()
    {
        var result = _cli.Run("compare", Run(), Run(), "--only", "options", "--json");
        Assert.NotNull(result.Last["options"]);
        Assert.Null(result.Last["outcome"]);
        var unknown = _cli.Run("compare", "last", "last", "--only", "option");
        Assert.Equal(2, unknown.Code);
        Assert.StartsWith("--only takes a part of a comparison; there is no 'option'. Valid parts, nearest first: options, ", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_and_its_export_end_with_the_same_bits_trial_by_trial()
    {
        Fill("rates");
        var folder = Export("rates");
        var result = _cli.Run("compare", "rates", folder, "--exit-code");
        Assert.Equal(0, result.Code);
        Assert.Contains("12 of 12 trials with equal options and seed end with the same bits, and so are their whole", result.Out, StringComparison.Ordinal);
        Assert.Contains("Of neither is it known here", result.Out, StringComparison.Ordinal);
        var runs = _cli.Run("compare", "rates/3", Path.Combine(folder, "3-0"), "--json").Last;
        Assert.Equal(("run", "rates/3-0", "rates/3-0", false), ((string)runs["a"]!["kind"]!, (string)runs["a"]!["name"]!, (string)runs["b"]!["name"]!, (bool)runs["differ"]!));
    }

    [Fact]
    public void Confirmed_choices_are_compared_in_pairs_of_seeds_and_test_is_read_on_demand_only()
    {
        Fill("rates");
        Fill("others", 2);
        var early = _cli.Run("compare", "rates", "others", "--test");
        Assert.Equal(2, early.Code);
        Assert.Contains("Test is sealed", early.Error, StringComparison.Ordinal);
        foreach (var (sweep, more) in new[] { ("rates", 0), ("others", 2) }) FilledSweep.Confirm(_cli.Runs, sweep, FilledSweep.Search(12), 3, (run, step) => Value(run, step) + more);
        var without = Means();
        Assert.Equal([("validation_error", 3, true, 2.0)], without.Select(each => ((string)each!["metric"]!, (int)each["n_a"]!, (bool)each["paired"]!, Math.Round((double)each["difference"]!, 9))));
        Assert.Equal(0, Readings("rates") + Readings("others"));
        Assert.Equal(["validation_error", "test_error"], Means("--test").Select(each => (string)each!["metric"]!));
        Assert.Equal((1, 1), (Readings("rates"), Readings("others")));

        var refused = _cli.Run("compare", "rates", Export("others"), "--test");
        Assert.Equal(2, refused.Code);
        Assert.Contains("readings of test are not counted", refused.Error, StringComparison.Ordinal);
        Assert.Equal(1, Readings("rates"));

        JsonArray Means(params string[] options) => _cli.Run(["compare", "rates", "others", "--json", .. options]).Last["outcome"]!["means"]!.AsArray();
        int Readings(string sweep) => (int)_cli.Run("status", sweep, "--json").Last["test_readings"]!;
    }

    [Fact]
    public void The_test_scores_of_a_confirmations_run_stay_sealed_too()
    {
        Fill("rates");
        FilledSweep.Confirm(_cli.Runs, "rates", FilledSweep.Search(12), 2, Value);
        Assert.DoesNotContain("test_error", _cli.Run("compare", "rates/12-0", "rates/12-1", "--json").Out, StringComparison.Ordinal);
        Assert.Contains("test_error", _cli.Run("compare", "rates/12-0", "rates/12-1", "--json", "--test").Out, StringComparison.Ordinal);
        Assert.True((int)_cli.Run("status", "rates", "--json").Last["test_readings"]! > 0);
        Assert.Contains("--test is for sweeps", _cli.Run("compare", "rates/0", "rates/1", "--test").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_is_not_compared_with_a_sweep_but_with_a_run_of_it()
    {
        var run = Run();
        Fill("rates");
        var result = _cli.Run("compare", "rates", run);
        Assert.Equal((2, $"{run} is a run and rates is a sweep: two of a kind are compared. One run of the sweep is named rates/0: ./repro compare {run} rates/0\n"), (result.Code, result.Error));
        Assert.Equal(0, _cli.Run("compare", run, "rates/0").Code);
    }

    [Fact]
    public void A_name_of_neither_lists_both()
    {
        Run();
        Fill("rates");
        var result = _cli.Run("compare", "last", "other");
        Assert.Equal(2, result.Code);
        Assert.Contains("There is no run 'other'", result.Error, StringComparison.Ordinal);
        Assert.Contains("There is no sweep 'other'", result.Error, StringComparison.Ordinal);
        Assert.Contains("has no run 99-0", _cli.Run("compare", "rates/0", "rates/99").Error, StringComparison.Ordinal);
    }

    private string Run(params string[] options)
    {
        Assert.Equal(0, _cli.Run(["run", "net", .. options]).Code);
        return new RunsFolder(_cli.Runs).Ids()[0];
    }

    private void Fill(string sweep, double more = 0) => FilledSweep.Write(_cli.Runs, sweep, FilledSweep.Search(12), (run, step) => Value(run, step) + more);

    private string Export(string sweep)
    {
        var folder = Path.Combine(_cli.Runs, $"{sweep}-exported");
        Assert.Equal(0, _cli.Run("export", sweep, "--output", folder).Code);
        return folder;
    }

    private static double Value(Assignment run, long step) => 10 + run.Run.Trial + run.Run.Index + (1.0 / step);
}
