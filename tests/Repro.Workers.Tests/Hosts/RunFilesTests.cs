using Repro.Results.Objects;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;
using Repro.Workers.Tests.Silos;

namespace Repro.Workers.Tests.Hosts;

/// <summary>What of an attempt's checkpoints is recorded, stays and goes, while the objects go away and come back.</summary>
public sealed class RunFilesTests : IDisposable
{
    private static readonly RunKey Run = new(12, 0);

    private readonly string _folder = Directory.CreateTempSubdirectory("repro-test-").FullName;
    private readonly List<string> _said = [];
    private readonly ThrowingObjects _objects;
    private readonly RunFiles _files;

    public RunFilesTests()
    {
        _objects = new ThrowingObjects(new FolderObjects(Directory.CreateDirectory(Path.Combine(_folder, "objects")).FullName));
        _files = new RunFiles(Path.Combine(_folder, "lr"), Run, 1, new ManualTime(), _said.Add, new CheckpointObjects(_objects, "lr"));
    }

    public void Dispose()
    {
        _files.Dispose();
        _objects.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_could_not_be_shared_waits_here_and_goes_with_the_next_and_both_are_told_once()
    {
        Assert.Equal([2L], await Publish(2));
        _objects.IsAway = true;
        Assert.Empty(await Publish(4));
        Assert.Empty(await Publish(6));
        // Reports of metrics alone ask nothing of a store that is away.
        _objects.IsAway = false;
        Assert.Empty(await Publish());
        Assert.Equal([2L, 6], Here());
        Assert.Equal([6L, 8], await Publish(8));
        Assert.Equal([10L], await Publish(10));
        Assert.Equal(
            [
                "The checkpoint of step 4 is not recorded, because other machines could not go on from it. The share is not mounted. It waits on this machine, and is sent again with the next one; the run trains on.",
                "Checkpoints reach the other machines again: that of step 8 is there.",
            ], _said);
        Assert.Equal([2L, 6, 8, 10], Shared());
    }

    [Fact]
    public async Task What_waits_is_sent_at_the_end()
    {
        _objects.IsAway = true;
        Assert.Empty(await Publish(2));
        _objects.IsAway = false;
        Assert.Equal([2L], await Publish(ends: true));
        _files.Close(RunState.Paused, []);
        Assert.Equal([2L], Here());
        Assert.StartsWith("Checkpoints reach the other machines again", _said[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RunState.Paused)]
    [InlineData(RunState.Planned)]
    [InlineData(RunState.Pruned)]
    [InlineData(null)]
    public async Task What_nobody_can_record_any_more_goes(RunState? state)
    {
        _objects.IsAway = true;
        await Publish(2);
        Assert.Empty(await Publish(4, ends: true));
        Assert.Equal([4L], Here());
        _files.Close(state, []);
        Assert.Empty(Here());
        Assert.Equal(state is RunState.Paused or RunState.Planned, _said[^1] == "The newest checkpoint, of step 4, could not be brought to the other machines, and was never recorded. The share is not mounted. The run can go on from its beginning.");
        _objects.IsAway = false;
        Assert.Empty(await Publish(ends: true));
    }

    [Fact]
    public async Task One_that_another_process_cut_off_while_it_waited_is_never_recorded()
    {
        _objects.IsAway = true;
        await Publish(2);
        File.WriteAllText(FileOf(2), "cut");
        _objects.IsAway = false;
        Assert.Equal([4L], await Publish(4));
        Assert.Equal([4L], Here());
        Assert.Equal([4L], Shared());
    }

    [Fact]
    public async Task Under_what_it_ran_travels_with_the_first_checkpoint_and_all_that_it_left_at_its_end()
    {
        File.WriteAllText(Path.Combine(_files.AttemptFolder, "environment.json"), "begun");
        await Publish(2);
        Assert.Equal("begun", File.ReadAllText(Sent("environment.json")));
        File.WriteAllText(Path.Combine(_files.AttemptFolder, "environment.json"), "ended");
        File.WriteAllText(Path.Combine(_files.AttemptFolder, "predictions-validation.safetensors"), "predicted");
        File.WriteAllText(Path.Combine(_files.AttemptFolder, "samples-test.json"), "drawn and written");
        _files.Log("the last word");
        await _files.ShareRecords();
        Assert.Equal("ended", File.ReadAllText(Sent("environment.json")));
        Assert.Equal("predicted", File.ReadAllText(Sent("predictions-validation.safetensors")));
        Assert.Equal("drawn and written", File.ReadAllText(Sent("samples-test.json")));
        Assert.Contains("the last word", File.ReadAllText(Sent("log.txt")), StringComparison.Ordinal);
        Assert.Empty(_said);

        // The silo that goes on has what the checkpoint's attempt ran under beside the checkpoint.
        using var next = new RunFiles(Path.Combine(_folder, "there"), Run, 2, new ManualTime(), _said.Add, new CheckpointObjects(_objects, "lr"));
        await next.Fetch([Recorded(2)]);
        Assert.Equal("ended", File.ReadAllText(Path.Combine(_folder, "there", "12-0", "attempt-1", "environment.json")));
    }

    [Fact]
    public async Task Records_that_could_not_be_shared_cost_a_sentence()
    {
        File.WriteAllText(Path.Combine(_files.AttemptFolder, "environment.json"), "{}");
        _objects.IsAway = true;
        await _files.ShareRecords();
        Assert.Equal(["What attempt 1 ran under stays on this machine alone; reports elsewhere lack it. The share is not mounted."], _said);
    }

    private string Sent(string name) => Path.Combine(_folder, "objects", "sweeps", "lr", "12-0", "attempt-1", name);

    private CheckpointRecorded Recorded(int step)
    {
        var content = File.ReadAllBytes(FileOf(step));
        return new CheckpointRecorded(Run, 1, step, Path.GetRelativePath(Path.Combine(_folder, "lr"), FileOf(step)), Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)), content.Length) { At = default };
    }

    private Task<List<long>> Publish(bool ends = false) => Publish(null, ends);

    private async Task<List<long>> Publish(int? step, bool ends = false)
    {
        List<CheckpointMessage> written = [];
        if (step is { } at)
        {
            var training = FakeTraining.Begin(7);
            while (training.Step < at) training.Advance();
            var (digest, bytes) = training.Save(FileOf(at));
            written.Add(new CheckpointMessage(at, FileOf(at), digest, bytes));
        }
        return (await _files.Publish(written, ends)).Select(recorded => recorded.Step).ToList();
    }

    private string FileOf(long step) => Path.Combine(_files.AttemptFolder, $"step-{step:000000000}.safetensors");

    private IEnumerable<long> Here() => Steps(_files.AttemptFolder);

    private IEnumerable<long> Shared() => Steps(Path.Combine(_folder, "objects", "sweeps", "lr", "12-0", "attempt-1"));

    private static IEnumerable<long> Steps(string folder) => Directory.GetFiles(folder, "step-*.safetensors").Select(file => long.Parse(Path.GetFileName(file)[5..14], System.Globalization.CultureInfo.InvariantCulture)).Order();
}
