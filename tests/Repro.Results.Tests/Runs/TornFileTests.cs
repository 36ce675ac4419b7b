using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Results.Tests.Runs;

/// <summary>What a crash or a bad disk leaves of the files of a run.</summary>
public sealed class TornFileTests : IDisposable
{
    private readonly TemporaryFolder _runs = new();
    private readonly string _path;

    public TornFileTests()
    {
        using var folder = RunFolder.Create(_runs.Path, Samples.Request());
        _path = folder.Path;
        folder.StartAttempt(Samples.Environment(), null);
        for (var step = 1; step <= 20; step++) folder.Metric(Samples.Point(step, 1.0 / step));
        Samples.Checkpoint(folder, 20);
        folder.End(Samples.Paused(20));
    }

    private string Metrics => Path.Combine(_path, "metrics.jsonl");

    private string Events => Path.Combine(_path, "events.jsonl");

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void Cut_at_any_byte_the_metrics_read_as_their_whole_lines()
    {
        var bytes = File.ReadAllBytes(Metrics);
        for (var length = 0; length <= bytes.Length; length++)
        {
            File.WriteAllBytes(Metrics, bytes[..length]);
            Assert.Equal(bytes.AsSpan(0, length).Count((byte)'\n'), RunFolderReader.Read(_path).Metrics.Count);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    public void Events_that_lost_the_attempt_of_a_checkpoint_are_corrupt_and_nothing_is_freed(int bytes)
    {
        File.WriteAllBytes(Events, File.ReadAllBytes(Events)[..bytes]);
        var error = Assert.Throws<BadInputException>(() => RunFolderReader.Read(_path));
        Assert.Contains($"{Events} knows no attempt-1, which has checkpoints", error.Message, StringComparison.Ordinal);
        Assert.Throws<BadInputException>(() => RunCleaning.Free(_path, (_, error) => throw error));
        Assert.Single(Directory.GetFiles(Path.Combine(_path, "attempt-1"), "*.safetensors"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Events_that_lost_any_one_line_read_or_are_refused_in_words(int lost)
    {
        var lines = File.ReadAllLines(Events);
        Assert.Equal(3, lines.Length);
        File.WriteAllLines(Events, lines.Where((_, index) => index != lost));
        if (lost == 0) Assert.Contains("comes before the first 'started'", Assert.Throws<BadInputException>(() => RunFolderReader.Read(_path)).Message, StringComparison.Ordinal);
        else Assert.Equal(20, RunFolderReader.Read(_path).Metrics.Count);
    }

    [Fact]
    public void Events_that_lost_everything_before_a_checkpoint_read_as_a_run_that_never_began()
    {
        File.WriteAllText(Events, "");
        foreach (var file in Directory.GetFiles(Path.Combine(_path, "attempt-1"))) File.Delete(file);
        Assert.Equal(Studies.Runs.RunState.Planned, RunFolderReader.Read(_path).State);
    }

    [Fact]
    public void A_run_json_without_its_fields_is_named_in_words()
    {
        File.WriteAllText(Path.Combine(_path, "run.json"), "null");
        Assert.Contains("is corrupt (a field is missing).", Assert.Throws<BadInputException>(() => RunFolderReader.Read(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_cannot_be_opened_is_an_error_of_the_disk()
    {
        File.Delete(Events);
        Directory.CreateDirectory(Events);
        Assert.Contains(Events, Assert.Throws<StorageException>(() => RunFolder.Open(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_at_any_byte_the_events_can_be_read_and_written_again()
    {
        var bytes = File.ReadAllBytes(Events);
        for (var length = Array.IndexOf(bytes, (byte)'\n') + 1; length <= bytes.Length; length += 7)
        {
            File.WriteAllBytes(Events, bytes[..length]);
            var before = RunFolderReader.Read(_path).Attempts.Count;
            using (var folder = RunFolder.Open(_path)) folder.StartAttempt(Samples.Environment(), null);
            Assert.Equal(before + 1, RunFolderReader.Read(_path).Attempts.Count);
        }
    }

    [Fact]
    public void Zeros_that_a_power_cut_left_at_the_end_are_dropped()
    {
        File.AppendAllText(Metrics, new string('\0', 9000));
        Assert.Equal(20, RunFolderReader.Read(_path).Metrics.Count);
        using (var folder = RunFolder.Open(_path))
        {
            folder.StartAttempt(Samples.Environment(), resumedFrom: 20);
            folder.Metric(Samples.Point(21, 0.5));
        }
        Assert.Equal(21, RunFolderReader.Read(_path).Metrics.Count);
        Assert.DoesNotContain((byte)0, File.ReadAllBytes(Metrics));
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("[1,2]")]
    [InlineData("{\"step\":3}")]
    [InlineData("{\"step\":\"three\",\"name\":\"x\",\"value\":1,\"seconds\":0}")]
    [InlineData("{\"step\":3,\"name\":\"x\",\"value_non_finite\":\"huge\",\"seconds\":0}")]
    public void A_corrupt_line_of_metrics_is_named(string line)
    {
        var lines = File.ReadAllLines(Metrics);
        lines[4] = line;
        File.WriteAllText(Metrics, string.Join('\n', lines) + "\n");
        var error = Assert.Throws<BadInputException>(() => RunFolderReader.Read(_path));
        Assert.Contains($"Line 5 of {Metrics}", error.Message, StringComparison.Ordinal);
        Assert.Contains("corrupt", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("{\"event\":\"started\"}")]
    [InlineData("{\"event\":\"checkpoint\",\"time\":\"2026-07-14T10:00:00Z\",\"attempt\":1}")]
    [InlineData("{\"event\":\"message\",\"time\":\"yesterday\",\"attempt\":1,\"text\":\"x\"}")]
    public void A_corrupt_event_is_named(string line)
    {
        var lines = File.ReadAllLines(Events);
        lines[1] = line;
        File.WriteAllText(Events, string.Join('\n', lines) + "\n");
        var error = Assert.Throws<BadInputException>(() => RunFolderReader.Read(_path));
        Assert.Contains($"Line 2 of {Events}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"format\":1}")]
    public void A_corrupt_run_json_is_named(string content)
    {
        var file = Path.Combine(_path, "run.json");
        File.WriteAllText(file, content);
        Assert.Contains($"{file} is corrupt", Assert.Throws<BadInputException>(() => RunFolderReader.Read(_path)).Message, StringComparison.Ordinal);
        Assert.Contains($"{file} is corrupt", Assert.Throws<BadInputException>(() => RunFolder.Open(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_that_only_a_later_program_knows_is_passed_over()
    {
        File.AppendAllText(Events, """{"event":"leased","time":"2026-07-14T10:00:00Z","attempt":1}""" + "\n");
        Assert.Equal(Studies.Runs.RunState.Paused, RunFolderReader.Read(_path).State);
    }
}
