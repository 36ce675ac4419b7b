using System.Text.Json.Nodes;

namespace Repro.Cli.Tests.Verbs;

public sealed class CheckVerbTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Each_check_has_name_value_expected_and_verdict()
    {
        var result = _cli.Run("check", "net", "--json");
        Assert.Equal(0, result.Code);
        Assert.Equal("passed", (string)result.Last["status"]!);
        var checks = result.Last["checks"]!.AsArray();
        Assert.Equal(["loss-at-init", "overfit-batch", "augmented-batch", "no-leak"], checks.Select(c => (string)c!["name"]!));
        Assert.Equal(["passed", "passed", "look", "not_applicable"], checks.Select(c => (string)c!["verdict"]!));
        Assert.Equal((2.3, "2.303 +- 0.05"), ((double)checks[0]!["value"]!, (string)checks[0]!["expected"]!));
        Assert.Equal("NaN", (string)checks[2]!["value_non_finite"]!);
        Assert.Equal(4, result.Lines.Count(l => (string?)l["event"] == "check"));
    }

    [Fact]
    public void A_failed_check_ends_with_1_and_says_what_usually_causes_it()
    {
        var result = _cli.Run("check", "net", "--set", "learning_rate=5");
        Assert.Equal(1, result.Code);
        Assert.Contains("FAILED  overfit-batch", result.Out, StringComparison.Ordinal);
        Assert.Contains("The rate is too high.", result.Out, StringComparison.Ordinal);
        Assert.Contains("1 passed, 1 failed (overfit-batch), 1 for you to judge by its picture, 1 not applicable.", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_are_written_into_the_folder_that_is_named()
    {
        var folder = Path.Combine(_cli.Runs, "pictures");
        var result = _cli.Run("check", "net", "--output", folder, "--json");
        Assert.Equal([Path.Combine(folder, "batch.png")], result.Last["checks"]![2]!["figures"]!.AsArray().Select(f => (string)f!));
        Assert.True(File.Exists(Path.Combine(folder, "batch.png")));
    }

    [Fact]
    public void Pictures_have_a_folder_of_their_own_where_none_is_named()
    {
        var result = _cli.Run("check", "net");
        var folder = Path.Combine(_cli.Runs, "checks", "net-quick");
        Assert.True(File.Exists(Path.Combine(folder, "batch.png")));
        Assert.Contains("look    augmented-batch        judge for yourself: batch.png\n        What does the network see? Look at it.\n", result.Out, StringComparison.Ordinal);
        Assert.EndsWith($"Pictures: {folder}\n", result.Out, StringComparison.Ordinal);
        Assert.Empty(_cli.Bare("list", "--runs", _cli.Runs, "--json").Last["runs"]!.AsArray());
    }

    [Fact]
    public void Each_check_says_what_it_asks_what_was_measured_and_what_it_must_be() =>
        Assert.Contains("passed  loss-at-init           measured 2.3, must be 2.303 +- 0.05\n        Is the first loss as declared? It is.\n", _cli.Run("check", "net").Out, StringComparison.Ordinal);

    [Fact]
    public void A_picture_that_cannot_be_drawn_fails_no_check()
    {
        using var cli = new CommandLine { Change = parts => parts with { Renderer = () => new Fakes.RefusingRenderer() } };
        var result = cli.Run("check", "net", "--output", cli.Runs, "--json");
        Assert.Equal((0, "passed"), (result.Code, (string)result.Last["status"]!));
        Assert.Contains("gnuplot is not installed", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void One_check_can_be_run_alone() =>
        Assert.Equal("loss-at-init", (string)Assert.Single(_cli.Run("check", "net", "--only", "loss-at-init", "--json").Last["checks"]!.AsArray())!["name"]!);
}
