using System.Text.Json.Nodes;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Formats;
using Repro.Studies.Runs;

namespace Repro.Results.Tests.Runs;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void What_was_written_is_read_back()
    {
        var request = Samples.Request();
        using (var folder = RunFolder.Create(_runs.Path, request))
        {
            folder.StartAttempt(Samples.Environment(), null, "a difference");
            folder.Data([new DataSetUsed("cifar-10", "id", "order", 60_000)]);
            folder.Metric(Samples.Point(2, 1.5));
            folder.Metric(Samples.Point(1, 2.5));
            folder.Metric(Samples.Point(1, 0.5, "train_error"));
            Samples.Checkpoint(folder, 2);
            folder.Message("A sentence, with \"quotes\" and ümlauts.");
            folder.End(Samples.Completed(2, ("test_error", 0.0875), ("test_loss", double.NaN)));
        }
        var run = RunFolderReader.Read(_runs.File(request.Id));
        Assert.Equal((request.Id, "net", "smoke", ulong.MaxValue, request.Command, Samples.Day), (run.Id, run.Experiment, run.Profile, run.Seed, run.Command, run.Created));
        Assert.Equal(request.Options, run.Options);
        Assert.Equal((RunState.Completed, null, 0.02), (run.State, run.Failure, run.WaitingShare));
        Assert.Equal([Samples.Point(1, 0.5, "train_error"), Samples.Point(1, 2.5), Samples.Point(2, 1.5)], run.Metrics);
        Assert.Equal(0.0875, run.Scores["test_error"]);
        Assert.Equal(double.NaN, run.Scores["test_loss"]);
        Assert.Equal(["A sentence, with \"quotes\" and ümlauts."], run.Messages);
        var attempt = Assert.Single(run.Attempts);
        Assert.Equal((1, null, true), (attempt.Number, attempt.ResumedFrom, attempt.SameConditions));
        var file = Path.Combine(run.Folder, "attempt-1", "step-000000002.safetensors");
        Assert.Equal(
            new RecordedCheckpoint(2, "attempt-1/step-000000002.safetensors", CheckpointFile.Verify(file), new FileInfo(file).Length), Assert.Single(attempt.Checkpoints));
        Assert.Equal(new DataSetUsed("cifar-10", "id", "order", 60_000), Assert.Single(attempt.Environment.DataSets));
        Assert.Equal("0.49.1", attempt.Environment.Packages["Spectre.Console"]);
        Assert.Equal(1 << 20, attempt.Environment.PeakMemoryBytes);
        Assert.Equal("a difference", File.ReadAllText(_runs.File($"{request.Id}/attempt-1/dirty.diff")));
    }

    [Fact]
    public void Values_that_JSON_has_no_number_for_stand_in_a_field_of_their_own()
    {
        using var folder = Started();
        foreach (var (step, value) in (ReadOnlySpan<(long, double)>)[(1, double.NaN), (2, double.PositiveInfinity), (3, double.NegativeInfinity), (4, 1.0 / 3)])
            folder.Metric(Samples.Point(step, value));
        var lines = File.ReadAllLines(Path.Combine(folder.Path, "metrics.jsonl")).Select(l => JsonNode.Parse(l)!.AsObject()).ToList();
        Assert.Equal(["NaN", "Infinity", "-Infinity", null], lines.Select(l => (string?)l["value_non_finite"]));
        Assert.Equal([false, false, false, true], lines.Select(l => l.ContainsKey("value")));
        Assert.Equal([double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1.0 / 3], folder.Read().Metrics.Select(m => m.Value));
    }

    [Fact]
    public void Going_on_drops_the_metrics_after_the_checkpoint_and_doubles_none_of_its_step()
    {
        string path;
        using (var folder = Started())
        {
            path = folder.Path;
            for (var step = 1; step <= 7; step++) folder.Metric(Samples.Point(step, step));
            folder.Metric(Samples.Point(5, 0.5, "validation_error"));
            Samples.Checkpoint(folder, 5);
        }
        using (var folder = RunFolder.Open(path))
        {
            folder.StartAttempt(Samples.Environment(), resumedFrom: 5);
            folder.Metric(Samples.Point(5, 0.5, "validation_error"));
            for (var step = 6; step <= 8; step++) folder.Metric(Samples.Point(step, step));
            folder.End(Samples.Completed(8));
        }
        Assert.Equal(9, File.ReadAllLines(Path.Combine(path, "metrics.jsonl")).Length);
        Assert.Equal(
            [(1, "train_loss"), (2, "train_loss"), (3, "train_loss"), (4, "train_loss"), (5, "train_loss"), (5, "validation_error"), (6, "train_loss"), (7, "train_loss"), (8, "train_loss")],
            RunFolderReader.Read(path).Metrics.Select(m => ((int)m.Step, m.Name)));
    }

    [Fact]
    public void Who_is_refused_learns_which_process_holds_the_run_and_never_a_dead_one()
    {
        using var folder = Started();
        Assert.Contains(
            $"is being written by another process (process {Environment.ProcessId} on {Environment.MachineName}).",
            Assert.Throws<BadInputException>(() => RunFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
        // As where the holder has not signed yet: the file names the one before it, which is gone. No process has this number.
        Overwrite(Path.Combine(folder.Path, "lock"), $"{int.MaxValue} {Environment.MachineName}");
        Assert.Contains("is being written by another process. Wait", Assert.Throws<BadInputException>(() => RunFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Beginning_anew_drops_all_metrics()
    {
        using var folder = Started();
        folder.Metric(Samples.Point(1, 1));
        folder.StartAttempt(Samples.Environment(), resumedFrom: null);
        Assert.Equal(2, folder.Attempt);
        Assert.Empty(folder.Read().Metrics);
    }

    [Fact]
    public void Going_on_under_other_conditions_is_labelled_with_what_differs()
    {
        using var folder = Started();
        Samples.Checkpoint(folder, 3);
        folder.StartAttempt(Samples.Environment(threads: 4), resumedFrom: 3);
        var run = folder.Read();
        Assert.Equal([true, false], run.Attempts.Select(a => a.SameConditions));
        Assert.Equal(["threads 2 -> 4"], run.Attempts[1].Differences);
    }

    [Fact]
    public void Going_on_under_equal_conditions_is_not_labelled()
    {
        using var folder = Started();
        Samples.Checkpoint(folder, 3);
        folder.StartAttempt(Samples.Environment(), resumedFrom: 3);
        Assert.True(folder.Read().Attempts[1].SameConditions);
        Assert.Empty(folder.Read().Attempts[1].Differences);
    }

    [Fact]
    public void Conditions_are_compared_with_those_of_the_attempt_that_wrote_the_checkpoint()
    {
        using var folder = Started();
        Samples.Checkpoint(folder, 3);
        folder.StartAttempt(Samples.Environment(threads: 4), resumedFrom: 3);
        folder.StartAttempt(Samples.Environment(), resumedFrom: 3);
        Assert.Equal([true, false, true], folder.Read().Attempts.Select(a => a.SameConditions));
    }

    [Fact]
    public void A_second_writer_is_refused_by_name_of_the_first()
    {
        using var folder = Started();
        var error = Assert.Throws<Studies.BadInputException>(() => RunFolder.Open(folder.Path));
        Assert.Contains($"process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_can_be_written_again_once_its_writer_is_gone()
    {
        string path;
        using (var folder = Started()) path = folder.Path;
        using var again = RunFolder.Open(path);
        Assert.Equal(1, again.Attempt);
    }

    [Fact]
    public void A_run_is_running_while_its_writer_lives_and_failed_once_that_died_without_a_word()
    {
        string path;
        using (var folder = Started())
        {
            path = folder.Path;
            Samples.Checkpoint(folder, 4);
            Assert.Equal(RunState.Running, RunFolderReader.Read(path).State);
        }
        var run = RunFolderReader.Read(path);
        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains("last checkpoint is of step 4", run.Failure!, StringComparison.Ordinal);
    }

    [Fact]
    public void The_events_of_a_late_writer_do_not_count()
    {
        using var folder = Started();
        folder.StartAttempt(Samples.Environment(), resumedFrom: null);
        File.AppendAllText(
            Path.Combine(folder.Path, "events.jsonl"),
            """{"event":"checkpoint","time":"2026-07-14T10:00:00Z","attempt":1,"step":9,"file":"attempt-1/x","sha256":"0","bytes":1}""" + "\n"
            + """{"event":"completed","time":"2026-07-14T10:00:00Z","attempt":1,"step":9,"scores":{"test_error":0},"waiting_share":0,"peak_memory_bytes":1}""" + "\n");
        var run = folder.Read();
        Assert.Equal(RunState.Running, run.State);
        Assert.Empty(run.Scores);
        Assert.All(run.Attempts, attempt => Assert.Empty(attempt.Checkpoints));
    }

    [Fact]
    public void Recorded_checkpoints_come_newest_first_and_only_where_their_files_are_there()
    {
        using var folder = Started();
        Samples.Checkpoint(folder, 1);
        var gone = Samples.Checkpoint(folder, 2);
        Samples.Checkpoint(folder, 3);
        File.WriteAllText(Path.Combine(folder.AttemptFolder, "step-000000009.safetensors"), "recorded by no event");
        folder.StartAttempt(Samples.Environment(), resumedFrom: 3);
        Samples.Checkpoint(folder, 4);
        File.Delete(gone);
        Assert.Equal([4, 3, 1], RunFolderReader.Checkpoints(folder.Read()).Select(c => c.Step));
    }

    [Fact]
    public void Training_time_is_that_of_the_newest_metric()
    {
        using var folder = Started();
        folder.Metric(Samples.Point(10, 1));
        Assert.Equal(TimeSpan.FromSeconds(5), folder.Read().Trained);
    }

    [Fact]
    public void A_run_of_a_newer_program_is_refused_with_what_to_do()
    {
        string path;
        using (var folder = Started()) path = folder.Path;
        var file = Path.Combine(path, "run.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"format\": 1", "\"format\": 2", StringComparison.Ordinal));
        var error = Assert.Throws<Studies.BadInputException>(() => RunFolderReader.Read(path));
        Assert.Contains("format 2", error.Message, StringComparison.Ordinal);
        Assert.Contains("newer version", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_run_json_is_no_run() =>
        Assert.Contains("is no run folder", Assert.Throws<Studies.BadInputException>(() => RunFolder.Open(_runs.Path)).Message, StringComparison.Ordinal);

    private RunFolder Started()
    {
        var folder = RunFolder.Create(_runs.Path, Samples.Request());
        folder.StartAttempt(Samples.Environment(), resumedFrom: null);
        return folder;
    }

    // .NET opens no file that is locked; a shell does.
    private static void Overwrite(string file, string text)
    {
        using var shell = System.Diagnostics.Process.Start("sh", ["-c", "printf %s \"$0\" > \"$1\"", text, file])!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}
