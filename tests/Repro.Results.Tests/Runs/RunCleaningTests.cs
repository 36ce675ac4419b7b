using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Results.Tests.Runs;

public sealed class RunCleaningTests : IDisposable
{
    private readonly TemporaryFolder _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void A_finished_run_keeps_its_last_checkpoint()
    {
        var path = Run(folder => folder.End(Samples.Completed(3)));
        Assert.Equal(["attempt-1/step-000000001.safetensors", "attempt-1/step-000000002.safetensors"], Freed(path));
        Assert.Equal([3], RunFolderReader.Checkpoints(RunFolderReader.Read(path)).Select(c => c.Step));
    }

    [Fact]
    public void An_unfinished_run_keeps_its_newest_two() =>
        Assert.Equal(["attempt-1/step-000000001.safetensors"], Freed(Run(folder => folder.End(Samples.Paused(3)))));

    [Fact]
    public void A_run_whose_process_died_keeps_its_newest_two() => Assert.Equal(["attempt-1/step-000000001.safetensors"], Freed(Run(_ => { })));

    [Fact]
    public void A_finished_run_whose_last_checkpoint_is_damaged_keeps_the_last_whole_one()
    {
        var path = Run(folder =>
        {
            Damage(folder, 3);
            folder.End(Samples.Completed(3));
        });
        Assert.Equal(["attempt-1/step-000000001.safetensors", "attempt-1/step-000000003.safetensors"], Freed(path));
        Assert.Equal([2], RunFolderReader.Checkpoints(RunFolderReader.Read(path)).Select(c => c.Step));
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(2, 3)]
    public void Of_two_checkpoints_of_an_unfinished_run_a_damaged_one_goes_and_the_whole_one_stays(long damaged, long whole)
    {
        var path = Run(folder =>
        {
            File.Delete(Path.Combine(folder.AttemptFolder, "step-000000001.safetensors"));
            Damage(folder, damaged);
            folder.End(Samples.Paused(3));
        });
        Assert.Equal("a damaged checkpoint", Assert.Single(RunCleaning.Freeable(RunFolderReader.Read(path))).Reason);
        Assert.Equal([$"attempt-1/step-{damaged:000000000}.safetensors"], Freed(path));
        Assert.Equal([whole], RunFolderReader.Checkpoints(RunFolderReader.Read(path)).Select(c => c.Step));
        Assert.Empty(Freed(path));
    }

    [Fact]
    public void Of_two_checkpoints_of_an_unfinished_run_that_are_both_damaged_none_goes() => Assert.Empty(Freed(Run(folder =>
    {
        File.Delete(Path.Combine(folder.AttemptFolder, "step-000000001.safetensors"));
        for (var step = 2; step <= 3; step++) Damage(folder, step);
        folder.End(Samples.Paused(3));
    })));

    [Fact]
    public void Where_no_checkpoint_is_whole_none_is_freed() => Assert.Empty(Freed(Run(folder =>
    {
        for (var step = 1; step <= 3; step++) Damage(folder, step);
        folder.End(Samples.Completed(3));
    })));

    [Fact]
    public void A_whole_checkpoint_that_is_not_the_recorded_one_does_not_count()
    {
        var path = Run(folder =>
        {
            File.Copy(Path.Combine(folder.AttemptFolder, "step-000000001.safetensors"), Path.Combine(folder.AttemptFolder, "step-000000003.safetensors"), overwrite: true);
            folder.End(Samples.Completed(3));
        });
        Freed(path);
        Assert.Equal([2], RunFolderReader.Checkpoints(RunFolderReader.Read(path)).Select(c => c.Step));
    }

    [Fact]
    public void What_a_killed_writer_left_is_freed_and_a_persons_files_stay()
    {
        string[] left = ["attempt-1/step-000000004.safetensors", "attempt-1/step-000000005.safetensors.partial", "report.md.1.partial", "figures/loss.png.1.partial", "checks/batch.png.1.partial"];
        string[] own = ["attempt-1/dirty.diff", "attempt-1/notes.md", "attempt-1/step-3-looks-odd.txt", "attempt-1/best.safetensors", "figures/mine.png", "notes.txt"];
        var path = Run(folder =>
        {
            foreach (var file in left.Concat(own))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder.Path, file))!);
                File.WriteAllText(Path.Combine(folder.Path, file), "text");
            }
            folder.End(Samples.Paused(3));
        });
        Assert.Equal(left.Append("attempt-1/step-000000001.safetensors").Order(StringComparer.Ordinal), Freed(path).Order(StringComparer.Ordinal));
        Assert.All(own, file => Assert.True(File.Exists(Path.Combine(path, file)), file));
    }

    [Fact]
    public void Checkpoints_are_counted_over_all_attempts()
    {
        var path = Run(folder =>
        {
            folder.StartAttempt(Samples.Environment(), resumedFrom: 3);
            Samples.Checkpoint(folder, 4);
            folder.End(Samples.Completed(4));
        });
        Freed(path);
        Assert.Equal([4], RunFolderReader.Checkpoints(RunFolderReader.Read(path)).Select(c => c.Step));
    }

    [Fact]
    public void Metrics_events_and_predictions_stay()
    {
        var path = Run(folder =>
        {
            StoredPredictions.Write(folder, new StoredPredictions("test", 3, [0], [1], ["a", "b"], [-1, -0.5f]));
            folder.End(Samples.Completed(3));
        });
        Freed(path);
        Assert.Equal(["events.jsonl", "lock", "metrics.jsonl", "predictions-test.safetensors", "run.json"], Directory.GetFiles(path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_run_in_use_gives_nothing_and_cannot_be_freed() => Run(folder =>
    {
        Assert.Empty(RunCleaning.Freeable(folder.Read()));
        Assert.Throws<BadInputException>(() => RunCleaning.Free(folder.Path, Unexpected));
    });

    [Fact]
    public void Damaged_checkpoints_are_named_also_where_they_stay_because_none_is_whole()
    {
        var path = Run(folder =>
        {
            for (var step = 1; step <= 2; step++) Damage(folder, step);
            File.Copy(Path.Combine(folder.AttemptFolder, "step-000000001.safetensors"), Path.Combine(folder.AttemptFolder, "step-000000003.safetensors"), overwrite: true);
            folder.End(Samples.Completed(3));
        });
        Assert.Equal(["step-000000003.safetensors", "step-000000002.safetensors", "step-000000001.safetensors"], RunCleaning.Damaged(RunFolderReader.Read(path)).Select(Path.GetFileName));
        Assert.Empty(RunCleaning.Damaged(RunFolderReader.Read(Run(folder => folder.End(Samples.Completed(3)), second: 2))));
    }

    private static void Unexpected(FreeableFile file, Exception error) => Assert.Fail($"{file.File}: {error.Message}");

    private string Run(Action<RunFolder> then, int second = 1)
    {
        using var folder = RunFolder.Create(_runs.Path, Samples.Request(second: second));
        folder.StartAttempt(Samples.Environment(), null);
        folder.Metric(Samples.Point(1, 1));
        for (var step = 1; step <= 3; step++) Samples.Checkpoint(folder, step);
        then(folder);
        return folder.Path;
    }

    private static void Damage(RunFolder folder, long step)
    {
        var file = Path.Combine(folder.AttemptFolder, $"step-{step:000000000}.safetensors");
        var bytes = File.ReadAllBytes(file);
        bytes[^33] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    private static List<string> Freed(string path)
    {
        var shown = RunCleaning.Freeable(RunFolderReader.Read(path));
        Assert.Equal(shown, RunCleaning.Free(path, Unexpected));
        Assert.All(shown, file => Assert.False(File.Exists(file.File)));
        return shown.Select(f => Path.GetRelativePath(path, f.File)).ToList();
    }
}
