using Repro.Results.Runs;

namespace Repro.Cli.Tests.Verbs;

public sealed class ListAndCleanTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Experiments_are_listed_with_their_profiles()
    {
        var result = _cli.Bare("list", "--json");
        Assert.Equal(["net", "forest"], result.Last["experiments"]!.AsArray().Select(e => (string)e!["name"]!));
        Assert.Equal(["smoke", "quick", "sweep", "paper", "tested"], result.Last["experiments"]![0]!["profiles"]!.AsArray().Select(p => (string)p!["name"]!));
    }

    [Fact]
    public void One_experiment_is_described_and_a_mistyped_one_suggested()
    {
        Assert.Contains("A hundred steps.", _cli.Bare("list", "net").Out, StringComparison.Ordinal);
        Assert.Contains("net/learning-rate  Which rate is best?", _cli.Bare("list", "net").Out, StringComparison.Ordinal);
        Assert.Contains("net/rates  Does the rate matter? Arms: slow, fast.", _cli.Bare("list", "net").Out, StringComparison.Ordinal);
        Assert.Equal("net/rates", (string)_cli.Bare("list", "net", "--json").Last["ablations"]![0]!["name"]!);
        Assert.DoesNotContain("ablation", _cli.Bare("list", "forest").Out, StringComparison.Ordinal);
        var result = _cli.Bare("list", "fores");
        Assert.Equal(2, result.Code);
        Assert.Contains("nearest first: forest, net", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_are_listed_newest_first_with_state_and_scores_also_where_one_is_corrupt()
    {
        _cli.Run("run", "net");
        _cli.Run("run", "net", "--set", "fault=diverge");
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_cli.Runs, "net-quick-20200101-000000-abcd")).FullName, "run.json"), "{");
        var runs = _cli.Bare("list", "--runs", _cli.Runs, "--json").Last["runs"]!.AsArray();
        Assert.Equal(["corrupt"], runs.Skip(2).Select(r => (string)r!["status"]!));
        Assert.Equal(["completed", "failed"], runs.Take(2).Select(r => (string)r!["status"]!).Order(StringComparer.Ordinal));
        Assert.All(runs.Take(2), run => Assert.True((long)run!["step"]! > 0));
    }

    [Fact]
    public void A_line_a_run_has_its_whole_id_and_the_score_that_it_is_judged_by()
    {
        _cli.Run("run", "net");
        var run = RunFolderReader.Read(Directory.GetDirectories(_cli.Runs)[0]);
        var line = Assert.Single(_cli.Bare("list", "--runs", _cli.Runs).Out.Split('\n'), line => line.StartsWith(run.Id, StringComparison.Ordinal));
        Assert.Contains("  completed  ", line, StringComparison.Ordinal);
        Assert.Matches("  test_error [0-9.]+ %$", line);
    }

    [Fact]
    public void The_runs_of_one_experiment_are_listed_where_it_is_named_before()
    {
        _cli.Run("run", "net");
        _cli.Run("run", "forest");
        Assert.StartsWith("forest-", (string)Assert.Single(_cli.Bare("list", "forest", "--runs", _cli.Runs, "--json").Last["runs"]!.AsArray())!["run"]!, StringComparison.Ordinal);
        var result = _cli.Bare("list", "--runs", "forest");
        Assert.Equal(2, result.Code);
        Assert.Contains("./repro list forest --runs", result.Error, StringComparison.Ordinal);
        Assert.Equal(2, _cli.Bare("list", "forrest", "--runs", _cli.Runs).Code);
    }

    [Fact]
    public void Cleaning_only_shows_until_it_is_told_to_free()
    {
        _cli.Run("run", "net");
        var before = Directory.GetFiles(_cli.Runs, "*", SearchOption.AllDirectories);
        var shown = _cli.Run("clean", "--json");
        Assert.Equal((0, "shown", 2), (shown.Code, (string)shown.Last["status"]!, shown.Last["files"]!.AsArray().Count));
        Assert.Equal(before, Directory.GetFiles(_cli.Runs, "*", SearchOption.AllDirectories));
        var freed = _cli.Run("clean", "--yes", "--json");
        Assert.Equal(("freed", (long)shown.Last["bytes"]!), ((string)freed.Last["status"]!, (long)freed.Last["bytes"]!));
        Assert.Equal(before.Length - 2, Directory.GetFiles(_cli.Runs, "*", SearchOption.AllDirectories).Length);
        Assert.Equal([6], RunFolderReader.Checkpoints(RunFolderReader.Read(Directory.GetDirectories(_cli.Runs)[0])).Select(c => c.Step));
        Assert.Equal(0, (long)_cli.Run("clean", "--json").Last["bytes"]!);
    }

    [Fact]
    public void A_dry_run_frees_nothing_even_with_yes()
    {
        _cli.Run("run", "net");
        Assert.Equal("shown", (string)_cli.Run("clean", "--yes", "--dry-run", "--json").Last["status"]!);
    }

    [Fact]
    public void What_could_go_and_cannot_be_freed_is_named_with_the_reason_and_fails()
    {
        _cli.Run("run", "net");
        var run = Directory.GetDirectories(_cli.Runs)[0];
        // A folder in the place of the lock: refuses root too, as a read-only file system does.
        File.Delete(Path.Combine(run, "lock"));
        Directory.CreateDirectory(Path.Combine(run, "lock"));
        var result = _cli.Run("clean", "--yes", "--json");
        Assert.Equal((1, 2, 0L), (result.Code, result.Last["not_freed"]!.AsArray().Count, (long)result.Last["bytes"]!));
        Assert.Contains("step-000000002.safetensors", result.Error, StringComparison.Ordinal);
        Assert.Contains("permission denied", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing to free", _cli.Run("clean", "--yes").Out, StringComparison.Ordinal);
        foreach (var file in result.Last["not_freed"]!.AsArray()) File.Delete((string)file!);
        Assert.Equal(0, _cli.Run("clean", "--yes").Code);
    }

    [Fact]
    public void A_checkpoint_that_is_not_the_recorded_one_is_called_damaged()
    {
        _cli.Run("run", "net");
        Assert.Equal(0, _cli.Run("clean", "--yes").Code);
        var kept = Assert.Single(RunFolderReader.Checkpoints(RunFolderReader.Read(Directory.GetDirectories(_cli.Runs)[0]))).File;
        File.WriteAllText(kept, "torn");
        var result = _cli.Run("clean", "--json");
        Assert.Equal(kept, (string)Assert.Single(result.Last["damaged"]!.AsArray())!);
        Assert.Contains("step-000000006.safetensors is damaged; it is not what the run recorded, and nothing can go on from it.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_does_not_exist_cannot_be_cleaned()
    {
        _cli.Run("run", "net");
        Assert.Equal(2, _cli.Run("clean", "nothing").Code);
    }

    [Fact]
    public void A_run_that_was_killed_before_it_began_is_listed_and_freed_with_its_folder()
    {
        var killed = Directory.CreateDirectory(Path.Combine(_cli.Runs, "net-quick-20200101-000000-abcd")).FullName;
        File.WriteAllText(Path.Combine(killed, "lock"), "1 nowhere");
        File.WriteAllText(Path.Combine(killed, "run.json.tmp"), "{");
        var mine = Directory.CreateDirectory(Path.Combine(_cli.Runs, "notes")).FullName;
        File.WriteAllText(Path.Combine(mine, "lock"), "");
        File.WriteAllText(Path.Combine(mine, "a thought"), "");
        var shown = _cli.Run("clean", "--json");
        Assert.Equal([killed, killed], shown.Last["files"]!.AsArray().Select(f => Path.GetDirectoryName((string)f!["file"]!)));
        Assert.True(Directory.Exists(killed));
        Assert.Equal(2, _cli.Run("clean", "--yes", "--json").Last["files"]!.AsArray().Count);
        Assert.Equal([mine], Directory.GetDirectories(_cli.Runs));
    }
}
