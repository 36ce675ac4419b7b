using Repro.Studies.Runs;
using Repro.Training;

namespace Repro.Cli.Tests.Verbs;

public sealed class RunFolderTroubleTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_whose_folder_is_taken_away_says_so_and_claims_to_keep_nothing(bool writes)
    {
        using var cli = new CommandLine { Change = parts => parts with { Train = (_, _, context, sink, _, _) => LoseFolder(context, sink, writes) } };
        var result = cli.Run("run", "net", "--json");
        Assert.Equal((1, "failed"), (result.Code, (string)result.Last["status"]!));
        Assert.Contains("was moved or deleted while the run wrote into it", (string)result.Last["failure"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("Kept", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Unexpected error", result.Error, StringComparison.Ordinal);
        Assert.Null(result.Last["resume"]);
    }

    [Fact]
    public void A_report_for_which_there_is_no_room_costs_nothing_but_itself_and_the_result_says_why()
    {
        // What File.WriteAllText throws on a full disk: no error number of the operating system.
        var full = new IOException("Failed to create 'figures/a.svg' with allocation size '9000' because the disk was full.");
        using var cli = new CommandLine { Change = parts => parts with { Renderer = () => throw full } };
        var result = cli.Run("run", "net", "--json");
        Assert.Equal((0, "completed"), (result.Code, (string)result.Last["status"]!));
        Assert.Null(result.Last["report"]);
        Assert.StartsWith("no space is left on the device", (string)result.Last["report_failure"]!, StringComparison.Ordinal);
        Assert.Contains($"once that is mended: ./repro report {(string)result.Last["run"]!} --runs {cli.Runs}", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Unexpected error", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_only_the_report_is_missing_going_on_says_how_to_make_it()
    {
        using var cli = new CommandLine();
        var run = (string)cli.Run("run", "net", "--no-report", "--json").Last["run"]!;
        var result = cli.Run("run", "net", "--resume");
        Assert.Equal(2, result.Code);
        Assert.Contains($"The run {run} is completed; what it lacks is its report (./repro report {run} --runs {cli.Runs}).", result.Error, StringComparison.Ordinal);
        cli.Run("report", run);
        Assert.Contains($"The run {run} is completed. Start one", cli.Run("run", "net", "--resume").Error, StringComparison.Ordinal);
    }

    private static RunOutcome LoseFolder(RunContext context, IRunSink sink, bool writes)
    {
        sink.Metric(new MetricPoint("train_loss", 1, 0.5, 1));
        Directory.Delete(Path.GetDirectoryName(context.Folder)!, recursive: true);
        if (writes) File.WriteAllText(Path.Combine(context.Folder, "step-1.safetensors"), "a checkpoint");
        return new RunOutcome(RunState.Completed, 1, new Dictionary<string, double>(), null, 0);
    }
}
