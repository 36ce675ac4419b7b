using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Runs;

namespace Repro.Results.Tests.Runs;

public sealed class RunsFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RunsFolder _runs;

    public RunsFolderTests() => _runs = new RunsFolder(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_id_names_experiment_profile_and_the_time_in_UTC() =>
        Assert.Matches("^net-smoke-20260714-093012-[0-9a-f]{4}$", RunId.Create("net", "smoke", Samples.Day.ToOffset(TimeSpan.FromHours(9))));

    [Fact]
    public void Runs_are_listed_newest_first_whatever_their_names()
    {
        var old = Make("zebra", second: 1);
        var young = Make("ant", second: 3);
        var middle = Make("net", second: 2);
        Directory.CreateDirectory(_folder.File("no-run"));
        Assert.Equal([young, middle, old], _runs.Ids());
    }

    [Fact]
    public void A_run_is_found_by_id_beginning_path_and_last()
    {
        var net = Make("net", second: 1);
        var ant = Make("ant", second: 2);
        Assert.Equal(_runs.FolderOf(net), _runs.Find(net));
        Assert.Equal(_runs.FolderOf(net), _runs.Find("net"));
        Assert.Equal(_runs.FolderOf(net), _runs.Find("NET-smo"));
        Assert.Equal(_runs.FolderOf(net), _runs.Find(_runs.FolderOf(net)));
        Assert.Equal(_runs.FolderOf(ant), _runs.Find("last"));
    }

    [Fact]
    public void A_beginning_of_several_ids_lists_them()
    {
        var (first, second) = (Make("net", second: 1), Make("net", second: 2));
        var error = Assert.Throws<BadInputException>(() => _runs.Find("net-smoke"));
        Assert.Contains("2 runs", error.Message, StringComparison.Ordinal);
        Assert.Contains(first, error.Message, StringComparison.Ordinal);
        Assert.Contains(second, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_id_lists_the_runs_there_are()
    {
        var id = Make("net");
        Assert.Contains(id, Assert.Throws<BadInputException>(() => _runs.Find("nte-smoke")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_there_are_no_runs_the_error_says_how_to_make_one() =>
        Assert.Contains("repro run", Assert.Throws<BadInputException>(() => new RunsFolder(_folder.File("absent")).Find("last")).Message, StringComparison.Ordinal);

    [Fact]
    public void The_newest_unfinished_run_skips_completed_ones_other_experiments_and_those_in_use()
    {
        var wanted = Make("net", second: 1, end: Samples.Paused(3));
        Make("net", second: 2, end: Samples.Completed(9));
        Make("net-large", second: 3, end: Samples.Paused(3));
        using var held = RunFolder.Create(_folder.Path, Samples.Request(second: 4));
        held.StartAttempt(Samples.Environment(), null);
        Assert.Equal(wanted, _runs.NewestUnfinished("net", _ => true, Nothing)!.Id);
        Assert.Null(_runs.NewestUnfinished("net", run => run.Profile == "paper", Nothing));
    }

    [Fact]
    public void A_run_whose_process_died_is_unfinished()
    {
        var id = Make("net");
        var run = _runs.NewestUnfinished("net", _ => true, Nothing)!;
        Assert.Equal((id, RunState.Failed), (run.Id, run.State));
    }

    [Fact]
    public void A_corrupt_run_does_not_keep_an_older_one_from_going_on()
    {
        var wanted = Make("net", second: 1, end: Samples.Paused(3));
        var corrupt = Make("net", second: 2, end: Samples.Paused(3));
        File.WriteAllText(Path.Combine(_runs.FolderOf(corrupt), "events.jsonl"), "{\n");
        var told = new List<BadInputException>();
        Assert.Equal(wanted, _runs.NewestUnfinished("net", _ => true, told.Add)!.Id);
        Assert.Contains(corrupt, Assert.Single(told).Message, StringComparison.Ordinal);
    }

    private static void Nothing(BadInputException leftOut) => Assert.Fail(leftOut.Message);

    private string Make(string experiment, int second = 0, RunEnding? end = null)
    {
        using var folder = RunFolder.Create(_folder.Path, Samples.Request(experiment, second: second));
        folder.StartAttempt(Samples.Environment(), null);
        if (end is not null) folder.End(end);
        return folder.Id;
    }
}
